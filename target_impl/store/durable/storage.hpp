// The data file and the moment of publication, as the store sees them: the place where tests put a
// disk that tears, reorders and fills up. Offsets and sizes in bytes; results are errno values, 0
// for done.
#pragma once

#include "model/vocab/error.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>

namespace lockstep::store::detail {

class Transaction;

class Storage {
 public:
  virtual ~Storage() = default;
  // All of `out`; beyond the end of the file: EIO.
  [[nodiscard]] virtual int read(std::uint64_t offset, std::span<std::byte> out) noexcept = 0;
  // The pieces one after the other, from `offset` on.
  [[nodiscard]] virtual int write(std::uint64_t offset,
                                  std::span<const std::span<const std::byte>> pieces) noexcept = 0;
  // What was written before is on disk afterwards.
  [[nodiscard]] virtual int sync() noexcept = 0;
  // Later writes of the range cannot fail for want of space. Makes the file longer where needed.
  [[nodiscard]] virtual int allocate(std::uint64_t offset, std::uint64_t bytes) noexcept = 0;
  // Gives the blocks back; a hint.
  virtual void punch(std::uint64_t offset, std::uint64_t bytes) noexcept = 0;
  [[nodiscard]] virtual int publish(Transaction& transaction) noexcept = 0;
};

// Opens or creates. `bytes` gets the size that it has.
[[nodiscard]] Result<std::unique_ptr<Storage>> open_data_file(const std::string& path,
                                                              std::uint64_t& bytes);

}  // namespace lockstep::store::detail
