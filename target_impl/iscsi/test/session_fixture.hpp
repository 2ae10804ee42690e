// A logged-in initiator and the fake device behind the session.
#pragma once

#include "target_impl/iscsi/test/peer.hpp"

#include <gmock/gmock.h>

namespace lockstep::iscsi::test {

class SessionTest : public ::testing::Test {
 protected:
  // Immediate data on, unsolicited data allowed, bursts of 64 KiB, segments of 8 KiB to the peer.
  static std::string usual() {
    return text_of({"InitialR2T=No", "ImmediateData=Yes", "FirstBurstLength=65536",
                    "MaxBurstLength=65536", "MaxOutstandingR2T=1"});
  }
  void start(const std::string& keys = usual(), ConnectionLimits limits = {}) {
    peer.reset();
    ServerLimits in_all;
    in_all.each = limits;
    portal = std::make_unique<Portal>(TargetParameters{}, in_all);
    executor = std::make_shared<FakeExecutor>();
    portal->add(executor);
    peer = std::make_unique<Peer>(*portal);
    peer->login_to(executor->target_name(), keys);
  }
  void SetUp() override { start(); }
  void TearDown() override {
    peer.reset();
    if (portal) {
      EXPECT_EQ(portal->pool().lent_bytes(), 0U) << "a buffer leaked";
    }
  }
  std::string medium(std::uint32_t block, std::size_t bytes) const {
    return std::string(as_text({executor->medium.data() + block * kBlockBytes, bytes}));
  }
  Answer exchange(const Request& request) { return peer->exchange(peer->numbered(request)); }
  void send(const Request& request) { peer->send(peer->numbered(request)); }

  std::unique_ptr<Portal> portal;
  std::shared_ptr<FakeExecutor> executor;
  std::unique_ptr<Peer> peer;
};

inline void expect_good(const Answer& answer, std::uint32_t tag) {
  EXPECT_EQ(answer.opcode(), Opcode::ScsiResponse);
  EXPECT_EQ(task_tag(answer.header), tag);
  EXPECT_EQ(answer.header[field::kResponse], 0);
  EXPECT_EQ(answer.header[field::kStatus], 0);
}

inline void expect_reject(const Answer& answer, RejectReason reason) {
  EXPECT_EQ(answer.opcode(), Opcode::Reject);
  EXPECT_EQ(answer.header[field::kResponse], static_cast<std::uint8_t>(reason));
  EXPECT_EQ(task_tag(answer.header), kReservedTag);
  EXPECT_EQ(answer.data.size(), kHeaderBytes);
}

}  // namespace lockstep::iscsi::test
