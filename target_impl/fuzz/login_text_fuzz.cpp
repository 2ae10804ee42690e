// Login and text negotiation: any keys and values, split over requests and stages in any way; once
// a login succeeds the rest of the input goes into Text Requests.
//
// Input: a byte of flags (1: names are sent first, 2: a discovery session, 4: of a target that
// wants CHAP), then requests: a byte of the header's flags (C, T, CSG, NSG), text up to a byte
// 0xFF. A newline stands for the NUL that ends a pair.
#include "target_impl/fuzz/served_device.hpp"
#include "target_impl/fuzz/wire.hpp"

namespace {

using namespace lockstep;
using namespace lockstep::fuzz;
using namespace lockstep::iscsi;

constexpr std::uint8_t kNamesFirst = 1;
constexpr std::uint8_t kDiscovery = 2;
constexpr std::uint8_t kGuarded = 4;
constexpr const char* kGuardedName = "iqn.2026-11.net.lockstep:guarded";
constexpr std::uint8_t kEnd = 0xFF;
constexpr std::uint8_t kFlagBits = 0xCF;
constexpr std::size_t kMostRequests = 80;  // more than a login may have

std::string first_text(std::uint8_t flags) {
  if ((flags & kNamesFirst) == 0) {
    return {};
  }
  const std::string target = (flags & kGuarded) != 0 ? kGuardedName : kTargetName;
  const std::string initiator = "InitiatorName=iqn.2026-11.net.lockstep:fuzzer\n";
  return text_data((flags & kDiscovery) != 0 ? initiator + "SessionType=Discovery\n"
                                             : initiator + "TargetName=" + target + "\n");
}

// One-way and mutual CHAP.
void add_guarded(Portal& portal) {
  TargetAccess access;
  access.accounts.push_back({"user", Secret("0123456789abcdef")});
  access.own = ChapAccount{"target", Secret("fedcba9876543210")};
  portal.add(
      std::make_shared<target::DeviceExecutor>(std::make_shared<scsi::DeviceServer>(kGuardedName)),
      std::move(access));
}

void check_login_answer(const ReceivedPdu& pdu) {
  expect(is_opcode(pdu.header, Opcode::LoginResponse), "a login request gets a login response");
  const unsigned status_class = pdu.header[field::kLoginStatus];
  expect(status_class <= 3, "the status class is one of the standard's");
  expect(!has_flag(pdu.header, kFinal) || !has_flag(pdu.header, kContinue),
         "no response both goes on and moves on");
  expect(status_class == 0 || !has_flag(pdu.header, kFinal), "a refusal never moves on");
}

Header text_header(std::uint8_t flags, std::uint32_t cmd_sn, std::uint32_t transfer_tag) {
  Header header = make_header(Opcode::TextRequest, cmd_sn);
  header[field::kFlags] = flags & (kFinal | kContinue);
  set32(header, field::kTransferTag, transfer_tag);
  set32(header, field::kCmdSn, cmd_sn);
  return header;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t bytes) {
  Input input(data, bytes);
  const std::uint8_t flags = input.byte();
  ServedDevice served;
  add_guarded(served.portal);
  {
    Wire wire(served.portal);
    std::string text = first_text(flags);
    std::string answered;
    std::uint32_t cmd_sn = 1;
    std::uint32_t transfer_tag = kReservedTag;
    for (std::size_t i = 0; !input.empty() && !wire.finished() && i != kMostRequests; ++i) {
      const auto header_flags = static_cast<std::uint8_t>(input.byte() & kFlagBits);
      text += text_data(fuzz::as_text(input.take_until(kEnd)));
      const bool logged_in = wire.connection().logged_in();
      const Header header = logged_in ? text_header(header_flags, cmd_sn++, transfer_tag)
                                      : login_header(header_flags, 1);
      wire.feed(wire.encode(header, text.substr(0, kDefaultMaxReceive)));
      text.clear();
      for (const ReceivedPdu& pdu : wire.received()) {
        if (!logged_in) {
          check_login_answer(pdu);
          answered += pdu.data;
        } else if (is_opcode(pdu.header, Opcode::TextResponse)) {
          transfer_tag = get32(pdu.header, field::kTransferTag);
        }
      }
      if (wire.connection().logged_in() && !logged_in) {
        wire.use_digests(answered.find("HeaderDigest=CRC32C") != std::string::npos,
                         answered.find("DataDigest=CRC32C") != std::string::npos);
        wire.limit_data(kMaxSegment);  // whatever was declared
      }
    }
  }
  return 0;
}
