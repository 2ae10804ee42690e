// Goal: a consistent group whose source is lost while its members change on the peer holds one cut
// of all of them once it has been recovered there (DS-GR-02), with nothing but the peer to go by.
// Method: the chain of writes of peer_group_chain.hpp; the connection is lost for good when the
// members are a mixture.
#include "target_impl/peer/recovery.hpp"
#include "target_impl/replication/test/peer_group_chain.hpp"

#include <gtest/gtest.h>

#include <memory>

namespace lockstep::replication::test {
namespace {

std::unique_ptr<initiator::Session> session_of(const TwoSystems& two) {
  initiator::SessionOptions options;
  options.credentials = {peer::test::kPeerUser, peer::test::kPeerPassword};
  auto session =
      initiator::Session::connect(two.peer.direct_portal(), peer::test::kPeerTarget, options);
  EXPECT_TRUE(session) << session.error().message;
  return std::move(session).value();
}

TEST(PeerRecovery, LeavesOneCutOfAllMembers) {
  TwoSystems two(spares_with_journal());
  Group group(two, Mode::Asynchronous);
  ASSERT_TRUE(leave_half_changed(two, group, LeftBehind::CutOff))
      << "the connection was never lost while members changed";
  const auto owed = links_held(two, true);
  ASSERT_TRUE(owed);
  ASSERT_FALSE(links_held(two)) << "there is nothing to recover";

  const auto session = session_of(two);
  // Stopped once, as if it had been killed.
  {
    const auto first = session_of(two);
    auto recovery = peer::Recovery::look(*first, kJournalLun, {});
    ASSERT_TRUE(recovery) << recovery.error().message;
    EXPECT_EQ(recovery.value().plan().members.size(), kMembers);
    ASSERT_TRUE(recovery.value().take_over());
    ASSERT_TRUE(recovery.value().roll_forward([](std::uint64_t) { return false; }));
  }
  EXPECT_EQ(links_held(two, true), owed);
  auto recovery = peer::Recovery::look(*session, kJournalLun, {});
  ASSERT_TRUE(recovery) << recovery.error().message;
  const Status taken = recovery.value().take_over();
  ASSERT_TRUE(taken) << taken.error().message;
  const auto rolled = recovery.value().roll_forward([](std::uint64_t) { return true; });
  ASSERT_TRUE(rolled) << rolled.error().message;
  ASSERT_TRUE(recovery.value().give_back());
  EXPECT_EQ(links_held(two), owed) << "the members are a mixture";
  const auto again = peer::Recovery::look(*session, kJournalLun, {});
  ASSERT_TRUE(again);
  EXPECT_FALSE(again.value().plan().in_force);
}

// Its members may be those of others by now.
TEST(PeerRecovery, FindsNothingOfAnEarlierGroup) {
  TwoSystems two(spares_with_journal());
  store::Volume& journal = two.peer.volume(kJournalLun);
  std::vector<std::byte> in_force(512);
  {
    Group group(two, Mode::Asynchronous);
    const Chain chain(two.rig, group.sources);
    chain.grow(100);
    ASSERT_TRUE(two.rig.eventually([&](const Inventory&) {
      EXPECT_TRUE(journal.read(Lba{0}, in_force));
      return peer::is_journal(in_force);
    }));
  }
  for (const RelationshipView& view : two.rig.look().relationships) {
    if (view.relationship_class == RelationshipClass::StorageSynchronized) {
      ASSERT_TRUE(two.rig.modify(Operation::Detach, view.ref).completed());
    }
  }
  // As if the peer had been out of reach meanwhile.
  ASSERT_EQ(journal.write(Lba{0}, in_force), store::WriteResult::Done);
  two.rig.inject(FaultKind::CopyHeld);
  std::vector<ElementRef> sources;
  for (std::size_t i = 0; i < kMembers; ++i) sources.push_back(two.rig.volume());
  ASSERT_TRUE(two.rig.eventually([&](const Inventory&) {
    return two.rig.call(Group::request(sources, Mode::Asynchronous)).accepted();
  }));
  const auto session = session_of(two);
  const auto recovery = peer::Recovery::look(*session, kJournalLun, {});
  ASSERT_TRUE(recovery) << recovery.error().message;
  EXPECT_FALSE(recovery.value().plan().in_force);
  two.rig.inject(FaultKind::CopyReleased);
}

}  // namespace
}  // namespace lockstep::replication::test
