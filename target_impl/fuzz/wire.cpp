#include "target_impl/fuzz/wire.hpp"

#include "target_impl/iscsi/crc32c.hpp"
#include "target_impl/iscsi/text.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <span>
#include <vector>

namespace lockstep::fuzz {
namespace {

using namespace iscsi;

std::string digest_of(std::string_view bytes) {
  Crc32c crc;
  crc.add(as_bytes(bytes));
  std::array<std::uint8_t, kDigestBytes> digest{};
  crc.store(digest.data());
  return {reinterpret_cast<const char*>(digest.data()), digest.size()};
}

bool takes_stat_sn(const Header& header) {
  switch (static_cast<Opcode>(opcode_of(header))) {
    case Opcode::ReadyToTransfer:
      return false;
    case Opcode::DataIn:
      return has_flag(header, kStatusInDataIn);
    case Opcode::NopIn:  // one that the target began shows the next number
      return task_tag(header) != kReservedTag;
    default:
      return true;
  }
}

bool is_from_target(std::uint8_t opcode) {
  return (opcode >= static_cast<std::uint8_t>(Opcode::NopIn) &&
          opcode <= static_cast<std::uint8_t>(Opcode::LogoutResponse)) ||
         opcode == static_cast<std::uint8_t>(Opcode::ReadyToTransfer) ||
         opcode == static_cast<std::uint8_t>(Opcode::AsyncMessage) ||
         opcode == static_cast<std::uint8_t>(Opcode::Reject);
}

}  // namespace

void Wire::feed(std::string_view bytes, std::size_t piece) {
  while (!bytes.empty() && !finished()) {
    const std::size_t most = connection_.borrows();
    if (most != 0 && bytes.size() % 2 == 0) {
      lend(bytes.substr(0, std::min(most, piece)));
      bytes.remove_prefix(std::min({most, piece, bytes.size()}));
      continue;
    }
    const Receiver::Spaces spaces = connection_.spaces();
    std::size_t taken = 0;
    for (const auto& space : spaces) {
      const std::size_t part = std::min({space.size(), bytes.size() - taken, piece - taken});
      if (part > 0) {
        std::memcpy(space.data(), bytes.data() + taken, part);
      }
      taken += part;
    }
    expect(taken > 0, "a connection that wants input has room for it");
    connection_.received(taken);
    bytes.remove_prefix(taken);
    work();
  }
}

void Wire::lend(std::string_view bytes) {
  const std::vector<char> shared(bytes.begin(), bytes.end());  // its edges are watched
  connection_.borrow(std::as_bytes(std::span(shared)));
  do {
    work();
  } while (!finished() && connection_.has_borrowed());
}

void Wire::idle() {
  if (attention_ && !finished()) {
    attention_ = false;
    work();
  }
}

void Wire::work() {
  do {
    state_ = connection_.process();
    const bool paused = state_ == Connection::State::Paused;
    expect(!paused || connection_.output().bytes() > 0, "a paused connection has output");
    take_output();
  } while (state_ == Connection::State::Paused);
}

void Wire::take_output() {
  SendQueue& queue = connection_.output();
  while (!queue.empty()) {
    std::array<std::span<const std::byte>, 3> pieces;
    const std::size_t count = queue.gather(pieces);
    std::size_t total = 0;
    for (std::size_t i = 0; i < count; ++i) {
      output_.append(iscsi::as_text(pieces[i]));
      total += pieces[i].size();
    }
    expect(total > 0, "a queue that is not empty gathers something");
    queue.sent(total);
  }
}

// Returns how long the PDU is.
std::size_t Wire::check_pdu(std::string_view bytes, ReceivedPdu& pdu) const {
  expect(bytes.size() >= kHeaderBytes, "the output ends between PDUs");
  std::memcpy(pdu.header.data(), bytes.data(), kHeaderBytes);
  std::size_t used = kHeaderBytes;
  expect(additional_length(pdu.header) == 0, "no additional header segments are sent");
  if (header_digest_) {
    expect(bytes.size() >= used + kDigestBytes &&
               bytes.substr(used, kDigestBytes) == digest_of(bytes.substr(0, used)),
           "the header digest is right");
    used += kDigestBytes;
  }
  const std::size_t length = data_length(pdu.header);
  expect(length <= largest_data_, "no data segment is larger than agreed");
  const std::size_t with_padding = padded(length);
  expect(bytes.size() >= used + with_padding, "the output ends between PDUs");
  pdu.data = bytes.substr(used, length);
  if (length > 0 && data_digest_) {
    const std::string_view covered = bytes.substr(used, with_padding);
    used += kDigestBytes;
    expect(bytes.size() >= used + with_padding &&
               bytes.substr(used - kDigestBytes + with_padding, kDigestBytes) == digest_of(covered),
           "the data digest is right");
  }
  return used + with_padding;
}

void Wire::check_numbers(const Header& header) {
  expect(is_from_target(opcode_of(header)), "only a target's PDUs are sent");
  const std::uint32_t stat_sn = get32(header, field::kStatSn);
  if (is_opcode(header, Opcode::DataIn) && !has_flag(header, kStatusInDataIn)) {
    return;
  }
  if (any_status_) {
    expect(stat_sn == last_stat_sn_ + 1, "StatSN goes on without a gap");
  }
  any_status_ = true;
  last_stat_sn_ = takes_stat_sn(header) ? stat_sn : stat_sn - 1;
}

std::vector<ReceivedPdu> Wire::received() {
  take_output();
  std::vector<ReceivedPdu> pdus;
  std::string_view rest = output_;
  while (!rest.empty()) {
    ReceivedPdu pdu;
    rest.remove_prefix(check_pdu(rest, pdu));
    check_numbers(pdu.header);
    pdus.push_back(std::move(pdu));
  }
  output_.clear();
  return pdus;
}

std::string Wire::encode(Header header, std::string_view data) const {
  store_be24(header.data() + field::kDataLength, static_cast<std::uint32_t>(data.size()));
  header[field::kAdditionalLength] = 0;
  std::string bytes(reinterpret_cast<const char*>(header.data()), kHeaderBytes);
  if (header_digest_) {
    bytes += digest_of(bytes);
  }
  if (data.empty()) {
    return bytes;
  }
  std::string whole(data);
  whole.resize(padded(whole.size()), '\0');
  bytes += whole;
  if (data_digest_) {
    bytes += digest_of(whole);
  }
  return bytes;
}

Header login_header(std::uint8_t flags, std::uint8_t isid) noexcept {
  Header header = make_header(Opcode::LoginRequest, 1);
  header[0] |= kImmediate;
  header[field::kFlags] = flags;
  header[field::kIsid] = 0x80;
  header[field::kIsid + 5] = isid;
  set32(header, field::kCmdSn, 1);
  return header;
}

std::string text_data(std::string_view lines) {
  std::string text(lines);
  std::replace(text.begin(), text.end(), '\n', '\0');
  return text;
}

}  // namespace lockstep::fuzz
