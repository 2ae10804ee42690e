#include "target_impl/iscsi/test/peer.hpp"

#include <algorithm>
#include <array>
#include <cstring>

namespace lockstep::iscsi::test {
namespace {

// Bit by bit, from the polynomial: slow, and independent of the library in use.
std::uint32_t slow_crc32c(std::string_view bytes) {
  std::uint32_t crc = 0xFFFF'FFFF;
  for (const char c : bytes) {
    crc ^= static_cast<std::uint8_t>(c);
    for (int bit = 0; bit < 8; ++bit) {
      crc = (crc >> 1) ^ ((crc & 1) != 0 ? 0x82F6'3B78U : 0U);
    }
  }
  return ~crc;
}

std::string digest_of(std::string_view bytes) {
  const std::uint32_t crc = slow_crc32c(bytes);
  std::string text;
  for (int shift = 0; shift < 32; shift += 8) {
    text.push_back(static_cast<char>(crc >> shift));
  }
  return text;
}

}  // namespace

void Peer::use_digests(bool header, bool data) {
  header_digest_ = header;
  data_digest_ = data;
}

std::string Peer::encode(Request request) const {
  store_be24(request.header.data() + field::kDataLength,
             static_cast<std::uint32_t>(request.data.size()));
  std::string bytes(reinterpret_cast<const char*>(request.header.data()), kHeaderBytes);
  if (header_digest_) {
    bytes += digest_of(bytes);
  }
  if (request.data.empty()) {
    return bytes;
  }
  request.data.resize(padded(request.data.size()), '\0');
  bytes += request.data;
  if (data_digest_) {
    bytes += digest_of(request.data);
  }
  return bytes;
}

void Peer::feed(std::string_view bytes, std::size_t piece) {
  while (!bytes.empty() && !finished()) {
    const Receiver::Spaces spaces = connection_.spaces();
    std::size_t taken = 0;
    for (const auto& space : spaces) {
      const std::size_t part = std::min({space.size(), bytes.size() - taken, piece - taken});
      if (part > 0) {
        std::memcpy(space.data(), bytes.data() + taken, part);
      }
      taken += part;
    }
    ASSERT_GT(taken, 0U);
    connection_.received(taken);
    bytes.remove_prefix(taken);
    do {
      state_ = connection_.process();
      take_output();
    } while (state_ == Connection::State::Paused);
  }
}

void Peer::take_output() {
  SendQueue& queue = connection_.output();
  while (!queue.empty()) {
    std::array<std::span<const std::byte>, 3> pieces;
    const std::size_t count = queue.gather(pieces);
    std::size_t total = 0;
    for (std::size_t i = 0; i < count; ++i) {
      output_.append(as_text(pieces[i]));
      total += pieces[i].size();
    }
    queue.sent(total);
  }
}

std::vector<Answer> Peer::answers() {
  take_output();
  std::vector<Answer> answers;
  std::string_view rest = output_;
  while (rest.size() >= kHeaderBytes) {
    Answer answer;
    std::memcpy(answer.header.data(), rest.data(), kHeaderBytes);
    std::size_t used = kHeaderBytes;
    if (header_digest_) {
      EXPECT_EQ(rest.substr(used, 4), digest_of(rest.substr(0, used)));
      used += 4;
    }
    const std::size_t bytes = data_length(answer.header);
    const auto data = as_bytes(rest.substr(used, bytes));
    answer.data.assign(data.begin(), data.end());
    if (bytes > 0 && data_digest_) {
      const std::string_view covered = rest.substr(used, padded(bytes));
      EXPECT_EQ(rest.substr(used + padded(bytes), 4), digest_of(covered));
      used += 4;
    }
    used += padded(bytes);
    if (used > rest.size()) {
      break;
    }
    rest.remove_prefix(used);
    answers.push_back(std::move(answer));
  }
  EXPECT_TRUE(rest.empty()) << "the output ends in the middle of a PDU";
  output_.clear();
  return answers;
}

Answer Peer::answer() {
  std::vector<Answer> all = answers();
  EXPECT_EQ(all.size(), 1U);
  return all.empty() ? Answer{} : std::move(all.front());
}

Answer Peer::login(const std::string& text) {
  Request request = login_request(text, 0x87, isid);
  set32(request.header, field::kCmdSn, next_cmd_sn);
  return exchange(request);
}

void Peer::login_to(const std::string& target, const std::string& more) {
  const Answer response =
      login(text_of({"InitiatorName=iqn.2026-11.test:peer", "TargetName=" + target}) + more);
  ASSERT_EQ(response.login_status(), 0);
}

std::string text_of(std::initializer_list<std::string_view> pairs) {
  std::string text;
  for (const std::string_view pair : pairs) {
    text.append(pair);
    text.push_back('\0');
  }
  return text;
}

Request login_request(const std::string& text, std::uint8_t flags, std::uint8_t isid) {
  Request request = make_request(Opcode::LoginRequest, 1, flags);
  set32(request.header, field::kTransferTag, 0);
  request.header[0] |= kImmediate;
  request.header[field::kIsid] = 0x80;
  request.header[field::kIsid + 5] = isid;
  request.data = text;
  return request;
}

Request command(std::uint8_t operation, std::uint32_t tag, std::uint8_t flags,
                std::uint32_t expected_bytes, std::uint32_t block, std::uint16_t blocks) {
  Request request = make_request(Opcode::ScsiCommand, tag, flags);
  set32(request.header, field::kExpectedLength, expected_bytes);
  std::uint8_t* cdb = request.header.data() + field::kCdb;
  cdb[0] = operation;
  store_be32(cdb + 2, block);
  store_be16(cdb + 7, blocks);
  return request;
}

Request data_out(std::uint32_t tag, std::uint32_t transfer_tag, std::uint32_t data_sn,
                 std::uint32_t offset, std::string data, bool is_final) {
  Request request = make_request(Opcode::DataOut, tag, is_final ? kFinal : std::uint8_t{0});
  set32(request.header, field::kTransferTag, transfer_tag);
  set32(request.header, field::kDataSn, data_sn);
  set32(request.header, field::kBufferOffset, offset);
  request.data = std::move(data);
  return request;
}

std::string pattern(std::size_t bytes, unsigned seed) {
  std::string text(bytes, '\0');
  for (std::size_t i = 0; i < bytes; ++i) {
    text[i] = static_cast<char>(i * 31 + i / 512 + seed * 17);
  }
  return text;
}

}  // namespace lockstep::iscsi::test
