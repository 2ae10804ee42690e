// Files that a configuration consists of: opened without waiting, read whole, bounded.
#pragma once

#include "model/vocab/error.hpp"
#include "target_impl/transport/file_descriptor.hpp"

#include <cstddef>
#include <optional>
#include <span>
#include <string>

namespace lockstep::target {

// Not blocking: a named pipe must not hold up the start. Not open: errno says why.
[[nodiscard]] transport::FileDescriptor open_small_file(const std::string& path);

// Up to the end of the file or of `into`; how many bytes it were. Nothing: errno says why.
[[nodiscard]] std::optional<std::size_t> read_small_file(const transport::FileDescriptor& file,
                                                         std::span<char> into);

// All of a file of less than `limit_kib`. `what` names it in messages: "--config lockstep.toml".
// Errors: Origin::Config.
[[nodiscard]] Result<std::string> read_small_text(const std::string& path, std::size_t limit_kib,
                                                  const std::string& what);

}  // namespace lockstep::target
