// The login of a load connection. RFC 7143 sections 11.12, 11.13 and 13.
#include "bench/load/wire.hpp"
#include "target_impl/iscsi/bytes.hpp"
#include "target_impl/iscsi/text.hpp"

#include <unistd.h>

namespace lockstep::bench::load {

using iscsi::Header;
using iscsi::Opcode;
namespace field = iscsi::field;

namespace {

constexpr std::uint8_t kSecurity = 0;
constexpr std::uint8_t kOperational = 1;
constexpr std::uint8_t kFullFeature = 3;
// A target may need several answers for one stage.
constexpr int kMostRounds = 8;

// No login answer is large.
struct NoPlace final : iscsi::PayloadPlacer {
  std::byte* place(const Header& /*header*/, std::size_t bytes) override {
    spare.resize(bytes);
    return spare.data();
  }
  std::vector<std::byte> spare;
};

}  // namespace

Status Wire::log_in(const Address& address) {
  using iscsi::append_pair;
  std::string keys;
  append_pair(keys, "InitiatorName", "iqn.2026-11.net.lockstep:load");
  append_pair(keys, "TargetName", address.target_name);
  append_pair(keys, "SessionType", "Normal");
  append_pair(keys, "AuthMethod", "None");
  std::string answer;
  LOCKSTEP_TRY(log_in_stage(kSecurity, kOperational, keys, answer));
  keys.clear();
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
  LOCKSTEP_TRY(log_in_stage(kOperational, kFullFeature, keys, answer));
  return read_agreement(answer);
}

Status Wire::log_in_stage(std::uint8_t stage, std::uint8_t next_stage, const std::string& keys,
                          std::string& answer) {
  NoPlace nowhere;
  for (int round = 0; round < kMostRounds; ++round) {
    Header header = iscsi::make_header(Opcode::LoginRequest, 0);
    header[0] |= iscsi::kImmediate;
    header[field::kFlags] = static_cast<std::uint8_t>(iscsi::kFinal | stage << 2 | next_stage);
    // An identifier of its own for each process, so that no session replaces another.
    header[field::kIsid] = 0x80;
    iscsi::store_be32(header.data() + field::kIsid + 1, static_cast<std::uint32_t>(::getpid()));
    iscsi::store_be16(header.data() + field::kTsih, tsih_);
    iscsi::set32(header, field::kCmdSn, command_sn_);
    const std::string_view text = round == 0 ? std::string_view(keys) : std::string_view();
    put(header, iscsi::as_bytes(text));
    LOCKSTEP_TRY(flush());
    iscsi::Pdu pdu;
    for (bool complete = false; !complete;) {
      LOCKSTEP_TRY(complete, next(pdu, nowhere));
      if (!complete) {
        LOCKSTEP_TRY(receive());
      }
    }
    const std::uint16_t status = iscsi::load_be16(pdu.header.data() + field::kLoginStatus);
    if (!iscsi::is_opcode(pdu.header, Opcode::LoginResponse) || status != 0) {
      return target_error("load: login: expected success, found status " + std::to_string(status));
    }
    tsih_ = iscsi::load_be16(pdu.header.data() + field::kTsih);
    answer += iscsi::as_text(pdu.data);
    if (iscsi::has_flag(pdu.header, iscsi::kFinal)) return ok();
  }
  return target_error("load: login: the target never moved on from stage " + std::to_string(stage));
}

Status Wire::read_agreement(const std::string& answer) {
  LOCKSTEP_TRY(const auto pairs, iscsi::parse_text(answer));
  for (const auto& [key, value] : pairs) {
    const auto number = iscsi::parse_number(value);
    if (key == "MaxRecvDataSegmentLength" && number) {
      agreed_.target_max_receive = static_cast<std::uint32_t>(*number);
    } else if (key == "FirstBurstLength" && number) {
      agreed_.first_burst = static_cast<std::uint32_t>(*number);
    } else if (key == "ImmediateData") {
      agreed_.immediate_data = value == "Yes";
    }
  }
  return ok();
}

}  // namespace lockstep::bench::load
