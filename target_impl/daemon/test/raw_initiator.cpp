#include "target_impl/daemon/test/raw_initiator.hpp"

#include "target_impl/iscsi/chap.hpp"
#include "target_impl/iscsi/crc32c.hpp"

#include <cstring>

namespace lockstep::target::test {
namespace {

namespace field = iscsi::field;
using iscsi::Opcode;

std::string digest_of(std::string_view bytes) {
  iscsi::Crc32c digest;
  digest.add(iscsi::as_bytes(bytes));
  std::string text(4, '\0');
  digest.store(reinterpret_cast<std::uint8_t*>(text.data()));
  return text;
}

std::string base64(const std::vector<std::uint8_t>& bytes) {
  constexpr std::string_view kDigits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string text = "0b";
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    std::uint32_t bits = 0;
    for (std::size_t j = i; j < i + 3; ++j) {
      bits = bits << 8 | (j < bytes.size() ? bytes[j] : 0U);
    }
    for (std::size_t j = 0; j < 4; ++j) {
      text.push_back(i + j <= bytes.size() ? kDigits[bits >> (18 - 6 * j) & 63] : '=');
    }
  }
  return text;
}

}  // namespace

std::map<std::string, std::string> pairs_of(const Answer& answer) {
  std::map<std::string, std::string> found;
  const std::string text = answer.text();
  if (const auto pairs = iscsi::parse_text(text)) {
    for (const iscsi::TextPair& pair : pairs.value()) {
      found[std::string(pair.key)] = pair.value;
    }
  }
  return found;
}

std::string RawInitiator::encode(Request request) const {
  iscsi::store_be24(request.header.data() + field::kDataLength,
                    static_cast<std::uint32_t>(request.data.size()));
  std::string bytes(reinterpret_cast<const char*>(request.header.data()), iscsi::kHeaderBytes);
  if (header_digest_) {
    bytes += digest_of(bytes);
  }
  if (!request.data.empty()) {
    request.data.resize(iscsi::padded(request.data.size()), '\0');
    bytes += request.data;
    if (data_digest_) {
      bytes += digest_of(request.data);
    }
  }
  return bytes;
}

std::optional<Answer> RawInitiator::receive() {
  while (auto answer = receive_any()) {
    const bool is_ping =
        answer->opcode() == Opcode::NopIn && iscsi::task_tag(answer->header) == iscsi::kReservedTag;
    if (!is_ping) {
      return answer;
    }
    ++pings;
    Request reply = iscsi::test::make_request(Opcode::NopOut, iscsi::kReservedTag);
    reply.header[0] |= iscsi::kImmediate;
    iscsi::set32(reply.header, field::kTransferTag, answer->at(field::kTransferTag));
    iscsi::set32(reply.header, field::kCmdSn, next_cmd_sn);
    if (!send(reply)) {
      break;
    }
  }
  return std::nullopt;
}

std::optional<Answer> RawInitiator::receive_any() {
  Answer answer;
  const std::string header = socket_.receive(iscsi::kHeaderBytes);
  if (header.size() < iscsi::kHeaderBytes) {
    return std::nullopt;
  }
  std::memcpy(answer.header.data(), header.data(), header.size());
  if (header_digest_) {
    EXPECT_EQ(socket_.receive(4), digest_of(header));
  }
  const std::size_t bytes = iscsi::data_length(answer.header);
  if (bytes > 0) {
    const std::string data = socket_.receive(iscsi::padded(bytes));
    if (data.size() < iscsi::padded(bytes)) {
      return std::nullopt;
    }
    if (data_digest_) {
      EXPECT_EQ(socket_.receive(4), digest_of(data));
    }
    const auto used = iscsi::as_bytes(data).first(bytes);
    answer.data.assign(used.begin(), used.end());
  }
  ++received_pdus;
  return answer;
}

Answer RawInitiator::exchange(const Request& request) {
  if (!send(request)) {
    return {};
  }
  return receive().value_or(Answer{});
}

Request RawInitiator::numbered(Request request) {
  iscsi::set32(request.header, field::kCmdSn, next_cmd_sn++);
  return request;
}

std::string RawInitiator::names(const std::string& target) const {
  return iscsi::test::text_of(
      {"InitiatorName=" + initiator_name,
       target.empty() ? std::string("SessionType=Discovery") : "TargetName=" + target});
}

std::uint16_t RawInitiator::step(const std::string& text, std::uint8_t flags) {
  Request request = iscsi::test::login_request(text, flags, isid);
  iscsi::set32(request.header, field::kCmdSn, next_cmd_sn);
  if (!send(request)) {
    return kNoAnswer;
  }
  const auto answer = receive();
  if (!answer || answer->opcode() != Opcode::LoginResponse) {
    return kNoAnswer;
  }
  last = *answer;
  return last.login_status();
}

void RawInitiator::use_digests() {
  const auto pairs = pairs_of(last);
  const auto on = [&pairs](const char* key) {
    const auto found = pairs.find(key);
    return found != pairs.end() && found->second == "CRC32C";
  };
  header_digest_ = on("HeaderDigest");
  data_digest_ = on("DataDigest");
}

std::uint16_t RawInitiator::log_in(const std::string& target, const std::string& keys) {
  const std::uint16_t status = step(names(target) + keys, 0x87);
  if (status == 0) {
    use_digests();
  }
  return status;
}

std::uint16_t RawInitiator::log_in_by_chap(const std::string& target,
                                           const Credentials& credentials,
                                           const std::string& keys) {
  using iscsi::test::text_of;
  std::uint16_t status = step(names(target) + text_of({"AuthMethod=CHAP,None"}), 0x00);
  if (status != 0) {
    return status;
  }
  status = step(text_of({"CHAP_A=" + credentials.algorithm}), 0x00);
  if (status != 0) {
    return status;
  }
  auto pairs = pairs_of(last);
  const auto algorithm = iscsi::choose_chap_algorithm(pairs["CHAP_A"]);
  const auto identifier = iscsi::parse_number(pairs["CHAP_I"]);
  const auto challenge = iscsi::decode_binary(pairs["CHAP_C"], 1024);
  if (!algorithm || !identifier || !challenge) {
    return kNoAnswer;
  }
  const auto response = iscsi::chap_response(*algorithm, static_cast<std::uint8_t>(*identifier),
                                             credentials.account.secret, *challenge);
  std::string proof =
      text_of({"CHAP_N=" + credentials.account.user,
               "CHAP_R=" + (credentials.in_base64 ? base64(response)
                                                  : iscsi::encode_hexadecimal(response))});
  const std::vector<std::uint8_t> own_challenge = iscsi::random_bytes(24);
  if (credentials.of_target) {
    proof += text_of({"CHAP_I=77", "CHAP_C=" + iscsi::encode_hexadecimal(own_challenge)});
  }
  status = step(proof, 0x81);
  if (status != 0) {
    return status;
  }
  if (credentials.of_target) {
    EXPECT_EQ(pairs_of(last)["CHAP_R"],
              iscsi::encode_hexadecimal(
                  iscsi::chap_response(*algorithm, 77, *credentials.of_target, own_challenge)));
  }
  status = step(keys, 0x87);
  if (status == 0) {
    use_digests();
  }
  return status;
}

bool RawInitiator::clear_attentions() {
  for (int i = 0; i < 20; ++i) {
    const Answer answer = exchange(numbered(
        iscsi::test::command(iscsi::test::kTestUnitReady, next_tag++, iscsi::kFinal, 0, 0, 0)));
    if (answer.opcode() != Opcode::ScsiResponse) {
      return false;
    }
    if (answer.header[field::kStatus] == 0) {
      return true;
    }
  }
  return false;
}

std::string RawInitiator::read(std::uint32_t block, std::uint16_t blocks) {
  std::string data;
  if (!send(numbered(iscsi::test::read_command(next_tag++, block, blocks)))) {
    return {};
  }
  while (const auto answer = receive()) {
    if (answer->opcode() != Opcode::DataIn) {
      return {};
    }
    data += answer->text();
    if ((answer->header[field::kFlags] & iscsi::kStatusInDataIn) != 0) {
      break;
    }
  }
  return data;
}

}  // namespace lockstep::target::test
