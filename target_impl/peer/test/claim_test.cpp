// Goal: a claim takes a spare that fits or says exactly why not, and leaves nothing behind.
// Method: a real target as the peer, asked by the peer system and looked at from beside.
#include "target_impl/peer/peer_system.hpp"
#include "target_impl/peer/scsi_commands.hpp"
#include "target_impl/peer/test/peer_rig.hpp"

#include <gtest/gtest.h>

#include <array>
#include <future>
#include <thread>

namespace lockstep::peer::test {
namespace {

using Why = ClaimRefused::Why;
using std::chrono::milliseconds;

const initiator::Credentials kGood{kPeerUser, kPeerPassword};

LinkOptions options_for(const std::string& portal) {
  LinkOptions options;
  options.portal = portal;
  options.target_name = kPeerTarget;
  options.connect_timeout = milliseconds{500};
  options.answer_timeout = milliseconds{500};
  return options;
}

Wanted wanted(std::uint64_t blocks, std::optional<std::string> naa = std::nullopt) {
  return {{BlockCount{blocks}, BlockSize{512}}, std::move(naa)};
}

std::optional<Why> why(const Claims& claims) {
  const auto* refused = std::get_if<ClaimRefused>(&claims);
  if (refused == nullptr) return std::nullopt;
  EXPECT_FALSE(refused->text.empty());
  EXPECT_EQ(refused->text.find(kPeerPassword), std::string::npos);
  return refused->why;
}

std::size_t registered(PeerRig& rig, std::uint16_t lun) {
  initiator::SessionOptions options;
  options.credentials = kGood;
  const auto session = initiator::Session::connect(rig.direct_portal(), kPeerTarget, options);
  EXPECT_TRUE(session) << session.error().message;
  return registrations(*session.value(), lun).value().size();
}

std::uint8_t write_from_beside(PeerRig& rig, std::uint16_t lun) {
  initiator::SessionOptions options;
  options.credentials = kGood;
  const auto session = initiator::Session::connect(rig.direct_portal(), kPeerTarget, options);
  EXPECT_TRUE(session) << session.error().message;
  const std::array<std::byte, 512> data{};
  std::uint8_t status = 0xFF;
  session.value()->write(lun, Lba{0}, BlockSize{512}, data,
                         [&](const initiator::Completion& c) { status = c.answer.scsi_status; });
  EXPECT_TRUE(session.value()->run_until_idle());
  return status;
}

TEST(PeerClaim, TakesTheSmallestSpareThatFitsAndKeepsOthersOut) {
  PeerRig rig({4096, 1024, 512, 2048});
  PeerSystem peer(options_for(rig.portal()), [](bool) {});
  {
    const Claims claims = peer.claim({wanted(1000), wanted(1000)}, kGood);
    ASSERT_FALSE(why(claims));
    const auto& volumes = std::get<0>(claims);
    EXPECT_EQ(volumes[0]->identity().lun, 2);
    EXPECT_EQ(volumes[1]->identity().lun, 4);
    EXPECT_EQ(volumes[0]->identity().geometry.blocks.value, 1000U);
    EXPECT_EQ(registered(rig, 2), 1U);
    EXPECT_EQ(write_from_beside(rig, 2), 0x18);
    EXPECT_EQ(write_from_beside(rig, 1), 0);
    ASSERT_TRUE(volumes[0]->set_open(true));
    EXPECT_EQ(write_from_beside(rig, 2), 0);
    ASSERT_TRUE(volumes[0]->set_open(false));
    EXPECT_EQ(write_from_beside(rig, 2), 0x18);
  }
  // Given back; the next claim waits for that on the same connection.
  EXPECT_FALSE(why(peer.claim({wanted(1000, rig.naa(2))}, std::nullopt)));
  EXPECT_EQ(registered(rig, 4), 0U);
}

TEST(PeerClaim, WhatWasGivenBackIsSpareForTheNext) {
  PeerRig rig({512});
  LinkOptions options = options_for(rig.portal());
  options.longest_retry = milliseconds{20'000};
  PeerSystem peer(options, [](bool) {});
  Claims first = peer.claim({wanted(8)}, kGood);
  ASSERT_FALSE(why(first));
  Link& link = std::get<0>(first).front()->link();
  std::promise<void> begun;
  std::promise<void> over;
  std::thread busy([&] {
    EXPECT_TRUE(link.with_session([&](initiator::Session&) -> Status {
      begun.set_value();
      over.get_future().wait();
      return ok();
    }));
  });
  begun.get_future().wait();
  std::get<0>(first).clear();  // the link has no time to tell the peer
  auto next = std::async(std::launch::async, [&] { return peer.claim({wanted(8)}, std::nullopt); });
  EXPECT_EQ(next.wait_for(milliseconds{200}), std::future_status::timeout);
  over.set_value();
  busy.join();
  EXPECT_FALSE(why(next.get()));
}

TEST(PeerClaim, SaysWhyNotAndLeavesNothingBehind) {
  PeerRig rig({1024, 2048});
  PeerSystem peer(options_for(rig.portal()), [](bool) {});
  EXPECT_EQ(why(peer.claim({wanted(8)}, initiator::Credentials{kPeerUser, "not this password"})),
            Why::AccessDenied);
  EXPECT_EQ(why(peer.claim({wanted(8)}, std::nullopt)), Why::AccessDenied);
  EXPECT_EQ(why(peer.claim({wanted(4096)}, kGood)), Why::NoSpare);
  EXPECT_EQ(why(peer.claim({wanted(8), wanted(8), wanted(8)}, kGood)), Why::NoSpare);
  EXPECT_EQ(why(peer.claim({wanted(8, "600000000000000000000000000000ff")}, kGood)),
            Why::NoSuchVolume);
  EXPECT_EQ(registered(rig, 1), 0U);
  EXPECT_EQ(registered(rig, 2), 0U);
  const Claims held = peer.claim({wanted(8, rig.naa(2))}, kGood);
  ASSERT_FALSE(why(held));
  PeerSystem rival(options_for(rig.portal()), [](bool) {});
  EXPECT_EQ(why(rival.claim({wanted(8, rig.naa(2))}, kGood)), Why::Busy);
}

TEST(PeerClaim, KnowsWhatIsNoPeer) {
  PeerRig rig({1024}, false);
  LinkOptions options = options_for(rig.portal());
  options.target_name = "iqn.2026-11.net.lockstep:nobody";
  EXPECT_EQ(why(PeerSystem(options, [](bool) {}).claim({wanted(8)}, std::nullopt)),
            Why::NoSuchTarget);
  PeerSystem peer(options_for(rig.portal()), [](bool) {});
  rig.proxy().stall();  // accepts and says nothing, as what is no iSCSI target does
  EXPECT_EQ(why(peer.claim({wanted(8)}, std::nullopt)), Why::Unreachable);
  rig.proxy().cut();
  EXPECT_EQ(why(peer.claim({wanted(8)}, std::nullopt)), Why::Unreachable);
  EXPECT_EQ(why(PeerSystem(options_for("127.0.0.1:1"), [](bool) {}).claim({wanted(8)}, {})),
            Why::Unreachable);
}

}  // namespace
}  // namespace lockstep::peer::test
