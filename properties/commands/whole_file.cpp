#include "properties/commands/whole_file.hpp"

#include <fmt/format.h>

#include <fstream>
#include <sstream>

namespace lockstep::properties {

Status write_whole_file(const std::filesystem::path& file, const std::string& text,
                        const std::string& what) {
  std::error_code trouble;
  if (file.has_parent_path()) std::filesystem::create_directories(file.parent_path(), trouble);
  const std::filesystem::path temporary = file.string() + ".tmp";
  {
    std::ofstream out(temporary, std::ios::binary | std::ios::trunc);
    out << text;
    out.flush();
    if (!out) {
      return config_error(
          fmt::format("{} {}: expected to be writable, found it is not; "
                      "check the folder and its free space",
                      what, temporary.string()));
    }
  }
  std::filesystem::rename(temporary, file, trouble);
  if (trouble) {
    return config_error(fmt::format("{} {}: expected to be renamed into place, found: {}", what,
                                    file.string(), trouble.message()));
  }
  return ok();
}

Result<std::string> read_whole_file(const std::filesystem::path& file, std::uintmax_t most_bytes,
                                    const std::string& what) {
  std::error_code trouble;
  const std::uintmax_t size = std::filesystem::file_size(file, trouble);
  if (trouble) {
    return config_error(fmt::format("{} {}: expected a readable file, found: {}", what,
                                    file.string(), trouble.message()));
  }
  if (size > most_bytes) {
    return config_error(fmt::format("{} {}: expected at most {} bytes, found {}", what,
                                    file.string(), most_bytes, size));
  }
  std::ifstream in(file, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  if (!in) {
    return config_error(
        fmt::format("{} {}: expected a readable file, found none; check "
                    "its permissions",
                    what, file.string()));
  }
  return text.str();
}

}  // namespace lockstep::properties
