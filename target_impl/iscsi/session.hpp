// A session in full feature phase, with its only connection: numbering, commands, data, task
// management, text. RFC 7143 at error recovery level 0; no sockets and no threads in here.
#pragma once

#include "target_impl/iscsi/data_in_buffer.hpp"
#include "target_impl/iscsi/late_command.hpp"
#include "target_impl/iscsi/negotiation.hpp"
#include "target_impl/iscsi/pdu.hpp"
#include "target_impl/iscsi/pdu_writer.hpp"
#include "target_impl/iscsi/portal.hpp"
#include "target_impl/iscsi/task.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace lockstep::iscsi {

// The owner of the connection on which a session lives.
class ConnectionHost {
 public:
  virtual ~ConnectionHost() = default;
  // Output was queued, or the session ended, outside the handling of this connection's own input.
  virtual void attend() = 0;
  // A call that, from any thread, makes the session's thread call Session::answer_late() soon; it
  // is not called once the session has ended. Empty: not offered, all commands end at once.
  [[nodiscard]] virtual std::function<void()> waker() { return {}; }
  // Whether other connections may be served by other threads meanwhile, so that a request which
  // concerns their sessions has to wait until those threads stand still.
  [[nodiscard]] virtual bool has_others() const noexcept { return false; }
  // Such a request has come: once they do, Connection::handle_alone() is to be called.
  virtual void want_alone() {}
};

// What the login settled.
struct SessionSetup {
  SessionIdentity identity;
  SessionParameters parameters;
  std::shared_ptr<CommandExecutor> executor;  // null in a discovery session
  std::shared_ptr<const TargetAccess> access;
  std::string local_address;  // "ip:port" that the initiator connected to
};

class Session {
 public:
  Session(Portal& portal, PduWriter& writer, ConnectionHost& host, SessionSetup setup);
  ~Session();
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  void handle(const Pdu& pdu);
  // Where the data of a large PDU is to be received; see PayloadPlacer.
  [[nodiscard]] std::byte* place(const Header& header, std::size_t bytes);
  [[nodiscard]] bool keeps_placed() const noexcept;
  [[nodiscard]] bool reads_once(const Header& header) const noexcept;

  // No further input is wanted; the connection is to be closed once the output is sent.
  [[nodiscard]] bool closing() const noexcept { return closing_; }
  // Whether handling this, or something that it lets go on, may touch other sessions.
  [[nodiscard]] bool concerns_others(const Pdu& pdu) const noexcept;
  // The nexus is gone at once: tasks dropped, device told, connection to be closed. Idempotent.
  void end();
  // Commands that will be answered by answer_late().
  [[nodiscard]] std::size_t late_count() const noexcept { return late_.size(); }
  // Answers the commands that ended later and have ended now.
  void answer_late();
  // Tells the initiator by an asynchronous message first.
  void end_with_notice(AsyncEvent event);
  // A NOP-In that asks for an answer.
  void ping();
  [[nodiscard]] bool ping_unanswered() const noexcept { return ping_tag_ != kReservedTag; }

  [[nodiscard]] const SessionIdentity& identity() const noexcept { return setup_.identity; }
  [[nodiscard]] const CommandExecutor* executor() const noexcept { return setup_.executor.get(); }
  // Drops the tasks for a logical unit, or all of them. No responses are sent.
  void drop_tasks(std::optional<std::uint16_t> lun);

 private:
  struct HeldPdu {
    Pdu pdu;
    std::vector<std::byte> additional;
    std::vector<std::byte> data;
    std::size_t accounted = 0;
    bool aborted = false;
  };
  enum class Order : std::uint8_t { Now, Later, Never };

  // session.cpp
  [[nodiscard]] Order order_of(const Pdu& pdu) const noexcept;
  void hold(const Pdu& pdu);
  void handle_held();
  // What this session occupies, output included.
  [[nodiscard]] std::size_t own_bytes() const noexcept {
    return collected_ + held_bytes_ + writer_.queue().bytes();
  }
  [[nodiscard]] bool has_room(std::size_t bytes) const noexcept;
  void dispatch(const Pdu& pdu);
  void command_done(const Header& command) noexcept;
  void reject(const Header& rejected, RejectReason reason);

  // session_commands.cpp
  void handle_command(const Pdu& pdu);
  [[nodiscard]] std::optional<RejectReason> check_command(const Pdu& pdu);
  void collect(const Pdu& pdu, std::size_t expected_in, std::size_t expected_out);
  void refuse_full(const Header& command, std::size_t expected_in, std::size_t expected_out,
                   std::uint32_t r2t_count);
  struct SentData {
    std::span<const std::byte> bytes;
    store::Landing* landing = nullptr;  // not null: where they lie
    bool lent = false;                  // as in Pdu
  };
  void execute(const Header& header, const SentData& data_out, std::size_t expected_in,
               std::size_t expected_out, std::uint32_t r2t_count);
  void respond(const Header& header, const scsi::Response& response, std::size_t expected_in,
               std::size_t expected_out, std::uint32_t r2t_count);

  // session_data_out.cpp
  struct Match {
    Task* task = nullptr;
    std::uint16_t failure_code = 0;  // not zero: the data must not be stored
  };
  [[nodiscard]] PooledBuffer take_buffer(const Header& command, std::size_t bytes);
  [[nodiscard]] Match match_data_out(const Header& header, std::size_t bytes);
  void handle_data_out(const Pdu& pdu);
  void proceed(Task& task);
  void solicit(Task& task);
  [[nodiscard]] bool fits(std::size_t bytes) const noexcept;
  enum class Room : std::uint8_t { Made, Later, Never };
  [[nodiscard]] Room make_room(Task& task);
  void complete(Task& task);
  void drop_task(Task& task);
  void release(Task& task);
  void wake_waiting();
  void remember_ended(std::uint32_t tag) noexcept;
  [[nodiscard]] bool ended_early(std::uint32_t tag) const noexcept;

  // session_management.cpp
  void handle_task_management(const Pdu& pdu);
  [[nodiscard]] std::uint8_t manage(const Pdu& pdu);
  [[nodiscard]] std::uint8_t query(const Header& header, std::uint8_t code, std::uint16_t lun);
  [[nodiscard]] std::uint8_t abort_task(const Header& header);
  [[nodiscard]] LateCommand* find_late(std::uint32_t tag) noexcept;
  void drop_late(LateCommand& late);
  void forget_late(const LateCommand& late);
  void drop_tasks_everywhere(std::optional<std::uint16_t> lun);

  // session_control.cpp
  void handle_nop_out(const Pdu& pdu);
  void handle_logout(const Pdu& pdu);
  void handle_text(const Pdu& pdu);
  void answer_text();
  [[nodiscard]] bool answer_send_targets(std::string_view which);
  void describe(const ServedTarget& target);
  void send_text(const Header& request);

  Portal& portal_;
  PduWriter& writer_;
  ConnectionHost& host_;
  SessionSetup setup_;
  Negotiation negotiation_;
  scsi::Nexus nexus_;
  const std::shared_ptr<LateAnswers> late_answers_;
  DataInBuffer data_in_;
  TaskTable tasks_;
  // What ends later, in any order; the tags beside them, which every command is compared with.
  std::vector<std::shared_ptr<LateCommand>> late_;
  std::vector<std::uint32_t> late_tags_;
  std::vector<std::shared_ptr<LateCommand>> ended_late_;  // while they are answered
  std::size_t collected_ = 0;
  std::size_t held_bytes_ = 0;
  bool handling_ = false;
  bool ended_ = false;
  bool closing_ = false;

  // Of a large PDU that is being received: its own memory, or the task whose memory it uses.
  PooledBuffer incoming_;
  Task* incoming_task_ = nullptr;

  std::map<std::uint32_t, HeldPdu> held_;  // by CmdSN, ahead of ExpCmdSN
  std::array<std::uint32_t, 64> ended_tags_{};
  std::size_t ended_count_ = 0;

  std::uint32_t ping_tag_ = kReservedTag;
  std::uint32_t last_ping_tag_ = 0;
  std::uint32_t text_tag_ = kReservedTag;  // of a text exchange that goes on
  std::string text_request_;
  std::string text_answer_;
};

// The logical unit number in single-level format; what is not one becomes a number that no logical
// unit has. SAM-5 section 4.7.
[[nodiscard]] std::uint16_t decode_lun(const Header& header) noexcept;

}  // namespace lockstep::iscsi
