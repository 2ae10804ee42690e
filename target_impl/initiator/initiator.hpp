// One Session is one logged-in connection with its own small event loop: libiscsi's, wrapped, or
// our own for those who ask for it.
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
#include <optional>
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
  std::uint64_t bytes_in = 0;  // data-in received; 0 unless the status is GOOD
  // The device had more to say, or wanted more data, than the buffer held.
  bool overflow = false;
};
using Done = std::function<void(const Completion&)>;

// CHAP, one way: the initiator proves itself (RFC 7143, 12.1). No message shows the password.
struct Credentials {
  std::string user;
  std::string password;
  friend bool operator==(const Credentials&, const Credentials&) = default;
};

// The initiator's half of an I_T nexus: 24 random bits above 16 bits of a count (RFC
// 7143, 11.12.5).
using Isid = std::uint64_t;
// One that no other session of this process has.
[[nodiscard]] Isid make_isid();

struct SessionOptions {
  std::string initiator_name = "iqn.2026-11.net.lockstep:initiator";
  // Nothing: no authentication. Refused credentials end the login with Origin::Config.
  std::optional<Credentials> credentials;
  // Nothing: a new one. A login with the ISID of an earlier session reinstates it: the target ends
  // that one first, with all its commands, and reservations of the nexus go on (RFC 7143, 6.3.5).
  std::optional<Isid> isid;
  // Whether the bytes may go through shared memory instead of TCP, where a target in another
  // process of this host and user offers it; only in programs that are linked with
  // lockstep::socket_calls.
  bool bypass = true;
  // For many small commands at a time: those that are queued together leave together, and answers
  // are taken as many as have come, without libiscsi. Does not follow redirections, knows no
  // digests.
  bool batching = false;
  std::chrono::milliseconds connect_timeout{5'000};
  std::chrono::milliseconds command_timeout{30'000};
};

// Where a portal is: "host:port", "[::1]:port"; without a port the result ends in ":3260".
// Malformed: Origin::Usage, naming the part at fault.
[[nodiscard]] Result<std::string> parse_portal(const std::string& portal);

// Not thread-safe: one thread at a time submits and runs the loop. A command that meets a unit
// attention is sent again, a few times at most: each attempt reports one condition of possibly
// several. `done` may submit further commands; it must not destroy the session and must not throw.
class Session {
 public:
  // Connects and logs in. Unreachable, silent or refusing portals and unknown targets:
  // Origin::Transport or Origin::Target within the connect timeout, naming portal and target.
  [[nodiscard]] static Result<std::unique_ptr<Session>> connect(const std::string& portal,
                                                                const std::string& target_name,
                                                                const SessionOptions& options = {});
  // Returns at once; the login goes on inside the loop, and commands may be queued meanwhile. A
  // failed login completes them with ConnectionLost. Malformed arguments: Origin::Usage.
  [[nodiscard]] static Result<std::unique_ptr<Session>> start_connect(
      const std::string& portal, const std::string& target_name,
      const SessionOptions& options = {});
  virtual ~Session() = default;  // logs out, waiting a fraction of a second for the answer

  // Queues a command. `out`, `data` and the ranges must stay valid until `done`, which runs inside
  // the loop (or inside the destructor, with Cancelled). Nothing is sent before the loop runs or
  // flush_submissions(). A transfer that is empty, not a whole number of blocks or 2 GiB and more
  // completes with Cancelled.
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
  // False once the connection is lost, and with start_connect() until the login has ended.
  [[nodiscard]] virtual bool connected() const noexcept = 0;
  // Why the session is over; known already when the last commands complete.
  [[nodiscard]] virtual std::optional<Error> failure() const = 0;

  // For owners who poll several sessions themselves: poll() `descriptor` for `events`, both read
  // again before each poll, then call service() with what poll() returned, also (with 0) when
  // `next_deadline` has passed. An error says that the session is over.
  [[nodiscard]] virtual int descriptor() const noexcept = 0;  // -1 once the session is over
  [[nodiscard]] virtual short events() const noexcept = 0;
  [[nodiscard]] virtual std::optional<std::chrono::steady_clock::time_point> next_deadline()
      const noexcept = 0;
  virtual Status service(short revents) = 0;
  // Sends what is queued, as far as the socket takes it, without waiting.
  virtual Status flush_submissions() = 0;

  // READ CAPACITY(16), blocking.
  [[nodiscard]] virtual Result<VolumeGeometry> capacity(std::uint16_t lun) = 0;
  // The NAA designator of VPD page 83h in lower-case hex, blocking.
  [[nodiscard]] virtual Result<std::string> naa_identifier(std::uint16_t lun) = 0;
};

// "SCSI status 02h, sense 5/2500".
[[nodiscard]] std::string answer_text(const DataAnswer& answer);

// The unit serial number of VPD page 80h without the blanks around it.
[[nodiscard]] Result<std::string> unit_serial_number(Session& session, std::uint16_t lun);

// The LUNs that a target reports (REPORT LUNS).
[[nodiscard]] Result<std::vector<std::uint16_t>> report_luns(Session& session);

}  // namespace lockstep::initiator
