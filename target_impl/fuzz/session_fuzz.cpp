// A session in full feature phase: sequences of PDUs that are framed well and mean anything, on up
// to two connections of one portal, so that numbering, data transfer, task management, text,
// logout and reinstatement meet in every order.
//
// Input: a byte of login flags, then records. A record: control byte; 48 bytes of header; two bytes
// of data length; up to as many bytes of data, repeated to that length when the length says more.
#include "target_impl/fuzz/served_device.hpp"
#include "target_impl/fuzz/wire.hpp"

#include <array>
#include <memory>
#include <optional>

namespace {

using namespace lockstep;
using namespace lockstep::fuzz;
using namespace lockstep::iscsi;

// Login flags.
constexpr std::uint8_t kDigests = 1;
constexpr std::uint8_t kInitialR2t = 2;
constexpr std::uint8_t kNoImmediateData = 4;
constexpr std::uint8_t kSmallSegments = 8;
constexpr std::uint8_t kSmallBursts = 16;
constexpr std::uint8_t kDiscovery = 32;

// Control byte.
constexpr std::uint8_t kNumbered = 1;        // CmdSN is made the right one
constexpr std::uint8_t kAnswersR2t = 2;      // tags, offset and length follow the last R2T
constexpr std::uint8_t kSecond = 4;          // on the second connection
constexpr std::uint8_t kReconnect = 8;       // log in anew first
constexpr std::uint8_t kSpecial = 16;        // no PDU: ping, withdraw, notice; by the next byte
constexpr std::uint8_t kBadDataDigest = 32;  // where digests are in use
constexpr std::uint8_t kInPieces = 64;

constexpr std::size_t kMostRecords = 64;
constexpr std::size_t kMostData = 16 * 1024;
constexpr std::size_t kSmallSegmentBytes = 1024;

struct Peer {
  std::unique_ptr<Wire> wire;
  std::uint32_t cmd_sn = 1;
  std::optional<Header> r2t;
};

void log_in(Peer& peer, Portal& portal, std::uint8_t flags, std::uint8_t isid) {
  peer = {};
  peer.wire = std::make_unique<Wire>(portal);
  std::string text = "InitiatorName=iqn.2026-11.net.lockstep:fuzzer\n";
  text += (flags & kDiscovery) != 0 ? std::string("SessionType=Discovery\n")
                                    : std::string("TargetName=") + kTargetName + "\n";
  const bool digests = (flags & kDigests) != 0;
  text += digests ? "HeaderDigest=CRC32C\nDataDigest=CRC32C\n" : "";
  text += (flags & kInitialR2t) != 0 ? "InitialR2T=Yes\n" : "InitialR2T=No\n";
  text += (flags & kNoImmediateData) != 0 ? "ImmediateData=No\n" : "ImmediateData=Yes\n";
  if ((flags & kSmallSegments) != 0) {
    text += "MaxRecvDataSegmentLength=1024\n";
    peer.wire->limit_data(kSmallSegmentBytes);
  }
  text += (flags & kSmallBursts) != 0 ? "FirstBurstLength=1024\nMaxBurstLength=1536\n" : "";
  constexpr std::uint8_t kStraightToFullFeature = 0x87;
  peer.wire->feed(peer.wire->encode(login_header(kStraightToFullFeature, isid), text_data(text)));
  static_cast<void>(peer.wire->received());
  peer.wire->use_digests(digests, digests);
}

void learn(Peer& peer) {
  for (const ReceivedPdu& pdu : peer.wire->received()) {
    if (is_opcode(pdu.header, Opcode::ReadyToTransfer)) {
      expect(get32(pdu.header, field::kDesiredLength) > 0, "an R2T asks for something");
      expect(get32(pdu.header, field::kTransferTag) != kReservedTag, "an R2T has a tag");
      peer.r2t = pdu.header;
    }
  }
}

void send_record(Peer& peer, Input& input, std::uint8_t control) {
  Header header{};
  const auto bytes = input.take(header.size());
  std::copy(bytes.begin(), bytes.end(), header.begin());
  std::size_t length = input.number(2) % kMostData;
  if ((control & kAnswersR2t) != 0 && peer.r2t) {
    set32(header, field::kTaskTag, task_tag(*peer.r2t));
    set32(header, field::kTransferTag, get32(*peer.r2t, field::kTransferTag));
    set32(header, field::kBufferOffset, get32(*peer.r2t, field::kBufferOffset));
    length = std::min<std::size_t>(get32(*peer.r2t, field::kDesiredLength), kMostData);
    header[0] = static_cast<std::uint8_t>(Opcode::DataOut);
    peer.r2t.reset();
  } else if ((control & kNumbered) != 0 && !is_opcode(header, Opcode::DataOut)) {
    set32(header, field::kCmdSn, peer.cmd_sn);
    peer.cmd_sn += is_immediate(header) ? 0 : 1;
  }
  std::string data(fuzz::as_text(input.take(length % 32)));
  const std::size_t given = data.size();
  for (std::size_t i = 0; data.size() < length; ++i) {
    data.push_back(given == 0 ? '\0' : data[i % given]);
  }
  std::string pdu = peer.wire->encode(header, data);
  if ((control & kBadDataDigest) != 0 && !data.empty()) {
    pdu.back() = static_cast<char>(pdu.back() ^ 1);
  }
  peer.wire->feed(pdu, (control & kInPieces) != 0 ? 37 : SIZE_MAX);
}

void do_special(ServedDevice& served, Peer& peer, std::uint8_t which) {
  Session* session = peer.wire->connection().session();
  switch (which % 5) {
    case 0:
      if (session != nullptr && !session->closing()) {
        session->ping();
      }
      break;
    case 1:
      served.portal.remove(kTargetName);
      break;
    case 2:
      served.portal.add(served.executor);
      break;
    case 3:
      if (session != nullptr && !session->closing()) {
        session->end_with_notice(AsyncEvent::LogoutRequested);
      }
      break;
    default:
      peer.wire.reset();  // the connection is lost
      break;
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t bytes) {
  Input input(data, bytes);
  const std::uint8_t flags = input.byte();
  ServedDevice served;
  {
    std::array<Peer, 2> peers;
    for (std::size_t records = 0; !input.empty() && records != kMostRecords; ++records) {
      const std::uint8_t control = input.byte();
      const std::size_t which = (control & kSecond) != 0 ? 1 : 0;
      Peer& peer = peers.at(which);
      if (!peer.wire || peer.wire->finished() || (control & kReconnect) != 0) {
        // The same initiator port as the other connection's half of the time.
        const std::uint8_t isid =
            (control & kReconnect) != 0 ? 1 : static_cast<std::uint8_t>(1 + which);
        log_in(peer, served.portal, flags, isid);
      }
      if ((control & kSpecial) != 0) {
        do_special(served, peer, input.byte());
      } else {
        send_record(peer, input, control);
      }
      for (Peer& each : peers) {
        if (each.wire) {
          each.wire->idle();
          learn(each);
        }
      }
    }
  }
  return 0;
}
