// Test support: two logical units of a peer and their journal, as a service that is gone has left
// them: what is in force has not been written in place, or not all of it.
#pragma once

#include "target_impl/peer/journal.hpp"
#include "target_impl/peer/peer_system.hpp"
#include "target_impl/peer/test/peer_rig.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <future>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace lockstep::peer::test {

inline bool to_the_end(std::uint64_t /*blocks*/) { return true; }

class LostGroup {
 public:
  static constexpr std::uint64_t kMemberBlocks = 1024;
  static constexpr std::uint64_t kJournalBlocks = 2600;
  static constexpr std::uint16_t kJournal = 3;
  static constexpr std::uint16_t kBystander = 4;  // a unit that is not of the group
  static constexpr std::uint64_t kExtent = store::kExtentBytes / 512;

  LostGroup() {
    LinkOptions options;
    options.portal = rig.portal();
    options.target_name = kPeerTarget;
    service = std::make_unique<PeerSystem>(options, [](bool) {});
    const VolumeGeometry member{BlockCount{kMemberBlocks}, BlockSize{512}};
    const VolumeGeometry journal_size{BlockCount{kJournalBlocks}, BlockSize{512}};
    auto claims = service->claim({{member, rig.naa(1), KeepsOut::Readers},
                                  {member, rig.naa(2), KeepsOut::Readers},
                                  {journal_size, rig.naa(kJournal), KeepsOut::Writers}},
                                 initiator::Credentials{kPeerUser, kPeerPassword});
    volumes = std::move(std::get<0>(claims));
    journal = std::make_unique<Journal>(volumes.at(2), pool);
    for (std::uint16_t lun = 1; lun <= kBystander; ++lun) before.push_back(content(lun));
    put_in_force('a');
    wanted = {std::string(before[0]), std::string(before[1])};
    lay(wanted[0], 3, 2, 'a');
    lay(wanted[0], 300, 9, 'a');
    lay(wanted[1], kExtent, kExtent + 600, 'b');
  }
  // Nothing of it has been said to the peer when it ends.
  ~LostGroup() {
    for (const auto& volume : volumes) volume->keep_claim();
  }
  LostGroup(const LostGroup&) = delete;
  LostGroup& operator=(const LostGroup&) = delete;

  void put_in_force(char first) {
    EXPECT_EQ(
        journal->prepare({{1, image(first), {{Lba{3}, BlockCount{2}}, {Lba{300}, BlockCount{9}}}},
                          {2, image('b'), {{Lba{kExtent}, BlockCount{kExtent + 600}}}}}),
        Journal::Prepared::Ready);
    std::promise<bool> written;
    const auto transfer =
        journal->write([&](const TransferEnd& end) { written.set_value(end.trouble.empty()); });
    EXPECT_TRUE(written.get_future().get());
    EXPECT_TRUE(publish());
  }
  bool publish() const {
    std::promise<bool> published;
    journal->publish([&](const TransferEnd& end) { published.set_value(end.trouble.empty()); });
    return published.get_future().get();
  }
  [[nodiscard]] std::string content(std::uint16_t lun) { return rig.read(lun, 0, blocks_of(lun)); }
  [[nodiscard]] static std::uint64_t blocks_of(std::uint16_t lun) {
    return lun == kJournal ? kJournalBlocks : kMemberBlocks;
  }
  [[nodiscard]] bool is_whole() {
    return content(1) == wanted[0] && content(2) == wanted[1] && content(kBystander) == before[3];
  }
  [[nodiscard]] bool is_untouched() { return content(1) == before[0] && content(2) == before[1]; }

  PeerRig rig{{kMemberBlocks, kMemberBlocks, kJournalBlocks, kMemberBlocks}};
  std::shared_ptr<store::Pool> pool = store::make_pool(ByteCount{1 << 24});
  std::unique_ptr<PeerSystem> service;
  std::vector<std::shared_ptr<PeerVolume>> volumes;
  std::unique_ptr<Journal> journal;
  std::vector<std::string> before;  // by LUN - 1
  std::vector<std::string> wanted;

 private:
  store::Image image(char fill) {
    store::Volume volume(BlockCount{kMemberBlocks}, BlockSize{512}, pool);
    const std::vector<std::byte> data(kMemberBlocks * 512, static_cast<std::byte>(fill));
    EXPECT_EQ(volume.write(Lba{0}, data), store::WriteResult::Done);
    return volume.snapshot();
  }
  static void lay(std::string& content, std::uint64_t first, std::uint64_t blocks, char fill) {
    std::fill_n(content.begin() + static_cast<std::ptrdiff_t>(first * 512), blocks * 512, fill);
  }
};

}  // namespace lockstep::peer::test
