#include "properties/history/image_json.hpp"

#include "model/core/stamp.hpp"

#include <boost/algorithm/hex.hpp>
#include <boost/json/object.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <string>

namespace lockstep::properties {
namespace {

std::string hexadecimal(std::span<const std::byte> block) {
  std::string text;
  const auto* first = reinterpret_cast<const unsigned char*>(block.data());
  boost::algorithm::hex_lower(first, first + block.size(), std::back_inserter(text));
  return text;
}

// One run that grows while blocks go on with it.
struct Run {
  model::BlockContent first;
  std::uint64_t blocks = 0;
  std::string bytes;  // of a foreign block, which is a run of its own

  [[nodiscard]] bool goes_on_with(const model::BlockContent& content) const {
    if (std::holds_alternative<model::Zeros>(content)) return content == first;
    const auto* next = std::get_if<model::Stamp>(&content);
    const auto* stamp = std::get_if<model::Stamp>(&first);
    return next != nullptr && stamp != nullptr && next->volume == stamp->volume &&
           next->sequence == stamp->sequence && next->lba == stamp->lba + blocks;
  }
  [[nodiscard]] boost::json::object json() const {
    if (const auto* stamp = std::get_if<model::Stamp>(&first)) {
      return {{"volume", stamp->volume},
              {"lba", stamp->lba},
              {"sequence", stamp->sequence},
              {"blocks", blocks}};
    }
    if (std::holds_alternative<model::Zeros>(first)) return {{"zeros", blocks}};
    return {{"bytes", bytes}};
  }
};

void append_run(JsonReader& run, BlockSize block_size, std::vector<std::byte>& image) {
  const std::size_t room = (kMostImageBytes - image.size()) / block_size.bytes;
  const std::size_t begin = image.size();
  std::uint64_t blocks = 0;
  if (run.find("zeros") != nullptr) {
    run.read("zeros", blocks, room);
    image.resize(begin + blocks * block_size.bytes);
    return;
  }
  if (run.find("bytes") != nullptr) {
    std::string text;
    run.read("bytes", text, std::size_t{2} * block_size.bytes);
    const bool fits = text.size() == std::size_t{2} * block_size.bytes && room > 0 &&
                      std::all_of(text.begin(), text.end(),
                                  [](unsigned char letter) { return std::isxdigit(letter) != 0; });
    if (!fits) {
      return run.fail("bytes", fmt::format("a block of {} bytes in hexadecimal", block_size.bytes),
                      text.substr(0, 20) + "...");
    }
    image.resize(begin + block_size.bytes);
    boost::algorithm::unhex(text, reinterpret_cast<unsigned char*>(image.data() + begin));
    return;
  }
  model::Stamp stamp;
  run.read("volume", stamp.volume, UINT64_MAX);
  run.read("lba", stamp.lba, UINT64_MAX - room);
  run.read("sequence", stamp.sequence, UINT64_MAX);
  run.read("blocks", blocks, room);
  if (run.failed()) return;
  image.resize(begin + blocks * block_size.bytes);
  for (std::uint64_t i = 0; i < blocks; ++i, ++stamp.lba) {
    model::write_stamp(std::span(image).subspan(begin + i * block_size.bytes, block_size.bytes),
                       stamp);
  }
}

}  // namespace

boost::json::array image_to_json(std::span<const std::byte> bytes, BlockSize block_size) {
  boost::json::array runs;
  Run run;
  for (; bytes.size() >= block_size.bytes; bytes = bytes.subspan(block_size.bytes)) {
    const auto block = bytes.first(block_size.bytes);
    const model::BlockContent content = model::read_stamp(block);
    if (run.blocks > 0 && run.goes_on_with(content)) {
      ++run.blocks;
      continue;
    }
    if (run.blocks > 0) runs.push_back(run.json());
    run = Run{content, 1, {}};
    if (std::holds_alternative<model::Foreign>(content)) run.bytes = hexadecimal(block);
  }
  if (run.blocks > 0) runs.push_back(run.json());
  return runs;
}

std::vector<std::byte> image_from_json(JsonReader& json, const char* member, BlockSize block_size) {
  std::vector<std::byte> image;
  const boost::json::value* list = json.require(member);
  if (list == nullptr) return image;
  if (!list->is_array()) {
    json.fail(member, "an array of runs of blocks", excerpt(*list));
    return image;
  }
  for (const boost::json::value& entry : list->get_array()) {
    JsonReader run(entry, member);
    append_run(run, block_size, image);
    if (const Status read = run.finish(); !read) {
      json.fail(member, "runs of blocks", read.error().message);
      return image;
    }
  }
  return image;
}

}  // namespace lockstep::properties
