// Session over libiscsi's asynchronous calls. Internal: everybody else uses Session.
#pragma once

#include "target_impl/initiator/command_slot.hpp"
#include "target_impl/initiator/context.hpp"
#include "target_impl/initiator/initiator.hpp"

#include <chrono>
#include <optional>
#include <string>

namespace lockstep::initiator {

class LibiscsiSession final : public Session {
 public:
  static Result<std::unique_ptr<LibiscsiSession>> begin(const std::string& portal,
                                                        const std::string& target_name,
                                                        const SessionOptions& options);
  ~LibiscsiSession() override;

  void read(std::uint16_t lun, Lba first, BlockSize block_size, std::span<std::byte> out,
            Done done) override;
  void write(std::uint16_t lun, Lba first, BlockSize block_size, std::span<const std::byte> data,
             Done done) override;
  void unmap(std::uint16_t lun, Lba first, BlockCount count, Done done) override;
  void synchronize_cache(std::uint16_t lun, Done done) override;
  void command(std::uint16_t lun, std::span<const std::uint8_t> cdb, std::span<std::byte> in,
               std::span<const std::byte> out, Done done) override;

  Status run_until_idle() override;
  Status run_once(std::chrono::milliseconds wait) override;

  [[nodiscard]] std::size_t outstanding() const noexcept override { return slots_.size(); }
  [[nodiscard]] bool connected() const noexcept override { return state_ == State::Open; }

  [[nodiscard]] std::optional<Error> failure() const override { return lost_; }

  [[nodiscard]] int descriptor() const noexcept override;
  [[nodiscard]] short events() const noexcept override;
  [[nodiscard]] std::optional<std::chrono::steady_clock::time_point> next_deadline()
      const noexcept override;
  Status service(short revents) override;
  Status flush_submissions() override;

  [[nodiscard]] Result<VolumeGeometry> capacity(std::uint16_t lun) override;
  [[nodiscard]] Result<std::string> naa_identifier(std::uint16_t lun) override;

  // Runs the loop until the login has ended one way or the other.
  Status finish_login();

 private:
  using Clock = std::chrono::steady_clock;
  enum class State : std::uint8_t { Connecting, LoggingIn, Open, Over };

  LibiscsiSession(std::string portal, std::string target_name, const SessionOptions& options,
                  Context context);

  static void on_connected(iscsi_context* context, int status, void* data, void* self) noexcept;
  static void on_login(iscsi_context* context, int status, void* data, void* self) noexcept;
  static void on_answer(iscsi_context* context, int status, void* data, void* slot) noexcept;
  static void on_logout(iscsi_context* context, int status, void* data, void* self) noexcept;

  CommandSlot& prepare(std::uint16_t lun, std::span<const std::uint8_t> cdb, Done done);
  void submit(CommandSlot& slot);
  void submit_transfer(std::uint8_t opcode, std::uint16_t lun, Lba first, BlockSize block_size,
                       std::byte* data, std::size_t bytes, Done done);
  // For arguments that make no command: completes with Cancelled on the next turn of the loop.
  void refuse(CommandSlot& slot);
  void send(CommandSlot& slot);
  void complete(CommandSlot& slot, const Completion& completion);
  // Runs the blocking queries.
  Result<Completion> ask(std::uint16_t lun, std::span<const std::uint8_t> cdb,
                         std::span<std::byte> in, const char* what);

  // Remembers that the session cannot go on; safe inside callbacks. The first reason stands.
  void mark_lost(Error reason, Outcome outcome = Outcome::ConnectionLost);
  // Ends a session that was marked: closes it and completes every command. Outside callbacks only.
  Status settle();
  void start_login(const std::string& address);
  void log_out();
  void check_deadlines();
  void complete_refused();
  // What libiscsi last complained about, without its own function names.
  [[nodiscard]] std::string library_text() const;
  [[nodiscard]] std::string subject() const;
  [[nodiscard]] Error login_timeout() const;
  [[nodiscard]] Error login_refused() const;
  // The portal refused with a redirection: starts again there.
  void follow_redirection();

  std::string portal_;
  std::string target_name_;
  SessionOptions options_;
  Clock::time_point login_deadline_;
  SlotList slots_;
  std::size_t refused_ = 0;
  std::size_t unsent_ = 0;  // commands that libiscsi has and has not been asked to send
  bool inside_library_ = false;
  bool redirected_ = false;
  bool logged_out_ = false;
  unsigned redirections_ = 0;
  State state_ = State::Connecting;
  std::optional<Error> lost_;
  Outcome lost_outcome_ = Outcome::ConnectionLost;
  Context context_;  // absent once the session is over
};

}  // namespace lockstep::initiator
