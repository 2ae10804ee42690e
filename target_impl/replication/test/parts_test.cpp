// The small parts on their own: tokens, the mailbox and the observer of a synchronous mirror.
#include "target_impl/replication/mailbox.hpp"
#include "target_impl/replication/mirror_observer.hpp"
#include "target_impl/replication/token_table.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace lockstep::replication {
namespace {

using store::Volume;
using store::WriteResult;

constexpr BlockCount kBlocks{256};
constexpr BlockSize kBlockSize{512};

std::shared_ptr<Volume> make_volume(std::uint64_t pool_extents) {
  return std::make_shared<Volume>(kBlocks, kBlockSize,
                                  store::make_pool(ByteCount{pool_extents * store::kExtentBytes}));
}

std::vector<std::byte> block_of(char fill) {
  return std::vector<std::byte>(kBlockSize.bytes, static_cast<std::byte>(fill));
}

std::vector<std::byte> first_block(const Volume& volume) {
  std::vector<std::byte> data(kBlockSize.bytes);
  volume.read(Lba{0}, data);
  return data;
}

TEST(TokenTable, RedeemsWhatItMadeUntilDiscarded) {
  TokenTable tokens;
  const auto volume = make_volume(4);
  const Token first = tokens.make(volume->snapshot());
  const Token second = tokens.make(volume->snapshot());
  EXPECT_NE(first, second);
  EXPECT_TRUE(tokens.redeem(first));
  tokens.discard(first);
  EXPECT_FALSE(tokens.redeem(first));
  EXPECT_TRUE(tokens.redeem(second));
  EXPECT_EQ(tokens.size(), 1U);
}

TEST(Mailbox, GivesNothingOnceClosed) {
  Mailbox mailbox;
  mailbox.post({Event::Kind::ShipmentDone, 7, {}});
  const auto events = mailbox.take(std::nullopt);
  ASSERT_TRUE(events);
  ASSERT_EQ(events->size(), 1U);
  EXPECT_EQ(events->front().subject, 7U);
  mailbox.close();
  EXPECT_FALSE(mailbox.take(std::nullopt));
}

TEST(MirrorObserver, CarriesWritesAndAssignmentsOver) {
  Mailbox mailbox;
  const auto source = make_volume(4);
  const auto target = make_volume(4);
  MirrorObserver observer(make_mirror_target(target), mailbox, {});
  source->attach(observer);
  ASSERT_EQ(source->write(Lba{0}, block_of('a')), WriteResult::Done);
  EXPECT_EQ(first_block(*target), block_of('a'));
  const store::Image image = source->snapshot();
  ASSERT_EQ(source->unmap(Lba{0}, kBlocks), WriteResult::Done);
  EXPECT_EQ(first_block(*target), block_of('\0'));
  observer.announce_assignment(image);
  ASSERT_EQ(source->assign(image), WriteResult::Done);
  EXPECT_EQ(first_block(*target), block_of('a'));
  source->detach(observer);
}

TEST(MirrorObserver, FollowsASharedRangeWithoutTakingSpace) {
  Mailbox mailbox;
  const auto source = make_volume(4);
  const auto target = make_volume(4);
  const auto other = make_volume(4);
  MirrorObserver observer(make_mirror_target(target), mailbox,
                          {.pair = 3, .failure_stops_host_io = true});
  source->attach(observer);
  ASSERT_EQ(other->write(Lba{0}, block_of('a')), WriteResult::Done);
  const store::Image image = other->snapshot();
  ASSERT_EQ(source->share_range(image, {0, 0, store::kExtentBytes}), WriteResult::Done);
  EXPECT_EQ(first_block(*target), block_of('a'));
  EXPECT_EQ(store::used_of(*target->pool()).value, 0U);
  ASSERT_EQ(other->write(Lba{0}, block_of('b')), WriteResult::Done);
  observer.set_out_of_space(true);
  EXPECT_EQ(source->share_range(other->snapshot(), {0, 0, store::kExtentBytes}),
            WriteResult::ObserverFailed);
  EXPECT_EQ(first_block(*target), block_of('a'));
  EXPECT_EQ(mailbox.take(std::nullopt)->size(), 1U);
  source->detach(observer);
}

TEST(MirrorObserver, CarriesNothingMoreOnceAWriteHasFailed) {
  for (const bool stops : {false, true}) {
    Mailbox mailbox;
    const auto source = make_volume(4);
    const auto target = make_volume(4);
    MirrorObserver observer(make_mirror_target(target), mailbox,
                            {.pair = 3, .failure_stops_host_io = stops});
    source->attach(observer);
    observer.set_out_of_space(true);
    const WriteResult expected = stops ? WriteResult::ObserverFailed : WriteResult::Done;
    EXPECT_EQ(source->write(Lba{0}, block_of('a')), expected);
    observer.set_out_of_space(false);
    EXPECT_EQ(source->write(Lba{0}, block_of('b')), expected);
    EXPECT_EQ(first_block(*target), block_of('\0'));
    const auto events = mailbox.take(std::nullopt);
    ASSERT_EQ(events->size(), 1U);
    EXPECT_EQ(events->front().subject, 3U);
    source->detach(observer);
  }
}

TEST(MirrorObserver, StopsTogetherWithThoseThatShareItsFlag) {
  Mailbox mailbox;
  const auto failure = std::make_shared<MirrorFailure>();
  const auto target = make_volume(4);
  MirrorObserver full(make_mirror_target(make_volume(4)), mailbox, {.pair = 1, .failure = failure});
  MirrorObserver fine(make_mirror_target(target), mailbox, {.pair = 2, .failure = failure});
  full.set_out_of_space(true);
  EXPECT_TRUE(full.wrote(Lba{0}, block_of('a')));
  EXPECT_TRUE(fine.wrote(Lba{0}, block_of('a')));
  EXPECT_EQ(first_block(*target), block_of('\0'));
}

}  // namespace
}  // namespace lockstep::replication
