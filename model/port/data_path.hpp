// DataPath: the bytes of a provider's volumes, by logical block address.
#pragma once

#include "model/vocab/error.hpp"
#include "model/vocab/ids.hpp"
#include "model/vocab/units.hpp"

#include <cstddef>
#include <cstdint>
#include <span>

namespace lockstep {

// What the device said. A refusal (CHECK CONDITION, RESERVATION CONFLICT) is an answer, not an
// Error.
struct DataAnswer {
  std::uint8_t scsi_status = 0;  // 0 GOOD, 2 CHECK CONDITION, 18h RESERVATION CONFLICT
  std::uint8_t sense_key = 0;
  std::uint16_t asc_ascq = 0;
  friend bool operator==(const DataAnswer&, const DataAnswer&) = default;

  [[nodiscard]] bool good() const noexcept { return scsi_status == 0; }
};

struct VolumeGeometry {
  BlockCount blocks;
  BlockSize block_size;
  friend bool operator==(const VolumeGeometry&, const VolumeGeometry&) = default;
};

// Calls block until the device has answered, and may be made from several threads at once; writes
// issued by different threads are in flight together. An element without data access (not mapped to
// any LUN the harness reaches) gives an Error with Origin::Config.
class DataPath {
 public:
  virtual ~DataPath() = default;

  [[nodiscard]] virtual Result<VolumeGeometry> geometry(const ElementRef& element) = 0;

  // `out` and `data` are a whole number of blocks, at least one. After a refusal the contents of
  // `out` are unspecified, and any part of `data` may have been written.
  [[nodiscard]] virtual Result<DataAnswer> read(const ElementRef& element, Lba first,
                                                std::span<std::byte> out) = 0;
  [[nodiscard]] virtual Result<DataAnswer> write(const ElementRef& element, Lba first,
                                                 std::span<const std::byte> data) = 0;
  // UNMAP; reads as zeros afterwards (the reference reports LBPRZ).
  [[nodiscard]] virtual Result<DataAnswer> unmap(const ElementRef& element, Lba first,
                                                 BlockCount count) = 0;
  [[nodiscard]] virtual Result<DataAnswer> flush(const ElementRef& element) = 0;
};

}  // namespace lockstep
