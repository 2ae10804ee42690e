// Initiators over shared memory: the same bytes as over TCP, counted and bounded alike, and no harm
// from one that misuses the memory.
#include "target_impl/daemon/test/bystander.hpp"
#include "target_impl/daemon/test/server_options.hpp"

#include <gmock/gmock.h>

#include <memory>
#include <string>
#include <vector>

namespace lockstep::target::test {
namespace {

using iscsi::test::pattern;
using iscsi::test::text_of;
using iscsi::test::write_command;
using ::testing::HasSubstr;
namespace bypass = transport::bypass;

constexpr std::uint64_t kMebibyte = 1ULL << 20;
constexpr std::chrono::milliseconds kPatience{10'000};

class BypassTest : public ::testing::Test {
 protected:
  void start() { served = std::make_unique<ServedVolume>(64 * kMebibyte, options); }
  std::unique_ptr<RawInitiator> logged_in(const std::string& keys = "") {
    auto initiator = std::make_unique<RawInitiator>(served->server().port());
    EXPECT_EQ(initiator->socket().use_bypass(), "");
    EXPECT_EQ(initiator->log_in(kTargetName, keys), 0);
    EXPECT_TRUE(initiator->clear_attentions());
    return initiator;
  }
  std::string medium(std::uint64_t block, std::size_t bytes) {
    std::vector<std::byte> data(bytes);
    EXPECT_TRUE(served->volume().read(Lba{block}, data));
    return std::string(iscsi::as_text(data));
  }
  bool becomes(std::uint32_t connections) {
    for (int i = 0; i < 1000 && served->server().usage().connections != connections; ++i) {
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    return served->server().usage().connections == connections;
  }

  TargetServerOptions options = server_options();
  std::unique_ptr<ServedVolume> served;
};

TEST_F(BypassTest, CarriesReadsAndWritesLargerThanTheRings) {
  start();
  const std::string segments = text_of({"MaxRecvDataSegmentLength=262144", "InitialR2T=No",
                                        "ImmediateData=Yes", "FirstBurstLength=262144"});
  for (const std::string& digests :
       {std::string(), text_of({"HeaderDigest=CRC32C", "DataDigest=CRC32C"})}) {
    const auto initiator = logged_in(segments + digests);
    for (std::uint16_t i = 0; i < 20; ++i) {
      const std::string data = pattern(131'072, i);
      const auto answer =
          initiator->exchange(initiator->numbered(write_command(500U + i, i * 256U, 256, data)));
      ASSERT_EQ(answer.opcode(), iscsi::Opcode::ScsiResponse);
      ASSERT_EQ(answer.header[iscsi::field::kStatus], 0);
      ASSERT_EQ(medium(i * 256U, data.size()), data);
    }
    // 2.5 MiB with one command; a ring has one.
    EXPECT_EQ(initiator->read(0, 20 * 256), medium(0, 20 * 131'072));
  }
}

// Data of large writes arrive in memory that becomes the volume's own: nothing of them is seen
// before the last byte is there, nor ever if it does not come.
class ArrivingWriteTest : public BypassTest, public ::testing::WithParamInterface<bool> {
 protected:
  static constexpr std::uint16_t kBlocks = 512;
  void SetUp() override {
    start();
    initiator = std::make_unique<RawInitiator>(served->server().port());
    if (GetParam()) {
      ASSERT_EQ(initiator->socket().use_bypass(), "");
    }
    ASSERT_EQ(initiator->log_in(kTargetName, text_of({"InitialR2T=No", "ImmediateData=Yes",
                                                      "FirstBurstLength=262144"})),
              0);
    ASSERT_TRUE(initiator->clear_attentions());
    write(old);
  }
  void write(const std::string& data) {
    const auto answer =
        initiator->exchange(initiator->numbered(write_command(next_tag++, kFirst, kBlocks, data)));
    ASSERT_EQ(answer.opcode(), iscsi::Opcode::ScsiResponse);
    ASSERT_EQ(answer.header[iscsi::field::kStatus], 0);
  }
  // All but the last byte of a write, in pieces, so that the target receives it in place.
  std::string send_most_of(const std::string& data) {
    std::string bytes =
        initiator->encode(initiator->numbered(write_command(next_tag++, kFirst, kBlocks, data)));
    EXPECT_TRUE(initiator->socket().send(bytes.substr(0, 100'000)));
    EXPECT_TRUE(initiator->socket().send(bytes.substr(100'000, bytes.size() - 100'001)));
    return bytes.substr(bytes.size() - 1);
  }
  bool memory_is_occupied_beyond(std::size_t bytes) {
    for (int i = 0; i < 1000 && served->server().usage().memory_bytes <= bytes; ++i) {
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    return served->server().usage().memory_bytes > bytes;
  }

  static constexpr std::uint32_t kFirst = 128;
  std::uint32_t next_tag = 1;
  const std::string old = pattern(kBlocks * 512U, 1);
  const std::string young = pattern(kBlocks * 512U, 2);
  std::unique_ptr<RawInitiator> initiator;
};

TEST_P(ArrivingWriteTest, IsNeitherReadNorInASnapshotThatIsTakenMeanwhile) {
  const std::size_t before = served->server().usage().memory_bytes;
  const std::string last = send_most_of(young);
  ASSERT_TRUE(memory_is_occupied_beyond(before + old.size() / 2));
  EXPECT_EQ(medium(kFirst, old.size()), old);
  const store::Image image = served->volume().snapshot();
  ASSERT_TRUE(initiator->socket().send(last));
  const auto answer = initiator->receive();
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->opcode(), iscsi::Opcode::ScsiResponse);
  EXPECT_EQ(medium(kFirst, young.size()), young);
  std::vector<std::byte> held(old.size());
  ASSERT_TRUE(image.read(Lba{kFirst}, held));
  EXPECT_EQ(iscsi::as_text(held), old);
  write(old);
  EXPECT_EQ(medium(kFirst, old.size()), old);
}

TEST_P(ArrivingWriteTest, LeavesTheOldBytesWhenTheConnectionIsCut) {
  const std::size_t before = served->server().usage().memory_bytes;
  (void)send_most_of(young);
  ASSERT_TRUE(memory_is_occupied_beyond(before + old.size() / 2));
  initiator.reset();
  EXPECT_TRUE(becomes(0));
  EXPECT_EQ(served->server().usage().memory_bytes, 0U);
  EXPECT_EQ(medium(kFirst, old.size()), old);
}

INSTANTIATE_TEST_SUITE_P(OverBoth, ArrivingWriteTest, ::testing::Bool(),
                         [](const auto& way) { return way.param ? "Memory" : "Tcp"; });

TEST_F(BypassTest, CanBeSwitchedOff) {
  options.bypass = false;
  start();
  RawInitiator initiator(served->server().port());
  EXPECT_THAT(initiator.socket().use_bypass(), HasSubstr("TCP is used"));
  EXPECT_EQ(initiator.log_in(kTargetName), 0);
}

TEST_F(BypassTest, CountsItsMemoryAndGivesItBack) {
  start();
  const std::size_t before = served->server().usage().memory_bytes;
  auto initiator = logged_in();
  EXPECT_GE(served->server().usage().memory_bytes, before + 2 * kMebibyte);
  initiator.reset();
  EXPECT_TRUE(becomes(0));
  EXPECT_EQ(served->server().usage().memory_bytes, before);
}

TEST_F(BypassTest, StaysOnTcpWithoutRoomForTheRings) {
  options.limits.memory_bytes = 2 * kMebibyte;
  start();
  RawInitiator initiator(served->server().port());
  EXPECT_THAT(initiator.socket().use_bypass(), HasSubstr("refusal"));
  EXPECT_EQ(initiator.log_in(kTargetName), 0);
}

TEST_F(BypassTest, TellsItsInitiatorsWhenTheServerStops) {
  start();
  const auto initiator = logged_in();
  served->stop();
  const auto notice = initiator->receive();
  ASSERT_TRUE(notice);
  EXPECT_EQ(notice->opcode(), iscsi::Opcode::AsyncMessage);
  EXPECT_FALSE(initiator->receive());
}

// What the rings themselves refuse is in transport/bypass/test.
TEST_F(BypassTest, EndsTheConnectionOfOneThatMisusesTheMemory) {
  start();
  const Bystander bystander(served->server());
  for (const std::uint64_t written : {1ULL << 40, ~0ULL}) {
    transport::test::ClientSocket tcp(served->server().port());
    auto shared = bypass::ask_for_segment(tcp.descriptor(), kPatience);
    ASSERT_TRUE(shared) << shared.error().message;
    shared.value().segment.state().to_server.written = written;
    const char ring = 1;
    ASSERT_EQ(::send(shared.value().bell.get(), &ring, 1, MSG_NOSIGNAL), 1);
    EXPECT_TRUE(tcp.at_end());
    EXPECT_TRUE(becomes(1));
  }
  EXPECT_TRUE(bystander.goes_on());
}

}  // namespace
}  // namespace lockstep::target::test
