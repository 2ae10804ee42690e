// Test support: a reference, and a peer system behind a fault proxy to which its mirrors lead.
#pragma once

#include "target_impl/peer/test/peer_rig.hpp"
#include "target_impl/replication/test/rig.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace lockstep::replication::test {

// For a peer to answer, on a busy machine. A cut is noticed at once.
inline constexpr std::chrono::milliseconds kLongAnswer{10'000};
// Where silence is to be noticed soon; on a busy machine it may be heard where there is none.
inline constexpr std::chrono::milliseconds kShortAnswer{500};

inline PeerOptions far_system(const peer::test::PeerRig& peer,
                              std::chrono::milliseconds answer_timeout) {
  PeerOptions far;
  far.name = "far";
  far.portal = peer.portal();
  far.target_name = peer::test::kPeerTarget;
  far.user = peer::test::kPeerUser;
  far.password = peer::test::kPeerPassword;
  far.answer_timeout = answer_timeout;
  far.longest_retry = std::chrono::milliseconds{100};
  return far;
}

class TwoSystems {
 public:
  explicit TwoSystems(const std::vector<std::uint64_t>& spares = {kBlocks},
                      std::chrono::milliseconds answer_timeout = kLongAnswer,
                      const std::optional<std::string>& store = std::nullopt)
      : peer(spares), rig(options(peer, answer_timeout, store)) {}

  [[nodiscard]] static CreateReplicaRequest request(const ElementRef& source,
                                                    Mode mode = Mode::Synchronous) {
    CreateReplicaRequest request;
    request.source = source;
    request.sync_type = SyncType::Mirror;
    request.mode = mode;
    request.target_storage_system = reference_peer("far");
    return request;
  }
  // A mirror that is Synchronized.
  RelationshipRef mirror(const ElementRef& source, Mode mode = Mode::Synchronous,
                         const ReplicationSettingData& settings = {}) {
    Answer answer;
    const RelationshipRef made = begin_mirror(source, mode, settings, &answer);
    EXPECT_TRUE(rig.job_ends(answer)) << answer.extended_status->message;
    return made;
  }
  // One that will be, if the connection holds or comes back.
  RelationshipRef begin_mirror(const ElementRef& source, Mode mode,
                               const ReplicationSettingData& settings = {},
                               Answer* given = nullptr) {
    CreateReplicaRequest wanted = request(source, mode);
    wanted.replication_settings = settings;
    Answer answer;
    // Nothing is claimed if the peer does not answer in time.
    EXPECT_TRUE(rig.eventually([&](const Inventory&) {
      answer = rig.call(wanted);
      return answer.accepted();
    }));
    if (given != nullptr) *given = answer;
    for (const RelationshipView& view : rig.look().relationships) {
      if (view.target_element == answer.target_element) return view.ref;
    }
    ADD_FAILURE() << "no relationship with the target that was returned";
    return {};
  }
  ::testing::AssertionResult becomes(const RelationshipRef& pair, CopyState state) {
    return rig.eventually([&](const Inventory& inventory) {
      const RelationshipView* view = inventory.find(pair);
      return view != nullptr && view->copy_state == state;
    });
  }
  // Nothing passes any more, from a moment on at which it is Synchronized.
  ::testing::AssertionResult stall_synchronized(const RelationshipRef& relationship) {
    return rig.eventually([&](const Inventory&) {
      peer.proxy().stall();
      if (rig.state(relationship) == CopyState::Synchronized) return true;
      peer.proxy().heal();  // an answer that was late has broken it
      return false;
    });
  }
  // Once the mirror has had the time to carry everything over.
  ::testing::AssertionResult become_equal(const ElementRef& source, std::uint16_t lun) {
    const std::string wanted = rig.whole(source);
    return rig.eventually([&](const Inventory&) { return peer.read(lun, 0, kBlocks) == wanted; });
  }
  // A host on the peer.
  void write_there(std::uint16_t lun, std::uint64_t lba, char fill) {
    const std::vector<std::byte> data(512, static_cast<std::byte>(fill));
    EXPECT_EQ(peer.volume(lun).write(Lba{lba}, data), store::WriteResult::Done);
  }

  peer::test::PeerRig peer;
  Rig rig;

 private:
  static ReferenceOptions options(const peer::test::PeerRig& peer,
                                  std::chrono::milliseconds answer_timeout,
                                  const std::optional<std::string>& store) {
    ReferenceOptions options;
    options.peers.push_back(far_system(peer, answer_timeout));
    options.store_directory = store;
    return options;
  }
};

}  // namespace lockstep::replication::test
