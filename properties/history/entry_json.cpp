#include "properties/history/entry_json.hpp"

#include "model/wire/lines/messages.hpp"
#include "properties/commands/json_reader.hpp"
#include "properties/history/image_json.hpp"

#include <boost/json.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <memory>
#include <utility>

namespace lockstep::properties {
namespace {

namespace json = boost::json;

constexpr std::uint64_t kMostBlocks = 1u << 20;  // of one write: the judge follows each
constexpr std::size_t kLongestPath = std::size_t{64} * 1024;
constexpr std::array<const char*, 3> kDisturbances = {"Fault", "Repair", "Restart"};

// In the order of the variant.
constexpr std::array<const char*, std::variant_size_v<History::Entry>> kNames = {
    "adopted",  "answered",     "observed",       "disturbed", "quiesced",
    "numbered", "write issued", "write answered", "read"};

// --- messages of the adapter's protocol inside a line

json::value message(const std::string& line) { return json::parse(line); }
json::value inventory_message(const Inventory& inventory) {
  return message(lines::write_answer(0, lines::InventoryCall{}, lines::Seen{inventory, {}}));
}

template <class Told>
Result<Told> told(JsonReader& reader, const char* member, const lines::Call& call,
                  const std::string& where) {
  const json::value* found = reader.require(member);
  if (found == nullptr)
    return config_error(where + "." + member + ": expected a message, found none");
  auto answer = lines::read_answer(json::serialize(*found), {0, call});
  if (!answer) return config_error(where + "." + member + ": " + answer.error().message);
  auto* read = std::get_if<lines::Told>(&answer.value());
  auto* value = read == nullptr ? nullptr : std::get_if<Told>(read);
  if (value == nullptr) {
    return config_error(where + "." + member + ": expected a result, found a failure");
  }
  return std::move(*value);
}

Result<model::SharedInventory> inventory(JsonReader& reader, const char* member,
                                         const std::string& where) {
  LOCKSTEP_TRY(auto seen, told<lines::Seen>(reader, member, lines::InventoryCall{}, where));
  return std::make_shared<const Inventory>(std::move(seen.inventory));
}

// --- small things

json::value window_json(const model::Window& window) {
  return json::array{window.issued.ns, window.answered.ns};
}

Instant instant(JsonReader& reader, const char* member) {
  std::uint64_t ns = 0;
  reader.read(member, ns, std::uint64_t{INT64_MAX});
  return Instant{static_cast<std::int64_t>(ns)};
}

model::Window window(JsonReader& reader) {
  model::Window read;
  const json::value* found = reader.require("window");
  const json::array* pair = found == nullptr ? nullptr : found->if_array();
  if (pair == nullptr || pair->size() != 2 || !(*pair)[0].is_int64() || !(*pair)[1].is_int64()) {
    reader.fail("window", "two moments in nanoseconds",
                found == nullptr ? "none" : excerpt(*found));
    return read;
  }
  read.issued.ns = (*pair)[0].get_int64();
  read.answered.ns = (*pair)[1].get_int64();
  return read;
}

ElementRef element(JsonReader& reader, const char* member) {
  ElementRef ref;
  reader.read(member, ref.path, kLongestPath);
  return ref;
}

// --- one kind of entry each

struct Write {
  using Object = Result<json::object>;

  Object operator()(const History::Adopted& entry) const {
    return json::object{{"inventory", inventory_message(*entry.inventory)}};
  }
  Object operator()(const History::Answered& entry) const {
    Request request = entry.request;
    if (auto* create = std::get_if<CreateReplicaRequest>(&request)) create->password.reset();
    const lines::Call call = lines::InvokeCall{request};
    LOCKSTEP_TRY(const auto asked, lines::write_call({0, call}));
    return json::object{{"window", window_json(entry.window)},
                        {"call", message(asked)},
                        {"answer", message(lines::write_answer(0, call, entry.answer))},
                        {"inventory", inventory_message(*entry.after)}};
  }
  Object operator()(const History::Observed& entry) const {
    return json::object{{"at", entry.at.ns}, {"inventory", inventory_message(*entry.inventory)}};
  }
  Object operator()(const History::Disturbed& entry) const {
    json::object line{{"kind", kDisturbances[static_cast<std::size_t>(entry.kind)]},
                      {"window", window_json(entry.window)}};
    if (entry.relationship) line["relationship"] = entry.relationship->path;
    return line;
  }
  Object operator()(const History::Quiesced& entry) const {
    return json::object{{"at", entry.at.ns}};
  }
  Object operator()(const History::Numbered& entry) const {
    return json::object{{"element", entry.element.path}};
  }
  Object operator()(const History::WriteIssued& entry) const {
    return json::object{
        {"element", entry.element.path}, {"lba", entry.first.value}, {"blocks", entry.count.value},
        {"sequence", entry.sequence},    {"at", entry.at.ns},        {"unmap", entry.unmap}};
  }
  Object operator()(const History::WriteAnswered& entry) const {
    return json::object{{"element", entry.element.path},
                        {"sequence", entry.sequence},
                        {"status", entry.scsi_status},
                        {"at", entry.at.ns},
                        {"raced", entry.raced}};
  }
  Object operator()(const History::Read& entry) const {
    json::array images;
    for (const model::Judge::Image& image : entry.images) {
      images.push_back(json::object{{"element", image.element.path},
                                    {"runs", image_to_json(image.bytes, entry.block_size)}});
    }
    return json::object{{"images", std::move(images)},
                        {"block_size", entry.block_size.bytes},
                        {"window", window_json(entry.window)},
                        {"group", entry.group}};
  }
};

Result<History::Entry> read_answered(JsonReader& reader, const std::string& where) {
  History::Answered entry;
  entry.window = window(reader);
  const json::value* asked = reader.require("call");
  if (asked == nullptr) return config_error(where + ".call: expected a message, found none");
  auto call = lines::read_call(json::serialize(*asked));
  if (const auto* trouble = std::get_if<lines::UnreadableCall>(&call)) {
    return config_error(where + ".call: " + trouble->reason);
  }
  const lines::Call& message = std::get<lines::NumberedCall>(call).call;
  const auto* invoke = std::get_if<lines::InvokeCall>(&message);
  if (invoke == nullptr) return config_error(where + ".call: expected \"invoke\", found another");
  entry.request = invoke->request;
  LOCKSTEP_TRY(entry.answer, told<Answer>(reader, "answer", message, where));
  LOCKSTEP_TRY(entry.after, inventory(reader, "inventory", where));
  return History::Entry(std::move(entry));
}

Result<History::Entry> read_read(JsonReader& reader, const std::string& where) {
  constexpr std::uint32_t kSmallestBlock = 64;  // that holds a stamp
  constexpr std::uint32_t kLargestBlock = 65536;
  History::Read entry;
  reader.read("block_size", entry.block_size.bytes, kLargestBlock);
  if (entry.block_size.bytes < kSmallestBlock || entry.block_size.bytes % 8 != 0) {
    reader.fail("block_size", "a multiple of 8 from 64", std::to_string(entry.block_size.bytes));
  }
  entry.window = window(reader);
  reader.read("group", entry.group);
  const json::value* images = reader.require("images");
  if (images == nullptr || !images->is_array() || reader.failed()) {
    reader.fail("images", "an array", "something else");
    LOCKSTEP_TRY(reader.finish());
    return config_error(where + ".images: expected an array");
  }
  std::size_t room = kMostImageBytes;
  for (const json::value& one : images->get_array()) {
    JsonReader part(one, where + ".images");
    model::Judge::Image image{element(part, "element"), {}};
    if (!part.failed()) image.bytes = image_from_json(part, "runs", entry.block_size);
    if (image.bytes.size() > room) part.fail("runs", "64 MiB in all at most", "more");
    LOCKSTEP_TRY(part.finish());
    room -= image.bytes.size();
    entry.images.push_back(std::move(image));
  }
  return History::Entry(std::move(entry));
}

Result<History::Entry> read_entry(JsonReader& reader, std::size_t kind, const std::string& where) {
  switch (kind) {
    case 0: {
      LOCKSTEP_TRY(auto seen, inventory(reader, "inventory", where));
      return History::Entry(History::Adopted{std::move(seen)});
    }
    case 1:
      return read_answered(reader, where);
    case 2: {
      const Instant at = instant(reader, "at");
      LOCKSTEP_TRY(auto seen, inventory(reader, "inventory", where));
      return History::Entry(History::Observed{std::move(seen), at});
    }
    case 3: {
      History::Disturbed entry;
      std::string name;
      reader.read("kind", name, 16);
      const auto found = std::find(kDisturbances.begin(), kDisturbances.end(), name);
      if (found == kDisturbances.end()) {
        reader.fail("kind", "Fault, Repair or Restart", name);
      } else {
        entry.kind = static_cast<model::Disturbance>(found - kDisturbances.begin());
      }
      entry.window = window(reader);
      if (reader.find("relationship") != nullptr) {
        entry.relationship.emplace();
        reader.read("relationship", entry.relationship->path, kLongestPath);
      }
      return History::Entry(std::move(entry));
    }
    case 4:
      return History::Entry(History::Quiesced{instant(reader, "at")});
    case 5:
      return History::Entry(History::Numbered{element(reader, "element")});
    case 6: {
      History::WriteIssued entry;
      entry.element = element(reader, "element");
      reader.read("lba", entry.first.value, std::uint64_t{INT64_MAX});
      reader.read("blocks", entry.count.value, kMostBlocks);
      reader.read("sequence", entry.sequence, UINT64_MAX);
      entry.at = instant(reader, "at");
      reader.read("unmap", entry.unmap);
      return History::Entry(std::move(entry));
    }
    case 7: {
      History::WriteAnswered entry;
      std::uint64_t status = 0;
      entry.element = element(reader, "element");
      reader.read("sequence", entry.sequence, UINT64_MAX);
      reader.read("status", status, std::uint64_t{UINT8_MAX});
      entry.scsi_status = static_cast<std::uint8_t>(status);
      entry.at = instant(reader, "at");
      reader.read("raced", entry.raced);
      return History::Entry(std::move(entry));
    }
    default:
      return read_read(reader, where);
  }
}

}  // namespace

json::value capabilities_to_json(const Capabilities& capabilities) {
  return message(lines::write_answer(0, lines::CapabilitiesCall{}, capabilities));
}

Result<Capabilities> capabilities_from_json(const json::value& line, const std::string& where) {
  const json::value wrapped = json::object{{"capabilities", line}};
  JsonReader reader(wrapped, where);
  return told<Capabilities>(reader, "capabilities", lines::CapabilitiesCall{}, where);
}

Result<json::object> entry_to_json(const History::Entry& entry) {
  LOCKSTEP_TRY(auto rest, std::visit(Write{}, entry));
  json::object line{{"told", kNames[entry.index()]}};
  for (auto& member : rest) line.insert(member);
  return line;
}

Result<History::Entry> entry_from_json(const json::value& line, const std::string& where) {
  JsonReader reader(line, where);
  std::string name;
  reader.read("told", name, 64);
  const auto kind =
      static_cast<std::size_t>(std::find(kNames.begin(), kNames.end(), name) - kNames.begin());
  if (kind == kNames.size()) reader.fail("told", "what a judge is told, as \"observed\"", name);
  if (reader.failed()) {
    LOCKSTEP_TRY(reader.finish());
  }
  LOCKSTEP_TRY(auto entry, read_entry(reader, kind, where));
  LOCKSTEP_TRY(reader.finish());
  return entry;
}

}  // namespace lockstep::properties
