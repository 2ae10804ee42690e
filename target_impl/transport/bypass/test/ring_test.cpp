// The ring alone, the channel of two ends, and a stream between two threads for ThreadSanitizer.
#include "target_impl/transport/bypass/channel.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <array>
#include <fcntl.h>
#include <memory>
#include <poll.h>
#include <sched.h>
#include <string>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <thread>
#include <vector>

namespace lockstep::transport::bypass::test {
namespace {

using ::testing::HasSubstr;

constexpr std::size_t kRing = 4096;

std::vector<std::byte> numbered(std::size_t bytes, std::uint64_t from = 0) {
  std::vector<std::byte> data(bytes);
  for (std::size_t i = 0; i < bytes; ++i) {
    data[i] = static_cast<std::byte>((from + i) * 7 + (from + i) / 251);
  }
  return data;
}

class RingTest : public ::testing::Test {
 protected:
  RingCounters counters;
  std::vector<std::byte> bytes = std::vector<std::byte>(kRing);
  RingWriter writer{counters, bytes};
  RingReader reader{counters, bytes};
};

TEST_F(RingTest, CarriesBytesRoundItsEnd) {
  std::uint64_t position = 0;
  // Sizes that do not divide the ring's, so that every place becomes the seam.
  for (int turn = 0; turn < 200; ++turn) {
    const auto sent = numbered(1500, position);
    ASSERT_EQ(writer.put(sent), sent.size());
    writer.publish();
    std::vector<std::byte> got(4000);
    got.resize(reader.take(got));
    reader.release();
    ASSERT_EQ(got, sent) << "turn " << turn;
    position += sent.size();
  }
}

TEST_F(RingTest, ShowsNothingBeforeItIsPublished) {
  ASSERT_EQ(writer.put(numbered(10)), 10U);
  EXPECT_EQ(reader.available(), 0U);
  writer.publish();
  EXPECT_EQ(reader.available(), 10U);
}

TEST_F(RingTest, LendsWhatLiesTogetherUntilItIsReleased) {
  ASSERT_EQ(writer.put(numbered(3000)), 3000U);
  writer.publish();
  const auto first = reader.lend(2000);
  EXPECT_EQ(std::vector(first.begin(), first.end()), numbered(2000));
  EXPECT_EQ(reader.available(), 1000U);
  EXPECT_EQ(writer.space(kRing), kRing - 3000) << "not released yet";
  const auto second = reader.lend(2000);
  EXPECT_EQ(std::vector(second.begin(), second.end()), numbered(1000, 2000));
  EXPECT_TRUE(reader.lend(2000).empty());
  reader.release();
  EXPECT_EQ(writer.space(kRing), kRing);

  ASSERT_EQ(writer.put(numbered(2000, 3000)), 2000U);
  writer.publish();
  EXPECT_EQ(reader.lend(2000).size(), kRing - 3000) << "up to the end of the ring";
  const auto rest = reader.lend(2000);
  EXPECT_EQ(std::vector(rest.begin(), rest.end()), numbered(2000 - (kRing - 3000), kRing));
}

// FIONREAD and MSG_PEEK, asked again and again, wait for what comes behind what is there.
TEST_F(RingTest, LooksForMoreWhileSomeIsLeft) {
  ASSERT_EQ(writer.put(numbered(10)), 10U);
  writer.publish();
  EXPECT_EQ(reader.available(), 10U);
  ASSERT_EQ(writer.put(numbered(5)), 5U);
  writer.publish();
  EXPECT_EQ(reader.available(), 10U);
  EXPECT_EQ(reader.look(), 15U);
  EXPECT_EQ(reader.available(), 15U);
}

TEST_F(RingTest, KeepsWhatItHasFromAWriterThatGoesBack) {
  ASSERT_EQ(writer.put(numbered(10)), 10U);
  writer.publish();
  EXPECT_EQ(reader.look(), 10U);
  counters.written.store(4);
  EXPECT_EQ(reader.look(), 10U);
  EXPECT_TRUE(reader.is_broken());
}

TEST_F(RingTest, TakesNoMoreThanItHoldsUntilItIsReleased) {
  EXPECT_EQ(writer.put(numbered(kRing + 100)), kRing);
  EXPECT_EQ(writer.space(1), 0U);
  writer.publish();
  std::vector<std::byte> got(100);
  ASSERT_EQ(reader.take(got), 100U);
  EXPECT_EQ(writer.space(1), 0U) << "taken, but the memory may still be in use";
  reader.release();
  EXPECT_EQ(writer.space(1), 100U);
  EXPECT_FALSE(writer.is_broken());
}

TEST_F(RingTest, BreaksWhenTheWriterClaimsMoreThanTheRingHolds) {
  counters.written = kRing + 1;
  EXPECT_EQ(reader.available(), 0U);
  EXPECT_TRUE(reader.is_broken());
  counters.written = 10;
  EXPECT_EQ(reader.available(), 0U) << "what has lied once is not believed again";
}

TEST_F(RingTest, BreaksWhenTheWriterGoesBack) {
  ASSERT_EQ(writer.put(numbered(10)), 10U);
  writer.publish();
  std::vector<std::byte> got(10);
  ASSERT_EQ(reader.take(got), 10U);
  counters.written = 9;
  EXPECT_EQ(reader.available(), 0U);
  EXPECT_TRUE(reader.is_broken());
}

TEST_F(RingTest, BreaksWhenTheReaderIsAheadOfTheWriter) {
  ASSERT_EQ(writer.put(numbered(kRing)), kRing);
  counters.read = kRing + 1;
  EXPECT_EQ(writer.space(1), 0U);
  EXPECT_TRUE(writer.is_broken());
  counters.read = 10;
  EXPECT_EQ(writer.put(numbered(1)), 0U);
}

TEST_F(RingTest, BreaksWhenTheReaderGoesBack) {
  ASSERT_EQ(writer.put(numbered(kRing)), kRing);
  counters.read = 100;
  ASSERT_EQ(writer.space(1), 100U);
  ASSERT_EQ(writer.put(numbered(100)), 100U);
  counters.read = 99;
  EXPECT_EQ(writer.space(1), 0U);
  EXPECT_TRUE(writer.is_broken());
}

TEST(Segment, IsSharedBetweenItsMappings) {
  auto made = Segment::create(kRing);
  ASSERT_TRUE(made) << made.error().message;
  auto mapped = Segment::map(FileDescriptor(::dup(made.value().descriptor())));
  ASSERT_TRUE(mapped) << mapped.error().message;
  made.value().to_client()[17] = std::byte{42};
  EXPECT_EQ(mapped.value().to_client()[17], std::byte{42});
  EXPECT_EQ(mapped.value().to_server().size(), kRing);
  EXPECT_NE(made.value().to_client().data(), mapped.value().to_client().data());
}

TEST(Segment, CannotBeMadeSmallerByTheOtherEnd) {
  auto made = Segment::create(kRing);
  ASSERT_TRUE(made) << made.error().message;
  EXPECT_NE(::ftruncate(made.value().descriptor(), 0), 0);
}

TEST(Segment, RefusesWhatIsNotOne) {
  for (const std::size_t bytes : {0UL, 4096UL, 4096 + 2 * 5000UL, 4096 + 2 * 4096 + 1UL}) {
    FileDescriptor file(::memfd_create("other", MFD_ALLOW_SEALING));
    ASSERT_EQ(::ftruncate(file.get(), static_cast<off_t>(bytes)), 0);
    ASSERT_EQ(::fcntl(file.get(), F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL), 0);
    const auto refused = Segment::map(std::move(file));
    ASSERT_FALSE(refused) << bytes;
    EXPECT_THAT(refused.error().message, HasSubstr("found a file of " + std::to_string(bytes)));
  }
  FileDescriptor unsealed(::memfd_create("other", MFD_ALLOW_SEALING));
  ASSERT_EQ(::ftruncate(unsealed.get(), 4096 + 2 * 4096), 0);
  EXPECT_FALSE(Segment::map(std::move(unsealed))) << "its owner could truncate it later";
  EXPECT_FALSE(Segment::map(FileDescriptor(::eventfd(0, 0)))) << "no file at all";
  for (const std::size_t ring : {0UL, 2048UL, 5000UL, Segment::kMostRing * 2}) {
    EXPECT_FALSE(Segment::create(ring)) << ring;
  }
}

struct Ends {
  std::unique_ptr<Channel> server;
  std::unique_ptr<Channel> client;
};

Ends make_ends(std::size_t ring = kRing) {
  std::array<int, 2> bells{};
  EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, bells.data()), 0);
  auto made = Segment::create(ring);
  EXPECT_TRUE(made);
  auto mapped = Segment::map(FileDescriptor(::dup(made.value().descriptor())));
  EXPECT_TRUE(mapped);
  return {
      std::make_unique<Channel>(std::move(made.value()), Side::Server, FileDescriptor(bells[0])),
      std::make_unique<Channel>(std::move(mapped.value()), Side::Client, FileDescriptor(bells[1]))};
}

std::size_t send(Channel& channel, std::span<const std::byte> bytes) {
  const std::array pieces{bytes.first(bytes.size() / 3), bytes.subspan(bytes.size() / 3)};
  return channel.send(pieces);
}

std::vector<std::byte> receive(Channel& channel, std::size_t most) {
  std::vector<std::byte> got(most);
  const std::array spaces{std::span(got).first(most / 4), std::span(got).subspan(most / 4)};
  got.resize(channel.receive(spaces));
  return got;
}

bool rung(const Channel& channel) {
  pollfd watched{.fd = channel.bell(), .events = POLLIN, .revents = 0};
  return ::poll(&watched, 1, 0) == 1;
}

TEST(Channel, CarriesBytesBothWays) {
  const Ends ends = make_ends();
  EXPECT_EQ(send(*ends.client, numbered(3000)), 3000U);
  EXPECT_EQ(receive(*ends.server, 4096), numbered(3000));
  EXPECT_EQ(send(*ends.server, numbered(5000)), kRing);
  EXPECT_FALSE(ends.server->has_space());
  EXPECT_EQ(receive(*ends.client, 100), numbered(100));
  EXPECT_TRUE(ends.server->has_space());
}

TEST(Channel, RingsOnlyForWhatTheOtherEndSleepsFor) {
  const Ends ends = make_ends();
  ASSERT_EQ(send(*ends.client, numbered(10)), 10U);
  EXPECT_FALSE(rung(*ends.server)) << "it is awake";
  EXPECT_FALSE(ends.server->may_sleep(kForBytes)) << "there is something to receive";
  ASSERT_EQ(receive(*ends.server, 100).size(), 10U);
  EXPECT_TRUE(ends.server->may_sleep(kForBytes));
  ASSERT_EQ(send(*ends.client, numbered(10)), 10U);
  EXPECT_TRUE(rung(*ends.server));
  ends.server->awake();
  EXPECT_TRUE(ends.server->silence_bell());
  EXPECT_FALSE(rung(*ends.server));
  ASSERT_EQ(send(*ends.client, numbered(10)), 10U);
  EXPECT_FALSE(rung(*ends.server)) << "it has been woken already";
}

TEST(ChannelEnd, WhatIsHeldBackComesTogether) {
  auto made = Segment::create(kRing);
  ASSERT_TRUE(made);
  std::array<int, 2> bells{};
  ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, bells.data()), 0);
  const FileDescriptor here(bells[0]);
  const FileDescriptor there(bells[1]);
  ChannelEnd client(made.value(), Side::Client, here.get());
  ChannelEnd server(made.value(), Side::Server, there.get());
  const auto is_rung = [&] {
    pollfd watched{.fd = there.get(), .events = POLLIN, .revents = 0};
    return ::poll(&watched, 1, 0) == 1;
  };
  ASSERT_TRUE(server.may_sleep(kForBytes));
  const auto data = numbered(100);
  const std::array<std::span<const std::byte>, 1> piece{data};
  client.hold_back();
  EXPECT_EQ(client.send(piece), 100U);
  EXPECT_EQ(client.send(piece), 100U);
  EXPECT_FALSE(server.has_bytes());
  EXPECT_FALSE(is_rung());
  client.let_go();
  EXPECT_EQ(server.available(), 200U);
  EXPECT_TRUE(is_rung());
  // What is full cannot wait.
  client.hold_back();
  const auto large = numbered(kRing);
  const std::array<std::span<const std::byte>, 1> all{large};
  EXPECT_EQ(client.send(all), kRing - 200);
  std::vector<std::byte> got(kRing);
  const std::array<std::span<std::byte>, 1> space{got};
  EXPECT_EQ(server.receive(space), 200U);
  EXPECT_EQ(server.receive(space), kRing - 200);
}

TEST(Channel, RingsForSpace) {
  const Ends ends = make_ends();
  ASSERT_EQ(send(*ends.server, numbered(kRing)), kRing);
  EXPECT_TRUE(ends.server->may_sleep(kForSpace));
  ASSERT_EQ(receive(*ends.client, 1).size(), 1U);
  EXPECT_TRUE(rung(*ends.server));
}

TEST(Channel, KnowsWhetherTheOtherEndWaitsForTheSameProcessor) {
  std::thread([] {
    cpu_set_t here;
    CPU_ZERO(&here);
    CPU_SET(static_cast<std::size_t>(::sched_getcpu()), &here);
    ASSERT_EQ(::sched_setaffinity(0, sizeof here, &here), 0);
    const Ends ends = make_ends();
    EXPECT_EQ(ends.server->other_end(), Whereabouts::Elsewhere) << "it has not said where it is";
    ASSERT_EQ(send(*ends.client, numbered(10)), 10U);
    EXPECT_EQ(ends.server->other_end(), Whereabouts::Here);
    EXPECT_TRUE(ends.client->may_sleep(kForBytes));
    EXPECT_EQ(ends.server->other_end(), Whereabouts::Asleep);
    EXPECT_EQ(ends.client->other_end(), Whereabouts::Here);
  }).join();
}

TEST(Channel, KeepsWhatWasSentByAnEndThatIsGone) {
  Ends ends = make_ends();
  ASSERT_EQ(send(*ends.client, numbered(10)), 10U);
  EXPECT_TRUE(ends.server->silence_bell());
  ends.client.reset();
  EXPECT_FALSE(ends.server->silence_bell());
  EXPECT_EQ(receive(*ends.server, 100), numbered(10));
  EXPECT_EQ(send(*ends.server, numbered(10)), 10U) << "nobody will read it; nothing breaks";
}

// Every byte both ways, in pieces of many sizes, through a ring that is mostly full or empty, with
// both ends going to sleep whenever they may.
void sleep_until_rung(Channel& channel, std::uint32_t waits_for) {
  if (channel.may_sleep(waits_for)) {
    pollfd watched{.fd = channel.bell(), .events = POLLIN, .revents = 0};
    ASSERT_EQ(::poll(&watched, 1, 10'000), 1) << "a wake-up was lost";
    channel.awake();
    ASSERT_TRUE(channel.silence_bell());
  }
}

void exchange(Channel& channel, std::uint64_t total) {
  std::uint64_t sent = 0;
  std::uint64_t received = 0;
  std::uint64_t size = 1;
  while (sent < total || received < total) {
    size = size * 2862933555777941757ULL + 3037000493ULL;
    const auto bytes =
        numbered(std::min<std::uint64_t>(1 + (size >> 33) % 6000, total - sent), sent);
    const std::size_t put = send(channel, bytes);
    sent += put;
    const auto got = receive(channel, 1 + (size >> 20) % 6000);
    ASSERT_EQ(got, numbered(got.size(), received));
    received += got.size();
    if (put == 0 && got.empty()) {
      ASSERT_FALSE(channel.is_broken());
      sleep_until_rung(channel, kForBytes | (sent < total ? kForSpace : 0));
    }
  }
}

TEST(ChannelThreads, ExchangeEveryByteWithoutLosingAWakeUp) {
  const Ends ends = make_ends();
  constexpr std::uint64_t kTotal = 8'000'000;
  std::thread other([&] { exchange(*ends.client, kTotal); });
  exchange(*ends.server, kTotal);
  other.join();
}

}  // namespace
}  // namespace lockstep::transport::bypass::test
