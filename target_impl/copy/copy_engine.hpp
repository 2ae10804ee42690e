// The copy engine: moves ranges of blocks between two LUNs through libiscsi, several requests in
// flight, never blocking on one of them. One engine has one thread and runs any number of copies.
#pragma once

#include "model/vocab/error.hpp"
#include "model/vocab/units.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace lockstep::copy {

struct Endpoint {
  std::string portal;
  std::string target_name;
  std::uint16_t lun = 0;
};

struct Range {
  Lba first;
  BlockCount count;
};

enum class CopyResult : std::uint8_t { Done, Aborted, Failed };

struct CopyRequest {
  Endpoint source;
  Endpoint target;
  BlockSize block_size;
  std::vector<Range> ranges;  // ascending, not overlapping
  std::uint32_t transfer_bytes = 256 * 1024;
  std::uint32_t requests_in_flight = 8;
  std::uint32_t retries_per_range = 1;
  // Called on the engine's thread once the copy has ended; must not block.
  std::function<void(CopyResult, const std::optional<Error>&)> finished;
};

// Identifies a running copy; 0 is never used.
using CopyId = std::uint64_t;

// Thread-safe.
class CopyEngine {
 public:
  [[nodiscard]] static std::unique_ptr<CopyEngine> start();
  virtual ~CopyEngine() = default;  // aborts every copy, then joins

  [[nodiscard]] virtual CopyId submit(CopyRequest request) = 0;
  // No new requests are issued while paused; those in flight complete.
  virtual void pause(CopyId id) = 0;
  virtual void resume(CopyId id) = 0;
  // `finished` is called with Aborted, unless the copy has ended already.
  virtual void abort(CopyId id) = 0;
  // 0..100 by bytes written; 100 for an unknown id.
  [[nodiscard]] virtual std::uint16_t percent(CopyId id) const = 0;
};

}  // namespace lockstep::copy
