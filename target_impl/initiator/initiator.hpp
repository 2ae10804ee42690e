// libiscsi, wrapped: one Session is one logged-in connection with its own small event loop.
//
// libiscsi types stay inside. Automatic reconnection is switched off: a lost connection ends the
// session, every outstanding command completes with Outcome::ConnectionLost, and the owner decides.
#pragma once

#include "model/port/data_path.hpp"
#include "model/vocab/error.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace lockstep::initiator {

// iscsi://host[:port]/iqn/lun, no user or password (those come from environment or file).
struct IscsiUrl {
  std::string portal;  // host:port
  std::string target_name;
  std::uint16_t lun = 0;
};
// Malformed: Origin::Usage, naming the part at fault.
[[nodiscard]] Result<IscsiUrl> parse_url(const std::string& url);

enum class Outcome : std::uint8_t { Answered, ConnectionLost, TimedOut, Cancelled };

struct Completion {
  Outcome outcome = Outcome::Answered;
  DataAnswer answer;           // with Answered
  std::uint64_t bytes_in = 0;  // data-in received
};
using Done = std::function<void(const Completion&)>;

struct SessionOptions {
  std::string initiator_name = "iqn.2026-11.net.lockstep:initiator";
  std::chrono::milliseconds connect_timeout{5'000};
  std::chrono::milliseconds command_timeout{30'000};
};

// Not thread-safe: one thread at a time submits and runs the loop. Unit attentions are retried
// once.
class Session {
 public:
  // Connects and logs in. Unreachable, silent or refusing portals and unknown targets:
  // Origin::Transport or Origin::Target within the connect timeout, naming portal and target.
  [[nodiscard]] static Result<std::unique_ptr<Session>> connect(const std::string& portal,
                                                                const std::string& target_name,
                                                                const SessionOptions& options = {});
  virtual ~Session() = default;  // logs out

  // Queues a command. `out`, `data` and the ranges must stay valid until `done`, which runs inside
  // run() (or inside the destructor, with Cancelled). Nothing is sent before run() or
  // flush_submissions().
  virtual void read(std::uint16_t lun, Lba first, BlockSize block_size, std::span<std::byte> out,
                    Done done) = 0;
  virtual void write(std::uint16_t lun, Lba first, BlockSize block_size,
                     std::span<const std::byte> data, Done done) = 0;
  virtual void unmap(std::uint16_t lun, Lba first, BlockCount count, Done done) = 0;
  virtual void synchronize_cache(std::uint16_t lun, Done done) = 0;
  // Any CDB. Exactly one of `in` and `out` may be non-empty.
  virtual void command(std::uint16_t lun, std::span<const std::uint8_t> cdb,
                       std::span<std::byte> in, std::span<const std::byte> out, Done done) = 0;

  // Runs the loop until nothing is outstanding, `deadline` passes (outstanding commands then
  // complete with TimedOut and the session is over) or the connection is lost.
  virtual Status run_until_idle() = 0;
  // One turn: sends what is queued, waits up to `wait` for answers, calls their `done`.
  virtual Status run_once(std::chrono::milliseconds wait) = 0;

  [[nodiscard]] virtual std::size_t outstanding() const noexcept = 0;
  [[nodiscard]] virtual bool connected() const noexcept = 0;

  // READ CAPACITY(16), blocking.
  [[nodiscard]] virtual Result<VolumeGeometry> capacity(std::uint16_t lun) = 0;
  // The NAA designator of VPD page 83h in lower-case hex, blocking.
  [[nodiscard]] virtual Result<std::string> naa_identifier(std::uint16_t lun) = 0;
};

// The LUNs that a target reports (REPORT LUNS).
[[nodiscard]] Result<std::vector<std::uint16_t>> report_luns(Session& session);

}  // namespace lockstep::initiator
