// What all sessions have in common, whatever carries their commands: the commands themselves, who
// waits for which answer, time limits, and the end. Internal: everybody else uses Session.
#pragma once

#include "target_impl/initiator/command_slot.hpp"
#include "target_impl/initiator/initiator.hpp"

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>

namespace lockstep::initiator {

class BasicSession : public Session {
 public:
  void read(std::uint16_t lun, Lba first, BlockSize block_size, std::span<std::byte> out,
            Done done) final;
  void write(std::uint16_t lun, Lba first, BlockSize block_size, std::span<const std::byte> data,
             Done done) final;
  void unmap(std::uint16_t lun, Lba first, BlockCount count, Done done) final;
  void synchronize_cache(std::uint16_t lun, Done done) final;
  void command(std::uint16_t lun, std::span<const std::uint8_t> cdb, std::span<std::byte> in,
               std::span<const std::byte> out, Done done) final;

  Status run_until_idle() final;
  Status run_once(std::chrono::milliseconds wait) final;

  [[nodiscard]] std::size_t outstanding() const noexcept final { return slots_.size(); }
  [[nodiscard]] bool connected() const noexcept final { return state_ == State::Open; }
  [[nodiscard]] std::optional<Error> failure() const final { return lost_; }

  [[nodiscard]] std::optional<std::chrono::steady_clock::time_point> next_deadline()
      const noexcept final;
  Status service(short revents) final;

  [[nodiscard]] Result<VolumeGeometry> capacity(std::uint16_t lun) final;
  [[nodiscard]] Result<std::string> naa_identifier(std::uint16_t lun) final;

  // Runs the loop until the login has ended one way or the other.
  Status finish_login();

 protected:
  using Clock = std::chrono::steady_clock;
  enum class State : std::uint8_t { Connecting, LoggingIn, Open, Over };

  BasicSession(std::string portal, std::string target_name, const SessionOptions& options);

  // Of whoever carries the commands. A command goes on its way; the slot stays where it is until
  // complete(). Called when the session is open.
  virtual void send(CommandSlot& slot) = 0;
  // Takes what has come and sends what there is, as poll() says that it can; answers complete().
  virtual void serve(short revents) = 0;
  // Nothing comes and goes any more; what slots borrow is let go.
  virtual void close() noexcept = 0;

  // The login has ended well: what was queued meanwhile goes out.
  void open();
  void complete(CommandSlot& slot, const Completion& completion);
  // The same with what a device answered; a unit attention has the command sent again.
  void answer(CommandSlot& slot, const Completion& completion);
  // Remembers that the session cannot go on; safe inside callbacks. The first reason stands.
  void mark_lost(Error reason, Outcome outcome = Outcome::ConnectionLost);
  // Ends a session that was marked: closes it and completes every command. Outside callbacks only.
  Status settle();
  // For destructors, before anything is gone.
  void end();
  // Nobody waits for anything, so that a destructor may log out first.
  [[nodiscard]] bool may_log_out() const noexcept {
    return state_ == State::Open && !lost_ && slots_.size() == 0;
  }
  [[nodiscard]] std::string subject() const;

  std::string portal_;
  std::string target_name_;
  SessionOptions options_;
  Clock::time_point login_deadline_;
  SlotList slots_;
  bool inside_loop_ = false;
  State state_ = State::Connecting;
  std::optional<Error> lost_;

 private:
  CommandSlot& prepare(std::uint16_t lun, std::span<const std::uint8_t> cdb, Done done);
  void submit(CommandSlot& slot);
  void submit_transfer(std::uint8_t opcode, std::uint16_t lun, Lba first, BlockSize block_size,
                       std::byte* data, std::size_t bytes, Done done);
  // For arguments that make no command: completes with Cancelled on the next turn of the loop.
  void refuse(CommandSlot& slot);
  // Runs the blocking queries.
  Result<Completion> ask(std::uint16_t lun, std::span<const std::uint8_t> cdb,
                         std::span<std::byte> in, const char* what);
  void take_late_input();
  void check_deadlines();
  void complete_refused();
  [[nodiscard]] Error login_timeout() const;

  std::size_t refused_ = 0;
  Outcome lost_outcome_ = Outcome::ConnectionLost;
};

// Milliseconds until `when` for poll(), rounded up, never negative.
[[nodiscard]] int wait_ms(std::chrono::steady_clock::time_point when,
                          std::chrono::steady_clock::time_point now);

}  // namespace lockstep::initiator
