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

class TwoSystems {
 public:
  explicit TwoSystems(const std::vector<std::uint64_t>& spares = {kBlocks},
                      std::chrono::milliseconds answer_timeout = std::chrono::milliseconds{300},
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
    CreateReplicaRequest wanted = request(source, mode);
    wanted.replication_settings = settings;
    const Answer answer = rig.call(wanted);
    EXPECT_TRUE(rig.job_ends(answer)) << answer.extended_status->message;
    const Inventory inventory = rig.look();
    for (const RelationshipView& view : inventory.relationships) {
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
    PeerOptions far;
    far.name = "far";
    far.portal = peer.portal();
    far.target_name = peer::test::kPeerTarget;
    far.user = peer::test::kPeerUser;
    far.password = peer::test::kPeerPassword;
    far.answer_timeout = answer_timeout;
    far.longest_retry = std::chrono::milliseconds{100};
    ReferenceOptions options;
    options.peers.push_back(far);
    options.store_directory = store;
    return options;
  }
};

}  // namespace lockstep::replication::test
