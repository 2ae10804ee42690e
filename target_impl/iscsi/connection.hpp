// One connection of an initiator, seen as bytes in and bytes out: login, then a session.
//
// The transport asks where to put received bytes (spaces, received), lets the connection work
// (process), sends what it finds (output) and closes when the connection is finished. For one
// thread.
#pragma once

#include "target_impl/iscsi/batch_split.hpp"
#include "target_impl/iscsi/login.hpp"
#include "target_impl/iscsi/pdu_writer.hpp"
#include "target_impl/iscsi/receiver.hpp"
#include "target_impl/iscsi/session.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>

namespace lockstep::iscsi {

class Connection final : private PayloadPlacer {
 public:
  // `local_address`: "ip:port" for discovery. `portal` and `host` must outlive the connection.
  Connection(Portal& portal, ConnectionHost& host, std::string local_address,
             std::uint16_t portal_group = 1);

  // What a connection occupies before it has sent or collected anything large.
  static constexpr std::size_t kLeastBytes = 2 * Receiver::kBufferBytes;

  [[nodiscard]] Receiver::Spaces spaces() { return receiver_.spaces(); }
  [[nodiscard]] bool keeps_first_space() const noexcept { return receiver_.keeps_first_space(); }
  void received(std::size_t bytes) { receiver_.received(bytes); }
  // How many bytes it may be lent instead, as in Receiver; has_borrowed() until they are handled.
  [[nodiscard]] std::size_t borrows() const noexcept {
    return session_ != nullptr && receiver_.may_borrow() ? Receiver::kBufferBytes : 0;
  }
  void borrow(std::span<const std::byte> bytes) noexcept { receiver_.borrow(bytes); }
  [[nodiscard]] bool has_borrowed() const noexcept { return receiver_.has_borrowed(); }

  enum class State : std::uint8_t {
    NeedsInput,  // everything received has been handled
    Yields,      // others first; ConnectionHost::attend() has been called, to go on then
    Waits,       // for handle_alone(); until then nothing is handled and no input wanted
    Paused,      // send what there is, and call process() again: there may be more to handle
    Finished,    // close once the output is sent
  };
  // Pauses at the latest with `enough` bytes of new output; SIZE_MAX: when sending pays.
  State process(std::size_t enough = SIZE_MAX);
  // What process() waits for; nothing if the connection is over by now. Then process() goes on.
  // While no thread that serves other connections works.
  void handle_alone();
  // False: nothing is to be received until output has been sent.
  [[nodiscard]] bool wants_input() const noexcept;
  [[nodiscard]] SendQueue& output() noexcept { return writer_.queue(); }
  [[nodiscard]] const SendQueue& output() const noexcept { return writer_.queue(); }

  [[nodiscard]] bool logged_in() const noexcept { return session_ != nullptr; }
  [[nodiscard]] Session* session() const noexcept { return session_.get(); }
  // The login that failed, once it has; nullptr before and while a session exists.
  [[nodiscard]] const Login* failed_login() const noexcept {
    return failed_ && login_ ? &*login_ : nullptr;
  }

 private:
  [[nodiscard]] std::byte* place(const Header& header, std::size_t bytes) override;
  [[nodiscard]] bool keeps_placed() const noexcept override { return session_->keeps_placed(); }
  [[nodiscard]] bool reads_once(const Header& header) const noexcept override {
    return session_ != nullptr && session_->reads_once(header);
  }
  void handle(const Pdu& pdu);
  [[nodiscard]] bool concerns_others() const noexcept;
  void begin_session();
  [[nodiscard]] bool finished() const noexcept;

  Portal& portal_;
  ConnectionHost& host_;
  std::string local_address_;
  Receiver receiver_;
  BatchSplit batch_split_;
  PduWriter writer_;
  Pdu pdu_;
  std::optional<Login> login_;
  std::unique_ptr<Session> session_;
  bool failed_ = false;
  bool waits_ = false;  // with pdu_
};

}  // namespace lockstep::iscsi
