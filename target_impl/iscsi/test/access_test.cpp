// Who sees which target, on which portal, and which logical units; several portals and portal
// groups. RFC 7143 sections 4.4.3, 6.3 and appendix C.
#include "target_impl/iscsi/test/session_fixture.hpp"

namespace lockstep::iscsi::test {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

const std::string kFriend = "iqn.2026-11.test:friend";
const std::string kStranger = "iqn.2026-11.test:stranger";

class AccessTest : public ::testing::Test {
 protected:
  std::shared_ptr<FakeExecutor> add(const std::string& name, TargetAccess access = {}) {
    auto executor = std::make_shared<FakeExecutor>(name, 4096);
    portal.add(executor, std::move(access));
    return executor;
  }
  std::unique_ptr<Peer> new_peer(std::uint16_t group = 1,
                                 const std::string& address = "127.0.0.1:3260") {
    return std::make_unique<Peer>(portal, address, group);
  }
  std::uint16_t log_in(Peer& peer, const std::string& initiator, const std::string& target) {
    return peer.login(text_of({"InitiatorName=" + initiator, "TargetName=" + target}))
        .login_status();
  }
  std::string send_targets(Peer& peer, const std::string& initiator,
                           const std::string& which = "All") {
    EXPECT_EQ(
        peer.login(text_of({"InitiatorName=" + initiator, "SessionType=Discovery"})).login_status(),
        0);
    Request request = make_request(Opcode::TextRequest, 7);
    request.data = text_of({"SendTargets=" + which});
    const Answer answer = peer.exchange(peer.numbered(request));
    EXPECT_EQ(answer.header[field::kFlags], kFinal);
    return answer.text();
  }
  Portal portal;
};

TEST_F(AccessTest, LetsInWhoIsOnTheList) {
  TargetAccess access;
  access.initiators = {"IQN.2026-11.Test:Friend"};
  const auto executor = add("iqn.2026-11.org.lockstep:a", access);
  EXPECT_EQ(log_in(*new_peer(), kStranger, executor->target_name()), 0x0202);
  EXPECT_TRUE(executor->events.empty());
  EXPECT_EQ(log_in(*new_peer(), kFriend, executor->target_name()), 0);
  EXPECT_EQ(log_in(*new_peer(), kStranger, "iqn.2026-11.org.lockstep:b"), 0x0203);
}

TEST_F(AccessTest, ShowsEachInitiatorItsTargets) {
  TargetAccess access;
  access.initiators = {kFriend};
  add("iqn.2026-11.org.lockstep:a", access);
  add("iqn.2026-11.org.lockstep:b");
  const std::string address = "TargetAddress=127.0.0.1:3260,1";
  EXPECT_EQ(send_targets(*new_peer(), kFriend),
            text_of({"TargetName=iqn.2026-11.org.lockstep:a", address,
                     "TargetName=iqn.2026-11.org.lockstep:b", address}));
  EXPECT_EQ(send_targets(*new_peer(), kStranger),
            text_of({"TargetName=iqn.2026-11.org.lockstep:b", address}));
  EXPECT_EQ(send_targets(*new_peer(), kStranger, "iqn.2026-11.org.lockstep:a"), "");
}

TEST_F(AccessTest, DiscoveryHasAListToo) {
  TargetAccess discovery;
  discovery.initiators = {kFriend};
  Portal guarded({}, {}, discovery);
  Peer stranger(guarded);
  EXPECT_EQ(stranger.login(text_of({"InitiatorName=" + kStranger, "SessionType=Discovery"}))
                .login_status(),
            0x0202);
  Peer known(guarded);
  EXPECT_EQ(
      known.login(text_of({"InitiatorName=" + kFriend, "SessionType=Discovery"})).login_status(),
      0);
}

TEST_F(AccessTest, TellsTheDeviceWhichUnitsAreHidden) {
  TargetAccess access;
  access.lun_initiators[2] = {kFriend};
  access.lun_initiators[5] = {kFriend, kStranger};
  access.lun_initiators[9] = {};  // everyone
  const auto executor = add("iqn.2026-11.org.lockstep:a", access);
  const auto first = new_peer();
  ASSERT_EQ(log_in(*first, kStranger, executor->target_name()), 0);
  EXPECT_EQ(executor->last_nexus.hidden_luns.count(), 1U);
  EXPECT_TRUE(executor->last_nexus.hidden_luns.test(2));
  const auto second = new_peer();
  ASSERT_EQ(log_in(*second, kFriend, executor->target_name()), 0);
  EXPECT_TRUE(executor->last_nexus.hidden_luns.none());
}

TEST_F(AccessTest, NamesEveryPortalTheOwnOneFirst) {
  portal.set_addresses({{"127.0.0.1", 3260, 1}, {"::1", 3261, 2}, {"0.0.0.0", 3262, 2}});
  add("iqn.2026-11.org.lockstep:a");
  EXPECT_EQ(send_targets(*new_peer(2, "[::1]:3261"), kFriend),
            text_of({"TargetName=iqn.2026-11.org.lockstep:a", "TargetAddress=[::1]:3261,2",
                     "TargetAddress=127.0.0.1:3260,1", "TargetAddress=[::1]:3262,2"}));
}

TEST_F(AccessTest, ServesATargetOnSomePortalGroupsOnly) {
  portal.set_addresses({{"127.0.0.1", 3260, 1}, {"127.0.0.1", 3261, 2}});
  TargetAccess access;
  access.portal_groups = {2};
  const auto executor = add("iqn.2026-11.org.lockstep:a", access);
  EXPECT_EQ(log_in(*new_peer(1), kFriend, executor->target_name()), 0x0203);
  const auto peer = new_peer(2, "127.0.0.1:3261");
  const Answer answer =
      peer->login(text_of({"InitiatorName=" + kFriend, "TargetName=" + executor->target_name()}));
  EXPECT_EQ(answer.login_status(), 0);
  EXPECT_THAT(answer.text(), HasSubstr(text_of({"TargetPortalGroupTag=2"})));
  EXPECT_EQ(executor->target_port, executor->target_name() + ",t,0x0002");
  EXPECT_EQ(executor->last_nexus.port_group, 2);
  EXPECT_EQ(send_targets(*new_peer(1), kFriend),
            text_of({"TargetName=" + executor->target_name(), "TargetAddress=127.0.0.1:3261,2"}));
}

TEST_F(AccessTest, OneInitiatorPortMayBeOnSeveralGroups) {
  const auto executor = add("iqn.2026-11.org.lockstep:a");
  const auto first = new_peer(1);
  const auto second = new_peer(2);
  ASSERT_EQ(log_in(*first, kFriend, executor->target_name()), 0);
  ASSERT_EQ(log_in(*second, kFriend, executor->target_name()), 0);
  EXPECT_FALSE(first->connection().session()->closing());
  const auto again = new_peer(2);
  ASSERT_EQ(log_in(*again, kFriend, executor->target_name()), 0);
  EXPECT_FALSE(first->connection().session()->closing());
  EXPECT_TRUE(second->connection().session()->closing());
}

}  // namespace
}  // namespace lockstep::iscsi::test
