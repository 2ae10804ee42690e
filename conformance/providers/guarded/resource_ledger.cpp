#include "conformance/providers/guarded/resource_ledger.hpp"

#include <boost/json.hpp>

#include <algorithm>
#include <cerrno>
#include <fcntl.h>
#include <fstream>
#include <string_view>
#include <system_error>
#include <unistd.h>
#include <utility>
#include <vector>

namespace lockstep::conformance {
namespace {

namespace fs = std::filesystem;
namespace json = boost::json;

constexpr std::size_t kLargestLedgerBytes = 256U << 20U;

fs::path file_of(const fs::path& path) {
  return fs::is_directory(path) ? path / kResourceLedgerName : path;
}

Error cannot_write(const fs::path& file, int error) {
  return config_error("cannot write " + file.string() + ": " +
                      std::generic_category().message(error) +
                      "; without it nothing may be made on a provider");
}

template <class T>
json::array paths_of(const std::set<T>& refs) {
  json::array paths;
  for (const T& ref : refs) paths.emplace_back(ref.path);
  return paths;
}

template <class T>
void add_lines(std::string& lines, const char* op, const char* kind, const std::set<T>& refs) {
  for (const T& ref : refs) {
    lines += json::serialize(json::object{{"op", op}, {"kind", kind}, {"path", ref.path}}) + "\n";
  }
}

Result<std::string> whole_text(const fs::path& file) {
  std::ifstream stream(file, std::ios::binary);
  std::error_code failed;
  const auto size = fs::file_size(file, failed);
  if (!stream || failed) {
    return config_error("cannot read " + file.string() +
                        ": expected the folder of a run that made something on an outside "
                        "provider, or its " +
                        kResourceLedgerName);
  }
  if (size > kLargestLedgerBytes) {
    return config_error(file.string() + ": expected at most 256 MiB, found more");
  }
  std::string text(static_cast<std::size_t>(size), '\0');
  stream.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(stream.gcount()));
  return text;
}

// Follows the lines.
class LedgerReader {
 public:
  explicit LedgerReader(std::string name) : name_(std::move(name)) {}

  Result<ResourceState> read(std::string_view text) {
    for (std::size_t begin = 0; begin < text.size();) {
      const std::size_t end = text.find('\n', begin);
      if (end == std::string::npos) break;  // cut off while it was written
      ++line_;
      LOCKSTEP_TRY(take(text.substr(begin, end - begin)));
      begin = end + 1;
    }
    if (state_.header.run_id.empty()) return bad("expected the run first, found nothing");
    return std::move(state_);
  }

 private:
  [[nodiscard]] Error bad(const std::string& what) const {
    return config_error(name_ + ", line " + std::to_string(line_) + ": " + what);
  }

  Result<std::string> text_of(const json::object& line, const char* member) const {
    const json::value* found = line.if_contains(member);
    if (found == nullptr || !found->is_string()) {
      return bad("expected a text as member '" + std::string(member) + "'");
    }
    return std::string(found->get_string().data(), found->get_string().size());
  }

  Status take(std::string_view text) {
    boost::system::error_code failed;
    // References are the provider's own bytes, whatever they are.
    json::parse_options options;
    options.allow_invalid_utf8 = true;
    options.max_depth = 4;
    const json::value value = json::parse(text, failed, {}, options);
    if (failed || !value.is_object()) return bad("expected a JSON object");
    const json::object& line = value.get_object();
    LOCKSTEP_TRY(const auto op, text_of(line, "op"));
    if ((op == "run") != (line_ == 1)) return bad("expected the run first and once");
    if (op == "run") return take_run(line);
    if (op == "before") return take_before(line);
    if (op == "intend" || op == "answered") return take_call(op, line);
    if (op == "made" || op == "gone") return take_object(op == "made", line);
    return bad("unknown op '" + op.substr(0, 40) + "'; use the lockstep that wrote it");
  }

  Status take_run(const json::object& line) {
    ResourceHeader& header = state_.header;
    for (const auto& [member, to] : {std::pair{"run", &header.run_id},
                                     {"prefix", &header.name_prefix},
                                     {"provider", &header.provider_spec},
                                     {"organisation", &header.organisation},
                                     {"product", &header.product}}) {
      LOCKSTEP_TRY(*to, text_of(line, member));
    }
    return ok();
  }

  template <class T>
  Status take_paths(const json::object& line, const char* member, std::set<T>& to) const {
    const json::value* found = line.if_contains(member);
    if (found == nullptr || !found->is_array()) return bad("expected a list of paths");
    for (const json::value& path : found->get_array()) {
      if (!path.is_string()) return bad("expected a list of paths");
      to.insert(T{std::string(path.get_string().data(), path.get_string().size())});
    }
    return ok();
  }

  Status take_before(const json::object& line) {
    LOCKSTEP_TRY(take_paths(line, "elements", state_.before.elements));
    LOCKSTEP_TRY(take_paths(line, "groups", state_.before.groups));
    return take_paths(line, "relationships", state_.before.relationships);
  }

  Status take_call(const std::string& op, const json::object& line) {
    const json::value* number = line.if_contains("n");
    if (number == nullptr || !number->is_int64() || number->get_int64() < 0) {
      return bad("expected a number as member 'n'");
    }
    const auto n = static_cast<std::uint64_t>(number->get_int64());
    state_.last_call = std::max(state_.last_call, n);
    if (op == "answered") {
      state_.unanswered.erase(n);
      return ok();
    }
    LOCKSTEP_TRY(state_.unanswered[n], text_of(line, "call"));
    return ok();
  }

  template <class T>
  static void strike_or_add(bool made, std::set<T>& into, const std::string& path) {
    if (made) {
      into.insert(T{path});
    } else {
      into.erase(T{path});
    }
  }

  Status take_object(bool made, const json::object& line) {
    LOCKSTEP_TRY(const auto kind, text_of(line, "kind"));
    LOCKSTEP_TRY(const auto path, text_of(line, "path"));
    if (kind == "element") {
      strike_or_add(made, state_.made.elements, path);
      state_.names.erase(ElementRef{path});
      if (made && line.contains("name")) {
        LOCKSTEP_TRY(state_.names[ElementRef{path}], text_of(line, "name"));
      }
    } else if (kind == "group") {
      strike_or_add(made, state_.made.groups, path);
    } else if (kind == "relationship") {
      strike_or_add(made, state_.made.relationships, path);
    } else {
      return bad("unknown kind '" + kind.substr(0, 40) + "'");
    }
    return ok();
  }

  std::string name_;
  std::size_t line_ = 0;
  ResourceState state_;
};

}  // namespace

ResourceLedger::ResourceLedger(fs::path file, int descriptor, std::uint64_t next_number)
    : file_(std::move(file)), descriptor_(descriptor), next_number_(next_number) {}

ResourceLedger::~ResourceLedger() { ::close(descriptor_); }

Result<std::unique_ptr<ResourceLedger>> ResourceLedger::create(const fs::path& folder,
                                                               const ResourceHeader& header,
                                                               const ObjectSet& before) {
  const fs::path file = folder / kResourceLedgerName;
  const int descriptor =
      ::open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC, 0644);
  if (descriptor < 0) return cannot_write(file, errno);
  std::unique_ptr<ResourceLedger> ledger(new ResourceLedger(file, descriptor, 1));
  LOCKSTEP_TRY(ledger->append(
      json::serialize(json::object{{"op", "run"},
                                   {"run", header.run_id},
                                   {"prefix", header.name_prefix},
                                   {"provider", header.provider_spec},
                                   {"organisation", header.organisation},
                                   {"product", header.product}}) +
      "\n" +
      json::serialize(json::object{{"op", "before"},
                                   {"elements", paths_of(before.elements)},
                                   {"groups", paths_of(before.groups)},
                                   {"relationships", paths_of(before.relationships)}}) +
      "\n"));
  // The entry in the folder has to survive, too.
  const int folder_descriptor = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (folder_descriptor >= 0) {
    static_cast<void>(::fsync(folder_descriptor));
    ::close(folder_descriptor);
  }
  return ledger;
}

Result<std::unique_ptr<ResourceLedger>> ResourceLedger::reopen(const fs::path& folder) {
  const fs::path file = file_of(folder);
  LOCKSTEP_TRY(const auto text, whole_text(file));
  LOCKSTEP_TRY(const auto state, read_resources(file));
  const int descriptor = ::open(file.c_str(), O_WRONLY | O_APPEND | O_CLOEXEC);
  if (descriptor < 0) return cannot_write(file, errno);
  std::unique_ptr<ResourceLedger> ledger(new ResourceLedger(file, descriptor, state.last_call + 1));
  const std::size_t whole = text.rfind('\n') + 1;
  if (whole != text.size() && ::ftruncate(descriptor, static_cast<off_t>(whole)) != 0) {
    return cannot_write(file, errno);
  }
  return ledger;
}

Status ResourceLedger::append(const std::string& lines, bool to_disk) {
  std::string_view rest = lines;
  while (!rest.empty()) {
    const ssize_t written = ::write(descriptor_, rest.data(), rest.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return cannot_write(file_, errno);
    rest.remove_prefix(static_cast<std::size_t>(written));
  }
  if (to_disk && ::fdatasync(descriptor_) != 0) return cannot_write(file_, errno);
  return ok();
}

Result<std::uint64_t> ResourceLedger::intend(const std::string& call, const std::string& name) {
  const std::lock_guard lock(mutex_);
  const std::uint64_t number = next_number_++;
  json::object line{{"op", "intend"}, {"n", number}, {"call", call}};
  if (!name.empty()) line["name"] = name;
  LOCKSTEP_TRY(append(json::serialize(line) + "\n"));
  return number;
}

Status ResourceLedger::answered(std::uint64_t number) {
  const std::lock_guard lock(mutex_);
  return append(json::serialize(json::object{{"op", "answered"}, {"n", number}}) + "\n", false);
}

Status ResourceLedger::made(const ObjectSet& objects,
                            const std::map<ElementRef, std::string>& names) {
  std::string lines;
  for (const ElementRef& ref : objects.elements) {
    json::object line{{"op", "made"}, {"kind", "element"}, {"path", ref.path}};
    if (const auto name = names.find(ref); name != names.end()) line["name"] = name->second;
    lines += json::serialize(line) + "\n";
  }
  add_lines(lines, "made", "group", objects.groups);
  add_lines(lines, "made", "relationship", objects.relationships);
  if (lines.empty()) return ok();
  const std::lock_guard lock(mutex_);
  return append(lines);
}

Status ResourceLedger::gone(const ObjectSet& objects) {
  std::string lines;
  add_lines(lines, "gone", "element", objects.elements);
  add_lines(lines, "gone", "group", objects.groups);
  add_lines(lines, "gone", "relationship", objects.relationships);
  if (lines.empty()) return ok();
  const std::lock_guard lock(mutex_);
  return append(lines, false);
}

Result<ResourceState> parse_resources(std::string_view text, const std::string& name) {
  return LedgerReader(name).read(text);
}

Result<ResourceState> read_resources(const fs::path& path) {
  const fs::path file = file_of(path);
  LOCKSTEP_TRY(const auto text, whole_text(file));
  return parse_resources(text, file.string());
}

}  // namespace lockstep::conformance
