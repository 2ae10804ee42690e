// Everything the target says, as a packet analyser sees it: Wireshark's iSCSI dissector must find
// each PDU well formed and no expert error, while every kind of PDU passes by.
#include "target_impl/daemon/test/capture.hpp"
#include "target_impl/daemon/test/raw_initiator.hpp"
#include "target_impl/daemon/test/served_volume.hpp"
#include "target_impl/daemon/test/server_options.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <functional>
#include <set>
#include <sstream>
#include <thread>
#include <unistd.h>
#include <utility>

namespace lockstep::target::test {
namespace {

using iscsi::Opcode;
using iscsi::test::command;
using iscsi::test::data_out;
using iscsi::test::make_request;
using iscsi::test::pattern;
using iscsi::test::text_of;
using iscsi::test::write_command;
using ::testing::HasSubstr;
using ::testing::Not;
namespace field = iscsi::field;

constexpr std::uint64_t kMebibyte = 1ULL << 20;
const std::string kSecret = "initiator-secret";
const std::string kTargetSecret = "secret-of-the-target";

class Wire : public ::testing::Test {
 protected:
  void SetUp() override {
    folder_ =
        std::filesystem::temp_directory_path() / ("lockstep-wire-" + std::to_string(::getpid()));
    std::filesystem::create_directories(folder_);
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  // What tshark says of the capture, one line per packet that the filter lets through.
  std::string analyse(const std::vector<Exchange>& exchanges, const std::string& options) {
    const auto file = folder_ / "exchange.pcap";
    std::ofstream(file, std::ios::binary) << make_capture(exchanges);
    const Ran ran =
        run_tool("tshark -n -d tcp.port==3260,iscsi -r " + file.string() + " " + options, 60);
    EXPECT_EQ(ran.exit_code, 0) << ran.output;
    // Root is warned of itself.
    const bool is_warned = ran.output.starts_with("Running as user");
    return is_warned ? ran.output.substr(ran.output.find('\n') + 1) : ran.output;
  }
  // PDUs that are malformed, or that the dissector reports as an error (severity 800000h).
  std::string findings(const std::vector<Exchange>& exchanges) {
    return analyse(
        exchanges,
        "-V -Y '_ws.malformed or _ws.expert.severity >= 8388608 or iscsi.opcode.invalid'");
  }

  std::filesystem::path folder_;
};

// A target with a proxy before it, and initiators that make it say everything it can say.
class Conversation {
 public:
  Conversation() : served_(64 * kMebibyte, options()), proxy_(served_.server().port()) {
    iscsi::TargetAccess access;
    access.accounts.push_back({"user", iscsi::Secret(kSecret)});
    access.own = iscsi::ChapAccount{"target", iscsi::Secret(kTargetSecret)};
    EXPECT_TRUE(served_.server().serve(served_.device(), access).has_value());
  }
  // PDUs that were sent and received at the initiators' end.
  [[nodiscard]] std::size_t from_initiators() const noexcept { return from_initiators_; }
  [[nodiscard]] std::size_t from_target() const noexcept { return from_target_; }

  std::vector<Exchange> hold() {
    discover();
    for (const char* digests : {"None", "CRC32C"}) {
      use(digests);
    }
    fail_to_log_in();
    be_told();
    return proxy_.take();
  }

 private:
  static TargetServerOptions options() {
    TargetServerOptions options = server_options();
    options.ping_interval_ms = 100;
    options.parameters.max_burst = 65536;
    return options;
  }
  static Credentials credentials() {
    return {{"user", iscsi::Secret(kSecret)}, iscsi::Secret(kTargetSecret), "5,7", false};
  }

  void discover() {
    RawInitiator initiator(proxy_.port());
    ASSERT_EQ(initiator.log_in(""), 0);
    Request request = make_request(Opcode::TextRequest, 1);
    request.data = text_of({"SendTargets=All"});
    EXPECT_EQ(initiator.exchange(initiator.numbered(request)).opcode(), Opcode::TextResponse);
    log_out(initiator);
  }

  void use(const std::string& digests) {
    RawInitiator initiator(proxy_.port());
    ASSERT_EQ(initiator.log_in_by_chap(
                  kTargetName, credentials(),
                  text_of({"HeaderDigest=" + digests, "DataDigest=" + digests, "InitialR2T=No",
                           "ImmediateData=Yes", "FirstBurstLength=16384", "MaxBurstLength=65536",
                           "MaxRecvDataSegmentLength=32768"})),
              0);
    ASSERT_TRUE(initiator.clear_attentions());
    write_in_every_way(initiator);
    EXPECT_EQ(initiator.read(0, 512), pattern(4096, 1) + initiator.read(8, 504));
    ask(initiator);
    manage(initiator);
    be_rejected(initiator);
    be_pinged(initiator);
    log_out(initiator);
  }

  static void expect_good(const std::optional<Answer>& answer) {
    ASSERT_TRUE(answer.has_value());
    EXPECT_EQ(answer->opcode(), Opcode::ScsiResponse);
    EXPECT_EQ(answer->header[field::kStatus], 0);
  }

  static void write_in_every_way(RawInitiator& initiator) {
    // Immediate; unsolicited; both and solicited in two bursts.
    expect_good(initiator.exchange(initiator.numbered(write_command(1, 0, 8, pattern(4096, 1)))));
    ASSERT_TRUE(initiator.send(initiator.numbered(write_command(2, 8, 16, "", true))));
    expect_good(initiator.exchange(data_out(2, iscsi::kReservedTag, 0, 0, pattern(8192, 2), true)));
    const std::string all = pattern(160 * 512, 3);
    ASSERT_TRUE(
        initiator.send(initiator.numbered(write_command(3, 100, 160, all.substr(0, 4096), true))));
    ASSERT_TRUE(
        initiator.send(data_out(3, iscsi::kReservedTag, 0, 4096, all.substr(4096, 12288), true)));
    for (std::size_t done = 16384; done < all.size();) {
      const auto solicited = initiator.receive();
      ASSERT_TRUE(solicited.has_value());
      ASSERT_EQ(solicited->opcode(), Opcode::ReadyToTransfer);
      const std::size_t bytes = solicited->at(field::kDesiredLength);
      std::uint32_t number = 0;
      for (std::size_t sent = 0; sent < bytes;) {
        const std::size_t part = std::min<std::size_t>(bytes - sent, 32768);
        ASSERT_TRUE(initiator.send(data_out(3, solicited->at(field::kTransferTag), number++,
                                            static_cast<std::uint32_t>(done + sent),
                                            all.substr(done + sent, part), sent + part == bytes)));
        sent += part;
      }
      done += bytes;
    }
    expect_good(initiator.receive());
  }

  // Commands whose answers the analyser takes apart itself, and some that fail.
  static void ask(RawInitiator& initiator) {
    const auto inquire = [&initiator](std::initializer_list<unsigned> cdb, std::uint32_t bytes) {
      Request request = command(0, 20, iscsi::kFinal | iscsi::kCommandRead, bytes, 0, 0);
      std::fill_n(request.header.begin() + field::kCdb, 16, std::uint8_t{0});
      std::size_t at = field::kCdb;
      for (const unsigned byte : cdb) {
        request.header[at++] = static_cast<std::uint8_t>(byte);
      }
      return initiator.exchange(initiator.numbered(request));
    };
    EXPECT_EQ(inquire({0x12, 0, 0, 0, 255}, 255).opcode(), Opcode::DataIn);
    for (const unsigned page : {0x00U, 0x80U, 0x83U, 0xB0U, 0xB1U, 0xB2U}) {
      EXPECT_EQ(inquire({0x12, 1, page, 0, 255}, 255).opcode(), Opcode::DataIn) << page;
    }
    EXPECT_EQ(inquire({0xA0, 0, 0, 0, 0, 0, 0, 0, 1, 0}, 256).opcode(), Opcode::DataIn);
    EXPECT_EQ(inquire({0x25}, 8).opcode(), Opcode::DataIn);
    EXPECT_EQ(inquire({0x9E, 0x10, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 32}, 32).opcode(),
              Opcode::DataIn);
    EXPECT_EQ(inquire({0x1A, 8, 0x3F, 0, 192}, 192).opcode(), Opcode::DataIn);
    EXPECT_EQ(inquire({0xA3, 0x0A, 0, 0, 0, 0, 0, 0, 1, 0}, 256).opcode(), Opcode::DataIn);
    EXPECT_EQ(inquire({0x28, 0, 0xFF, 0xFF, 0xFF, 0xFF, 0, 0, 1}, 512).sense_code(), 0x2100);
    EXPECT_EQ(inquire({0xEE}, 0).sense_code(), 0x2000);
  }

  // Not those of RFC 7144, which the analyser does not know and passes over.
  static void manage(RawInitiator& initiator) {
    for (const unsigned function : {1U, 2U, 3U, 4U, 5U, 8U}) {
      Request request = make_request(Opcode::TaskManagementRequest, 30,
                                     static_cast<std::uint8_t>(iscsi::kFinal | function));
      iscsi::set32(request.header, field::kReferencedTag, 3);
      EXPECT_EQ(initiator.exchange(initiator.numbered(request)).opcode(),
                Opcode::TaskManagementResponse);
    }
    ASSERT_TRUE(initiator.clear_attentions());
  }

  static void be_rejected(RawInitiator& initiator) {
    EXPECT_EQ(initiator.exchange(data_out(77, 0x1234, 0, 0, pattern(512, 1), true)).opcode(),
              Opcode::Reject);
    Request snack = make_request(Opcode::SnackRequest, 3);
    EXPECT_EQ(initiator.exchange(snack).opcode(), Opcode::Reject);
  }

  static void be_pinged(RawInitiator& initiator) {
    Request ping = make_request(Opcode::NopOut, 40);
    ping.data = pattern(100, 4);
    EXPECT_EQ(initiator.exchange(initiator.numbered(ping)).text(), pattern(100, 4));
    // The target asks for a sign of life itself, when there was none for a while.
    for (int i = 0; i < 50 && initiator.pings == 0; ++i) {
      std::this_thread::sleep_for(std::chrono::milliseconds(250));
      EXPECT_EQ(initiator.exchange(initiator.numbered(ping)).opcode(), Opcode::NopIn);
    }
    EXPECT_GT(initiator.pings, 0);
  }

  void log_out(RawInitiator& initiator) {
    EXPECT_EQ(
        initiator.exchange(initiator.numbered(make_request(Opcode::LogoutRequest, 50))).opcode(),
        Opcode::LogoutResponse);
    EXPECT_FALSE(initiator.receive().has_value());
    count(initiator);
  }

  void fail_to_log_in() {
    Credentials wrong = credentials();
    wrong.account.secret = iscsi::Secret("another-secret");
    RawInitiator stranger(proxy_.port());
    EXPECT_EQ(stranger.log_in_by_chap(kTargetName, wrong), 0x0201);
    count(stranger);
    RawInitiator lost(proxy_.port());
    EXPECT_EQ(lost.log_in("iqn.2026-11.org.lockstep:nowhere"), 0x0203);
    count(lost);
  }

  void be_told() {
    RawInitiator initiator(proxy_.port());
    ASSERT_EQ(initiator.log_in_by_chap(kTargetName, credentials()), 0);
    served_.server().withdraw(kTargetName);
    const auto notice = initiator.receive();
    ASSERT_TRUE(notice.has_value());
    EXPECT_EQ(notice->opcode(), Opcode::AsyncMessage);
    EXPECT_FALSE(initiator.receive().has_value());
    count(initiator);
  }

  void count(const RawInitiator& initiator) {
    from_initiators_ += initiator.sent_pdus;
    from_target_ += initiator.received_pdus;
  }

  ServedVolume served_;
  RecordingProxy proxy_;
  std::size_t from_initiators_ = 0;
  std::size_t from_target_ = 0;
};

TEST_F(Wire, TheAnalyserFindsNothingWrong) {
  Conversation conversation;
  const std::vector<Exchange> exchanges = conversation.hold();
  EXPECT_EQ(exchanges.size(), 6U);
  EXPECT_EQ(findings(exchanges), "");
  const std::string digests = analyse(exchanges, "-V -Y iscsi.headerdigest32");
  EXPECT_THAT(digests, HasSubstr("Good CRC32"));
  EXPECT_THAT(digests, Not(HasSubstr("Bad CRC32")));

  // What it does not take for iSCSI it does not complain of: it must have seen every PDU.
  std::vector<unsigned> seen;
  std::string text = analyse(exchanges, "-T fields -e iscsi.opcode -Y iscsi");
  std::replace(text.begin(), text.end(), ',', '\n');
  std::istringstream lines(text);
  bool was_reject = false;
  for (std::string line; std::getline(lines, line);) {
    // After a Reject comes the opcode of the header that it shows.
    const bool is_quoted = std::exchange(was_reject, false);
    if (!line.empty() && !is_quoted) {
      seen.push_back(static_cast<unsigned>(std::stoul(line, nullptr, 0)));
      was_reject = seen.back() == 0x3F;
    }
  }
  const auto from_target =
      std::count_if(seen.begin(), seen.end(), [](unsigned opcode) { return opcode >= 0x20; });
  EXPECT_EQ(static_cast<std::size_t>(from_target), conversation.from_target());
  EXPECT_EQ(seen.size() - static_cast<std::size_t>(from_target), conversation.from_initiators());
  EXPECT_THAT(std::set<unsigned>(seen.begin(), seen.end()),
              ::testing::ElementsAre(0x00, 0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x10, 0x20, 0x21,
                                     0x22, 0x23, 0x24, 0x25, 0x26, 0x31, 0x32, 0x3F));
}

// The check is only worth something if it finds what is wrong.
TEST_F(Wire, TheAnalyserFindsWhatIsMalformed) {
  Conversation conversation;
  const std::vector<Exchange> good = conversation.hold();
  const auto found_with = [&](const std::function<bool(std::string&)>& spoil) {
    std::vector<Exchange> bad = good;
    for (Exchange& exchange : bad) {
      for (Chunk& chunk : exchange) {
        const bool has_header = chunk.bytes.size() > iscsi::kHeaderBytes + 10;
        if (!chunk.from_initiator && has_header && spoil(chunk.bytes)) {
          return findings(bad);
        }
      }
    }
    ADD_FAILURE() << "nothing to spoil";
    return std::string();
  };
  const auto is_opcode = [](const std::string& pdu, Opcode opcode) {
    return (static_cast<std::uint8_t>(pdu[0]) & iscsi::kOpcodeMask) ==
           static_cast<std::uint8_t>(opcode);
  };
  // A designator of VPD page 83h that is longer than the page.
  EXPECT_THAT(found_with([&](std::string& pdu) {
                const bool is_page = is_opcode(pdu, Opcode::DataIn) && pdu[49] == '\x83';
                pdu[55] = is_page ? '\xFF' : pdu[55];
                return is_page;
              }),
              HasSubstr("Malformed"));
  // Descriptor sense data whose descriptors are longer than the data segment.
  EXPECT_THAT(found_with([&](std::string& pdu) {
                const bool has_sense = is_opcode(pdu, Opcode::ScsiResponse) && pdu[3] == 2;
                pdu[50] = has_sense ? '\x72' : pdu[50];
                pdu[57] = has_sense ? '\xFF' : pdu[57];
                return has_sense;
              }),
              HasSubstr("Malformed"));
}

}  // namespace
}  // namespace lockstep::target::test
