// Files that are written and read as a whole.
#pragma once

#include "model/vocab/error.hpp"

#include <cstdint>
#include <filesystem>
#include <string>

namespace lockstep::properties {

// To a temporary file that is renamed, so that nobody finds half of it. `what` names the file in
// messages: "saved case". Errors: Origin::Config, naming the path.
[[nodiscard]] Status write_whole_file(const std::filesystem::path& file, const std::string& text,
                                      const std::string& what);
[[nodiscard]] Result<std::string> read_whole_file(const std::filesystem::path& file,
                                                  std::uintmax_t most_bytes,
                                                  const std::string& what);

}  // namespace lockstep::properties
