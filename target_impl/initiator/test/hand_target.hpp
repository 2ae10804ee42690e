// Test support: a target of which the test says every byte. Both ends run in the test's thread:
// what one of them waits for, the other must have sent before.
#pragma once

#include "target_impl/initiator/initiator.hpp"
#include "target_impl/initiator/test/listener.hpp"
#include "target_impl/iscsi/bytes.hpp"
#include "target_impl/iscsi/pdu.hpp"
#include "target_impl/iscsi/text.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <cstring>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace lockstep::initiator {

struct HandPdu {
  iscsi::Header header{};
  std::vector<std::byte> data;
  [[nodiscard]] iscsi::Opcode opcode() const {
    return static_cast<iscsi::Opcode>(iscsi::opcode_of(header));
  }
  [[nodiscard]] std::uint32_t tag() const { return iscsi::task_tag(header); }
  [[nodiscard]] std::uint32_t word(std::size_t at) const { return iscsi::get32(header, at); }
};

class HandTarget {
 public:
  [[nodiscard]] std::string portal() const { return listener_.portal(); }
  // What a new session has sent first.
  void accept(Session& session) {
    connection_ = listener_.accept();
    while (!has_input() && !session.failure()) {
      static_cast<void>(session.run_once(std::chrono::milliseconds{1}));
    }
  }
  [[nodiscard]] HandPdu receive() {
    HandPdu pdu;
    receive(pdu.header.data(), pdu.header.size());
    pdu.data.resize(iscsi::padded(iscsi::data_length(pdu.header)));
    receive(pdu.data.data(), pdu.data.size());
    pdu.data.resize(iscsi::data_length(pdu.header));
    return pdu;
  }
  // Whether the initiator has sent anything that was not received.
  [[nodiscard]] bool has_input() const {
    char byte = 0;
    return ::recv(connection_.get(), &byte, 1, MSG_PEEK | MSG_DONTWAIT) > 0;
  }
  // Numbered, with a window of `window` commands behind `expected_`.
  void send(iscsi::Header header, const std::vector<std::byte>& data = {}) {
    iscsi::store_be24(header.data() + iscsi::field::kDataLength,
                      static_cast<std::uint32_t>(data.size()));
    iscsi::set32(header, iscsi::field::kStatSn, status_sn++);
    iscsi::set32(header, iscsi::field::kExpCmdSn, expected);
    iscsi::set32(header, iscsi::field::kMaxCmdSn, expected + window - 1);
    std::vector<std::byte> bytes(iscsi::kHeaderBytes + iscsi::padded(data.size()));
    std::memcpy(bytes.data(), header.data(), header.size());
    if (!data.empty()) std::memcpy(bytes.data() + header.size(), data.data(), data.size());
    EXPECT_EQ(::send(connection_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL),
              static_cast<ssize_t>(bytes.size()));
  }
  // One request has come, with its answer.
  HandPdu answer_login(const std::string& keys, std::uint8_t flags) {
    HandPdu request = receive();
    EXPECT_EQ(request.opcode(), iscsi::Opcode::LoginRequest);
    iscsi::Header header = iscsi::make_header(iscsi::Opcode::LoginResponse, request.tag());
    header[iscsi::field::kFlags] = flags;
    iscsi::store_be16(header.data() + iscsi::field::kTsih, 1);
    const auto text = iscsi::as_bytes(keys);
    send(header, {text.begin(), text.end()});
    return request;
  }
  // The next command, which it takes out of the window.
  [[nodiscard]] HandPdu command() {
    HandPdu pdu = receive();
    EXPECT_EQ(pdu.opcode(), iscsi::Opcode::ScsiCommand);
    EXPECT_EQ(pdu.word(iscsi::field::kCmdSn), expected);
    ++expected;
    return pdu;
  }
  void answer(const HandPdu& command, std::uint8_t status = 0,
              const std::vector<std::byte>& sense = {}) {
    iscsi::Header header = iscsi::make_header(iscsi::Opcode::ScsiResponse, command.tag());
    header[iscsi::field::kStatus] = status;
    send(header, sense);
  }
  void ask_for_data(const HandPdu& command, std::uint32_t offset, std::uint32_t bytes) {
    iscsi::Header header = iscsi::make_header(iscsi::Opcode::ReadyToTransfer, command.tag());
    iscsi::set32(header, iscsi::field::kTransferTag, 0x77);
    iscsi::set32(header, iscsi::field::kBufferOffset, offset);
    iscsi::set32(header, iscsi::field::kDesiredLength, bytes);
    --status_sn;  // shown, not taken; send() counts
    send(header);
  }
  void send_data(const HandPdu& command, std::uint32_t offset, const std::vector<std::byte>& data,
                 bool with_status) {
    iscsi::Header header = iscsi::make_header(iscsi::Opcode::DataIn, command.tag());
    header[iscsi::field::kFlags] = with_status ? 0x81 : 0x00;
    iscsi::set32(header, iscsi::field::kBufferOffset, offset);
    send(header, data);
  }
  void hang_up() { connection_.close(); }
  [[nodiscard]] int descriptor() const { return connection_.get(); }

  std::uint32_t status_sn = 1;
  std::uint32_t expected = 1;  // ExpCmdSN
  std::uint32_t window = 32;

 private:
  void receive(void* into, std::size_t bytes) {
    if (bytes == 0) return;
    ASSERT_EQ(::recv(connection_.get(), into, bytes, MSG_WAITALL), static_cast<ssize_t>(bytes));
  }
  Listener listener_;
  Descriptor connection_;
};

}  // namespace lockstep::initiator
