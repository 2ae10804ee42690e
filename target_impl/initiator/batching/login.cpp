#include "target_impl/initiator/batching/login.hpp"

#include "target_impl/iscsi/bytes.hpp"
#include "target_impl/iscsi/chap.hpp"
#include "target_impl/iscsi/text.hpp"

#include <algorithm>
#include <utility>

namespace lockstep::initiator::batching {

using iscsi::append_pair;
using iscsi::Header;
using iscsi::Opcode;
namespace field = iscsi::field;

namespace {

// A target may need several answers for one stage, and says no end of nothing.
constexpr unsigned kMostRounds = 64;
constexpr std::size_t kMostChallengeBytes = 1024;
constexpr std::uint64_t kLeastSegmentBytes = 512;
constexpr std::uint64_t kMostSegmentBytes = (1U << 24) - 1;

constexpr std::uint16_t kRefusedCredentials = 0x0201;
constexpr std::uint16_t kRefusedInitiator = 0x0202;

std::string offered_operational_keys() {
  std::string keys;
  for (const auto& [key, value] : {std::pair{"HeaderDigest", "None"},
                                   {"DataDigest", "None"},
                                   {"MaxConnections", "1"},
                                   {"InitialR2T", "No"},
                                   {"ImmediateData", "Yes"},
                                   {"MaxRecvDataSegmentLength", "1048576"},
                                   {"MaxBurstLength", "1048576"},
                                   {"FirstBurstLength", "262144"},
                                   {"MaxOutstandingR2T", "16"},
                                   {"DefaultTime2Wait", "2"},
                                   {"DefaultTime2Retain", "0"},
                                   {"DataPDUInOrder", "Yes"},
                                   {"DataSequenceInOrder", "Yes"},
                                   {"ErrorRecoveryLevel", "0"}}) {
    append_pair(keys, key, value);
  }
  return keys;
}

Error refusal(std::uint16_t status) {
  const std::string found = "the login was refused with status " + std::to_string(status >> 8) +
                            "/" + std::to_string(status & 0xFF);
  if (status == kRefusedCredentials || status == kRefusedInitiator) {
    return config_error("expected to be let in, " + found + "; check user name and password");
  }
  return target_error(found);
}

Error unusable(std::string_view key, std::string_view value) {
  return target_error("login: expected a usable value of " + std::string(key) + ", found '" +
                      std::string(value.substr(0, 64)) + "'");
}

}  // namespace

std::size_t Agreed::immediate_bytes(std::size_t data_bytes) const noexcept {
  return immediate_data ? std::min<std::size_t>({data_bytes, first_burst, target_max_receive}) : 0;
}

void Login::begin() {
  std::string keys;
  append_pair(keys, "InitiatorName", request_.initiator_name);
  append_pair(keys, "TargetName", request_.target_name);
  append_pair(keys, "SessionType", "Normal");
  append_pair(keys, "AuthMethod", request_.account ? "CHAP,None" : "None");
  put(keys, !request_.account);
}

void Login::put(std::string_view text, bool moves_on) {
  const auto next = stage_ == Stage::Security ? Stage::Operational : Stage::FullFeature;
  Header header = iscsi::make_header(Opcode::LoginRequest, 0);
  header[0] |= iscsi::kImmediate;
  header[field::kFlags] =
      static_cast<std::uint8_t>(static_cast<unsigned>(stage_) << 2 |
                                (moves_on ? iscsi::kFinal | static_cast<unsigned>(next) : 0U));
  header[field::kIsid] = 0x80;  // "random"
  iscsi::store_be24(header.data() + field::kIsid + 1,
                    static_cast<std::uint32_t>(request_.isid >> 16));
  iscsi::store_be16(header.data() + field::kIsid + 4, static_cast<std::uint16_t>(request_.isid));
  iscsi::store_be16(header.data() + field::kTsih, tsih_);
  sent_ = text;
  stream_.put(header, iscsi::as_bytes(sent_));
}

Result<bool> Login::take(const iscsi::Pdu& pdu) {
  const Header& header = pdu.header;
  if (!iscsi::is_opcode(header, Opcode::LoginResponse)) {
    return target_error("login: expected an answer to it, found a PDU of opcode " +
                        std::to_string(iscsi::opcode_of(header)));
  }
  if (const auto status = iscsi::load_be16(header.data() + field::kLoginStatus); status != 0) {
    return refusal(status);
  }
  if (++rounds_ > kMostRounds || stream_.has_output() ||
      answer_.size() + pdu.data.size() > iscsi::kMaxTextBytes) {
    return target_error("login: expected an end of it, found none");
  }
  tsih_ = iscsi::load_be16(header.data() + field::kTsih);
  answer_ += iscsi::as_text(pdu.data);
  if (iscsi::has_flag(header, iscsi::kContinue)) {
    put({}, false);
    return false;
  }
  LOCKSTEP_TRY(read(std::exchange(answer_, {})));
  if (iscsi::has_flag(header, iscsi::kFinal)) {
    const unsigned next = header[field::kFlags] & 3U;
    if (next == static_cast<unsigned>(Stage::FullFeature)) return true;
    if (stage_ != Stage::Security || next != static_cast<unsigned>(Stage::Operational)) {
      return target_error("login: expected the next stage, found stage " + std::to_string(next));
    }
    stage_ = Stage::Operational;
    put(offered_operational_keys(), true);
    return false;
  }
  LOCKSTEP_TRY(go_on());
  return false;
}

Status Login::go_on() {
  if (stage_ == Stage::Security && method_ == "CHAP" && !has_responded_) {
    if (!challenge_.empty()) return respond_to_challenge();
    if (!std::exchange(asked_for_challenge_, true)) {
      std::string keys;
      append_pair(keys, "CHAP_A", "7,5");  // SHA-256, MD5
      put(keys, false);
      return ok();
    }
  }
  put({}, true);
  return ok();
}

Status Login::respond_to_challenge() {
  const auto algorithm = iscsi::choose_chap_algorithm(algorithm_);
  const auto identifier = iscsi::parse_number(identifier_);
  const auto challenge = iscsi::decode_binary(challenge_, kMostChallengeBytes);
  if ((algorithm_ != "7" && algorithm_ != "5") || !algorithm || !identifier || *identifier > 255 ||
      !challenge) {
    return target_error("login: expected a challenge of CHAP with an algorithm that was offered");
  }
  const auto response = iscsi::chap_response(*algorithm, static_cast<std::uint8_t>(*identifier),
                                             iscsi::Secret(request_.account->password), *challenge);
  if (response.empty()) return internal_error("login: CHAP: the digest is not available");
  has_responded_ = true;
  std::string keys;
  append_pair(keys, "CHAP_N", request_.account->user);
  append_pair(keys, "CHAP_R", iscsi::encode_hexadecimal(response));
  put(keys, true);
  return ok();
}

Status Login::read(std::string_view text) {
  LOCKSTEP_TRY(const auto pairs, iscsi::parse_text(text));
  for (const auto& [key, value] : pairs) {
    LOCKSTEP_TRY(read_pair(key, value));
  }
  return ok();
}

Status Login::read_pair(std::string_view key, std::string_view value) {
  if (key == "MaxRecvDataSegmentLength" || key == "FirstBurstLength") {
    const auto bytes = iscsi::parse_number(value);
    if (!bytes || *bytes < kLeastSegmentBytes || *bytes > kMostSegmentBytes) {
      return unusable(key, value);
    }
    (key.starts_with('M') ? agreed_.target_max_receive : agreed_.first_burst) =
        static_cast<std::uint32_t>(*bytes);
  } else if (key == "ImmediateData") {
    const auto given = iscsi::parse_boolean(value);
    if (!given) return unusable(key, value);
    agreed_.immediate_data = *given;
  } else if (key == "HeaderDigest" || key == "DataDigest") {
    if (value != "None") return unusable(key, value);
  } else if (key == "DataPDUInOrder" || key == "DataSequenceInOrder") {
    if (value != "Yes") return unusable(key, value);
  } else if (key == "AuthMethod") {
    if (value != "None" && (value != "CHAP" || !request_.account)) return unusable(key, value);
    method_ = value;
  } else if (key == "CHAP_A") {
    algorithm_ = value;
  } else if (key == "CHAP_I") {
    identifier_ = value;
  } else if (key == "CHAP_C") {
    challenge_ = value;
  }
  return ok();
}

}  // namespace lockstep::initiator::batching
