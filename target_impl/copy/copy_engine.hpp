// The copy engine: moves ranges of blocks between two LUNs through libiscsi, several requests in
// flight, never blocking on one of them. One engine has one thread and runs any number of copies.
//
// A block that changes on the source while its copy runs is copied as it was before or after the
// change; keeping the two apart is the caller's part (a snapshot as the source, or a dirty map).
#pragma once

#include "model/vocab/error.hpp"
#include "model/vocab/units.hpp"

#include <chrono>
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
  // Of one READ or WRITE; a whole number of blocks, at most 8 MiB.
  std::uint32_t transfer_bytes = 256 * 1024;
  std::uint32_t requests_in_flight = 8;  // 1..64
  // How often each transfer is tried again after a loss or a refusal that may pass. Answers that
  // say "busy" are waited out for a few seconds and do not count.
  std::uint32_t retries_per_range = 1;
  // Called exactly once, on the engine's thread, when no request of the copy is under way any more;
  // must not block or throw. May call the engine, but not destroy it. Wrong arguments end here too:
  // Failed with Origin::Usage.
  std::function<void(CopyResult, const std::optional<Error>&)> finished;
};

// Identifies a running copy; 0 is never used.
using CopyId = std::uint64_t;

struct EngineOptions {
  std::chrono::milliseconds connect_timeout{5'000};
  std::chrono::milliseconds command_timeout{30'000};
  // Sessions are kept for the next copy to the same place, this long.
  std::chrono::milliseconds idle_session{2'000};
  // How long the destructor waits for requests under way.
  std::chrono::milliseconds stop_grace{2'000};
  bool bypass = true;  // as in initiator::SessionOptions
};

// Thread-safe.
class CopyEngine {
 public:
  [[nodiscard]] static std::unique_ptr<CopyEngine> start(const EngineOptions& options = {});
  virtual ~CopyEngine() = default;  // aborts every copy, then joins

  [[nodiscard]] virtual CopyId submit(CopyRequest request) = 0;
  // No new requests are issued while paused; those in flight complete. What was read but not yet
  // written is read again after resume().
  virtual void pause(CopyId id) = 0;
  virtual void resume(CopyId id) = 0;
  // `finished` is called with Aborted, unless the copy has ended already.
  virtual void abort(CopyId id) = 0;
  // 0..100 by bytes written; 100 for an unknown id.
  [[nodiscard]] virtual std::uint16_t percent(CopyId id) const = 0;
};

}  // namespace lockstep::copy
