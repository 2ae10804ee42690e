// An initiator in memory for the protocol fuzzers: feeds bytes to a Connection and checks that what
// comes out is a sound stream of PDUs, whatever went in.
#pragma once

#include "target_impl/fuzz/input.hpp"
#include "target_impl/iscsi/connection.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace lockstep::fuzz {

struct ReceivedPdu {
  iscsi::Header header{};
  std::string data;
};

class Wire final : public iscsi::ConnectionHost {
 public:
  // `portal` must outlive the wire.
  explicit Wire(iscsi::Portal& portal) : connection_(portal, *this, "127.0.0.1:3260") {}
  void attend() override { attention_ = true; }

  // Bytes as they come, `piece` (not 0) at a time.
  void feed(std::string_view bytes, std::size_t piece = SIZE_MAX);
  // Lets the connection work on what is not its own input: notices, pings.
  void idle();
  [[nodiscard]] bool finished() const noexcept {
    return state_ == iscsi::Connection::State::Finished;
  }
  // What has come since the last call, checked.
  [[nodiscard]] std::vector<ReceivedPdu> received();

  // Both ways, from now on.
  void use_digests(bool header, bool data) noexcept {
    header_digest_ = header;
    data_digest_ = data;
  }
  // The largest data segment that the target may send from now on.
  void limit_data(std::size_t bytes) noexcept { largest_data_ = bytes; }
  // With length, padding and digests.
  [[nodiscard]] std::string encode(iscsi::Header header, std::string_view data) const;

  [[nodiscard]] iscsi::Connection& connection() noexcept { return connection_; }

 private:
  void lend(std::string_view bytes);
  void work();
  void take_output();
  [[nodiscard]] std::size_t check_pdu(std::string_view bytes, ReceivedPdu& pdu) const;
  void check_numbers(const iscsi::Header& header);

  iscsi::Connection connection_;
  iscsi::Connection::State state_ = iscsi::Connection::State::NeedsInput;
  std::string output_;
  std::size_t largest_data_ = iscsi::kDefaultMaxReceive;
  bool header_digest_ = false;
  bool data_digest_ = false;
  bool attention_ = false;
  bool any_status_ = false;
  std::uint32_t last_stat_sn_ = 0;
};

// A Login Request straight from the operational stage to full feature phase.
[[nodiscard]] iscsi::Header login_header(std::uint8_t flags, std::uint8_t isid) noexcept;
// "key=value\n..." with the newlines made NULs.
[[nodiscard]] std::string text_data(std::string_view lines);

}  // namespace lockstep::fuzz
