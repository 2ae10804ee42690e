// Test support: groups of mirrors to a peer, and a chain of writes over all their volumes, of which
// the peer must hold exactly the first so many.
#pragma once

#include "target_impl/peer/journal.hpp"
#include "target_impl/replication/test/two_systems.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <cstring>
#include <optional>
#include <random>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace lockstep::replication::test {

inline constexpr std::size_t kMembers = 4;
inline constexpr std::uint64_t kBlocksEach = 8;
inline constexpr std::uint64_t kPlaces = kMembers * kBlocksEach;
inline constexpr std::uint64_t kApart =
    kBlocks / kBlocksEach;  // so that a volume changes in many places
inline constexpr std::uint16_t kJournalLun = kMembers + 1;
inline const std::uint64_t kJournalBlocks =
    peer::journal_size(ByteCount{kMembers * kBlocks * 512}, BlockSize{512}).value;

// Write k, from 1 on, says k in one of eight blocks of volume k % 4.
class Chain {
 public:
  Chain(Rig& rig, std::vector<ElementRef> volumes) : rig_(rig), volumes_(std::move(volumes)) {
    thread_ = std::thread([this] { run(); });
  }
  ~Chain() {
    stopping_ = true;
    thread_.join();
  }
  Chain(const Chain&) = delete;
  Chain& operator=(const Chain&) = delete;
  [[nodiscard]] std::uint64_t acknowledged() const { return acknowledged_; }
  // Returns when so many more have been answered.
  void grow(std::uint64_t links) const {
    const std::uint64_t until = acknowledged_ + links;
    while (acknowledged_ < until) std::this_thread::sleep_for(std::chrono::microseconds{200});
  }

 private:
  void run() {
    for (std::uint64_t number = 1; !stopping_; ++number) {
      std::array<std::byte, 512> block{};
      std::memcpy(block.data(), &number, sizeof number);
      const Lba lba{number / kMembers % kBlocksEach * kApart};
      const auto answer =
          rig_.provider().data_path()->write(volumes_[number % kMembers], lba, block);
      if (!answer || !answer.value().good()) return;
      acknowledged_ = number;
    }
  }
  Rig& rig_;
  const std::vector<ElementRef> volumes_;
  std::atomic<bool> stopping_{false};
  std::atomic<std::uint64_t> acknowledged_{0};
  std::thread thread_;
};

// The members on the peer, with what is in force in their journal, if they have one, laid over
// them.
inline std::array<std::string, kMembers> members_there(TwoSystems& two, bool journaled) {
  std::array<std::string, kMembers> members;
  for (std::uint16_t i = 0; i < kMembers; ++i) members[i] = two.peer.read(1 + i, 0, kBlocks);
  if (!journaled) return members;
  const auto entries = peer::read_journal(
      [&](Lba first, std::span<std::byte> out) {
        return two.peer.volume(kJournalLun).read(first, out);
      },
      {BlockCount{kJournalBlocks}, BlockSize{512}});
  EXPECT_TRUE(entries) << entries.error().message;
  for (const peer::JournalEntry& entry : entries.value()) {
    members.at(entry.lun - 1U)
        .replace(entry.range.first.value * 512, entry.range.count.value * 512,
                 two.peer.read(kJournalLun, entry.at.value, entry.range.count.value));
  }
  return members;
}

// How many writes of the chain the peer holds, if it holds exactly the first so many.
inline std::optional<std::uint64_t> links_held(TwoSystems& two, bool journaled = false) {
  const auto members = members_there(two, journaled);
  std::array<std::uint64_t, kPlaces> held{};
  for (std::uint64_t place = 0; place < kPlaces; ++place) {
    std::memcpy(&held[place], members[place % kMembers].data() + place / kMembers * kApart * 512,
                sizeof(std::uint64_t));
  }
  const std::uint64_t last = *std::max_element(held.begin(), held.end());
  for (std::uint64_t number = last; number > 0 && number + kPlaces > last; --number) {
    if (held[number % kPlaces] != number) return std::nullopt;
  }
  return last;
}

struct Group {
  explicit Group(TwoSystems& two, Mode mode = Mode::Synchronous) {
    for (std::size_t i = 0; i < kMembers; ++i) sources.push_back(two.rig.volume());
    Answer answer;
    EXPECT_TRUE(two.rig.eventually([&](const Inventory&) {
      answer = two.rig.call(request(sources, mode));
      return answer.accepted();
    })) << code_text(answer);
    ref = answer.synchronization.value();
    EXPECT_TRUE(two.becomes(ref, CopyState::Synchronized));
  }
  [[nodiscard]] static CreateGroupReplicaFromElementsRequest request(
      const std::vector<ElementRef>& sources, Mode mode) {
    CreateGroupReplicaFromElementsRequest request;
    request.sync_type = SyncType::Mirror;
    request.mode = mode;
    request.source_elements = sources;
    request.consistency = ConsistencyRequest::SequentialConsistency;
    request.target_access_point = reference_peer_access_point("far");
    return request;
  }
  std::vector<ElementRef> sources;
  RelationshipRef ref;
};

inline const std::vector<std::uint64_t> kSpares(kMembers, kBlocks);

// Members and their journal.
inline std::vector<std::uint64_t> spares_with_journal() {
  std::vector<std::uint64_t> spares = kSpares;
  spares.push_back(kJournalBlocks);
  return spares;
}

enum class LeftBehind : std::uint8_t { ThereAgain, CutOff };

// Broken while members changed, so that they are whole only by what is in force. The relationship
// of the first member; none: the connection was never lost so.
inline std::optional<RelationshipRef> leave_half_changed(TwoSystems& two, Group& group,
                                                         LeftBehind peer = LeftBehind::ThereAgain) {
  Chain chain(two.rig, group.sources);
  std::minstd_rand random(3);
  bool under_change = false;
  for (int round = 0; round < 100 && !under_change; ++round) {
    chain.grow(20 + random() % 50);
    two.peer.proxy().cut_after(random() % 3'000'000);
    if (!two.becomes(group.ref, CopyState::Broken)) return std::nullopt;
    under_change = !links_held(two) && links_held(two, true);
    if (under_change && peer == LeftBehind::CutOff) break;
    // The service is not to bring them up to date by itself.
    if (under_change) two.rig.inject(FaultKind::LinkLost);
    two.peer.proxy().cut_after(UINT64_MAX / 2);
    two.peer.proxy().heal();
    if (!under_change && !two.becomes(group.ref, CopyState::Synchronized)) return std::nullopt;
  }
  if (!under_change) return std::nullopt;
  for (const RelationshipView& view : two.rig.look().relationships) {
    if (view.source_element == group.sources.front()) return view.ref;
  }
  return std::nullopt;
}

}  // namespace lockstep::replication::test
