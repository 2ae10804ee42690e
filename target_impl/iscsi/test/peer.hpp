// An initiator in memory: builds PDUs byte by byte, feeds them to a Connection in pieces of any
// size, and takes the answers apart. It shares field offsets with the code under test, but neither
// its parser nor its writer.
#pragma once

#include "target_impl/iscsi/connection.hpp"
#include "target_impl/iscsi/test/fake_executor.hpp"
#include "target_impl/iscsi/text.hpp"

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace lockstep::iscsi::test {

struct Answer {
  Header header{};
  std::vector<std::byte> data;

  [[nodiscard]] Opcode opcode() const { return static_cast<Opcode>(opcode_of(header)); }
  [[nodiscard]] std::uint32_t at(std::size_t offset) const { return get32(header, offset); }
  [[nodiscard]] std::string text() const { return std::string(as_text(data)); }
  [[nodiscard]] std::uint16_t login_status() const {
    return load_be16(header.data() + field::kLoginStatus);
  }
  // ASC and ASCQ of a response with sense data.
  [[nodiscard]] std::uint16_t sense_code() const {
    return data.size() < 20 ? std::uint16_t{0}
                            : load_be16(reinterpret_cast<const std::uint8_t*>(data.data()) + 14);
  }
};

struct Request {
  Header header{};
  std::string data;
};

inline Request make_request(Opcode opcode, std::uint32_t tag, std::uint8_t flags = kFinal) {
  Request request;
  request.header = make_header(opcode, tag);
  request.header[field::kFlags] = flags;
  set32(request.header, field::kTransferTag, kReservedTag);
  return request;
}

class Peer final : public ConnectionHost {
 public:
  explicit Peer(Portal& portal, const std::string& address = "127.0.0.1:3260",
                std::uint16_t portal_group = 1)
      : connection_(portal, *this, address, portal_group) {}
  void attend() override { ++attended; }
  [[nodiscard]] std::function<void()> waker() override {
    return [this] { ++woken; };
  }

  Connection& connection() { return connection_; }
  Connection::State state() const { return state_; }
  bool finished() const { return state_ == Connection::State::Finished; }

  void use_digests(bool header, bool data);
  // The bytes of the request, with lengths, padding and digests.
  std::string encode(Request request) const;
  // `piece`: how many bytes arrive at a time.
  void feed(std::string_view bytes, std::size_t piece = SIZE_MAX);
  void send(const Request& request, std::size_t piece = SIZE_MAX) { feed(encode(request), piece); }
  // Takes what was answered so far.
  std::vector<Answer> answers();
  // Expects exactly one answer.
  Answer answer();
  Answer exchange(const Request& request) {
    send(request);
    return answer();
  }

  // Logs in straight to full feature phase with the given text; returns the response.
  Answer login(const std::string& text);
  void login_to(const std::string& target, const std::string& more = "");
  // A numbered request: CmdSN is filled in and counted.
  Request numbered(Request request) {
    set32(request.header, field::kCmdSn, next_cmd_sn++);
    return request;
  }

  std::uint32_t next_cmd_sn = 1;
  std::uint8_t isid = 1;
  int attended = 0;
  int woken = 0;

 private:
  void take_output();

  Connection connection_;
  Connection::State state_ = Connection::State::NeedsInput;
  std::string output_;
  bool header_digest_ = false;
  bool data_digest_ = false;
};

// "a=1\0b=2\0" from {"a=1", "b=2"}.
std::string text_of(std::initializer_list<std::string_view> pairs);

Request login_request(const std::string& text, std::uint8_t flags = 0x87, std::uint8_t isid = 1);
Request command(std::uint8_t operation, std::uint32_t tag, std::uint8_t flags,
                std::uint32_t expected_bytes, std::uint32_t block, std::uint16_t blocks);
inline Request read_command(std::uint32_t tag, std::uint32_t block, std::uint16_t blocks) {
  return command(kRead10, tag, kFinal | kCommandRead,
                 static_cast<std::uint32_t>(blocks * kBlockBytes), block, blocks);
}
inline Request write_command(std::uint32_t tag, std::uint32_t block, std::uint16_t blocks,
                             std::string immediate, bool more_to_come = false) {
  Request request =
      command(kWrite10, tag, static_cast<std::uint8_t>(kCommandWrite | (more_to_come ? 0 : kFinal)),
              static_cast<std::uint32_t>(blocks * kBlockBytes), block, blocks);
  request.data = std::move(immediate);
  return request;
}
Request data_out(std::uint32_t tag, std::uint32_t transfer_tag, std::uint32_t data_sn,
                 std::uint32_t offset, std::string data, bool is_final);
// Bytes that differ from block to block and from seed to seed.
std::string pattern(std::size_t bytes, unsigned seed);

}  // namespace lockstep::iscsi::test
