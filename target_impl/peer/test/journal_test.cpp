// Goal: what is in force in a journal is found again, whatever was written when; no other bytes are
// taken for entries outside of it.
// Method: a journal on a real peer, read from its disk; then every byte of its header and directory
// made another.
#include "target_impl/peer/journal.hpp"

#include "target_impl/iscsi/crc32c.hpp"
#include "target_impl/peer/peer_system.hpp"
#include "target_impl/peer/test/peer_rig.hpp"
#include "target_impl/scsi/big_endian.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <future>

namespace lockstep::peer::test {
namespace {

constexpr VolumeGeometry kGeometry{BlockCount{2048}, BlockSize{512}};
constexpr std::uint64_t kExtent = store::kExtentBytes / 512;

class JournalTest : public ::testing::Test {
 protected:
  JournalTest() {
    LinkOptions options;
    options.portal = rig.portal();
    options.target_name = kPeerTarget;
    options.connect_timeout = std::chrono::milliseconds{500};
    options.answer_timeout = std::chrono::milliseconds{500};
    peer = std::make_unique<PeerSystem>(options, [](bool) {});
    auto claims = peer->claim({{kGeometry, {}, KeepsOut::Writers}},
                              initiator::Credentials{kPeerUser, kPeerPassword});
    journal = std::make_unique<Journal>(std::get<0>(claims).front(), pool);
  }
  store::Image image(char fill, std::uint64_t blocks = 1024) {
    store::Volume volume(BlockCount{blocks}, BlockSize{512}, pool);
    const std::vector<std::byte> data(blocks * 512, static_cast<std::byte>(fill));
    EXPECT_EQ(volume.write(Lba{0}, data), store::WriteResult::Done);
    return volume.snapshot();
  }
  bool write() {
    std::promise<bool> ended;
    const auto transfer =
        journal->write([&](const TransferEnd& end) { ended.set_value(end.trouble.empty()); });
    return ended.get_future().get();
  }
  bool publish() {
    std::promise<bool> ended;
    journal->publish([&](const TransferEnd& end) { ended.set_value(end.trouble.empty()); });
    return ended.get_future().get();
  }
  std::vector<JournalEntry> in_force() {
    const auto read = [&](Lba first, std::span<std::byte> out) {
      return rig.volume(1).read(first, out);
    };
    auto entries = read_journal(read, kGeometry);
    EXPECT_TRUE(entries) << entries.error().message;
    return entries ? std::move(entries).value() : std::vector<JournalEntry>{};
  }
  // By the first entry.
  char first_letter() { return rig.read(1, in_force().at(0).at.value).front(); }

  PeerRig rig{{2048}};
  std::shared_ptr<store::Pool> pool = store::make_pool(ByteCount{1 << 24});
  std::unique_ptr<PeerSystem> peer;
  std::unique_ptr<Journal> journal;
};

TEST_F(JournalTest, WhatIsInForceIsTheLastThatWasPublished) {
  EXPECT_TRUE(in_force().empty());
  ASSERT_EQ(journal->prepare({{7, image('a'), {{Lba{3}, BlockCount{2}}, {Lba{300}, BlockCount{9}}}},
                              {8, image('b'), {{Lba{kExtent}, BlockCount{kExtent}}}}}),
            Journal::Prepared::Ready);
  ASSERT_TRUE(write());
  EXPECT_TRUE(in_force().empty()) << "before it was published";
  ASSERT_TRUE(publish());
  const auto entries = in_force();
  ASSERT_EQ(entries.size(), 3U);
  EXPECT_EQ(entries[0].lun, 7);
  EXPECT_EQ(entries[1].range, (store::BlockRange{Lba{300}, BlockCount{9}}));
  EXPECT_EQ(entries[2].lun, 8);
  EXPECT_EQ(rig.read(1, entries[1].at.value, 9), std::string(9 * 512, 'a'));
  EXPECT_EQ(rig.read(1, entries[2].at.value, kExtent), std::string(kExtent * 512, 'b'));
  // The next one is written beside it.
  ASSERT_EQ(journal->prepare({{7, image('c'), {{Lba{0}, BlockCount{200}}}}}),
            Journal::Prepared::Ready);
  ASSERT_TRUE(write());
  EXPECT_EQ(first_letter(), 'a');
  ASSERT_TRUE(publish());
  EXPECT_EQ(first_letter(), 'c');
  ASSERT_TRUE(journal->close());
  EXPECT_TRUE(in_force().empty());
}

TEST_F(JournalTest, ALostConnectionLeavesWhatWasInForce) {
  ASSERT_EQ(journal->prepare({{7, image('a'), {{Lba{0}, BlockCount{2}}}}}),
            Journal::Prepared::Ready);
  ASSERT_TRUE(write());
  ASSERT_TRUE(publish());
  ASSERT_EQ(journal->prepare({{7, image('b'), {{Lba{0}, BlockCount{2}}}}}),
            Journal::Prepared::Ready);
  ASSERT_TRUE(write());
  rig.proxy().cut();
  EXPECT_FALSE(publish());
  EXPECT_EQ(first_letter(), 'a');
  EXPECT_FALSE(journal->close());
  EXPECT_EQ(journal->prepare({{7, image('c'), {{Lba{0}, BlockCount{2}}}}}),
            Journal::Prepared::CutOff);
  rig.proxy().heal();
  // It asks which half is in force.
  ASSERT_EQ(journal->prepare({{7, image('c'), {{Lba{0}, BlockCount{2}}}}}),
            Journal::Prepared::Ready);
  ASSERT_TRUE(write());
  EXPECT_EQ(first_letter(), 'a');
  ASSERT_TRUE(publish());
  EXPECT_EQ(first_letter(), 'c');
}

TEST_F(JournalTest, TooMuchIsSaidToBe) {
  EXPECT_EQ(journal->prepare({{7, image('a'), {{Lba{0}, BlockCount{1024}}}}}),
            Journal::Prepared::TooLarge);
  EXPECT_TRUE(in_force().empty());
}

TEST_F(JournalTest, OneOfTheSizeThatIsAskedForHoldsAllUnits) {
  for (const std::uint64_t blocks : {std::uint64_t{1}, kExtent - 1, 5 * kExtent + 1}) {
    const std::uint64_t extents = (blocks + kExtent - 1) / kExtent;
    const VolumeGeometry geometry{
        journal_size(ByteCount{3 * extents * store::kExtentBytes}, BlockSize{512}), BlockSize{512}};
    PeerRig large({geometry.blocks.value});
    LinkOptions options;
    options.portal = large.portal();
    options.target_name = kPeerTarget;
    PeerSystem another(options, [](bool) {});
    const auto claims = another.claim({{geometry, {}, KeepsOut::Writers}},
                                      initiator::Credentials{kPeerUser, kPeerPassword});
    Journal whole(std::get<0>(claims).front(), pool);
    std::vector<JournalPart> parts;
    for (std::uint16_t lun = 1; lun <= 3; ++lun) {
      parts.push_back({lun, image('a', blocks), {{Lba{0}, BlockCount{blocks}}}});
    }
    EXPECT_EQ(whole.prepare(parts), Journal::Prepared::Ready) << blocks;
  }
}

// The spare that was taken may be larger than what was asked for.
TEST_F(JournalTest, IsFoundAgainByWhoKnowsItsUnitAlone) {
  PeerRig large({2048 + 5 * kExtent});
  LinkOptions options;
  options.portal = large.portal();
  options.target_name = kPeerTarget;
  PeerSystem another(options, [](bool) {});
  const auto claims = another.claim({{kGeometry, {}, KeepsOut::Writers}},
                                    initiator::Credentials{kPeerUser, kPeerPassword});
  journal = std::make_unique<Journal>(std::get<0>(claims).front(), pool);
  const auto read = [&](Lba first, std::span<std::byte> out) {
    return large.volume(1).read(first, out);
  };
  for (std::uint64_t turn = 1; turn <= 2; ++turn) {  // in either half
    ASSERT_EQ(journal->prepare({{7, image('a'), {{Lba{turn}, BlockCount{2}}}}}),
              Journal::Prepared::Ready);
    ASSERT_TRUE(write());
    ASSERT_TRUE(publish());
    const auto entries = read_journal(read, {BlockCount{2048 + 5 * kExtent}, BlockSize{512}});
    ASSERT_TRUE(entries) << entries.error().message;
    ASSERT_EQ(entries.value().size(), 1U);
    EXPECT_EQ(entries.value()[0].range.first.value, turn);
  }
  journal.reset();
}

TEST_F(JournalTest, NamesMembersThatStayAsTheyAre) {
  ASSERT_EQ(journal->prepare({{7, image('a'), {{Lba{3}, BlockCount{2}}}}, {8, image('b'), {}}}),
            Journal::Prepared::Ready);
  ASSERT_TRUE(write());
  ASSERT_TRUE(publish());
  const auto entries = in_force();
  ASSERT_EQ(entries.size(), 2U);
  EXPECT_EQ(entries[1].lun, 8);
  EXPECT_EQ(entries[1].range.count.value, 0U);
}

class DamagedJournal : public JournalTest {
 protected:
  // Of what is in force, by the layout of journal.hpp.
  static constexpr std::size_t kEntries = 2;
  static constexpr std::size_t kDirectoryAt = store::kExtentBytes;
  static constexpr std::size_t kDirectoryBytes = kEntries * 32;

  DamagedJournal() {
    EXPECT_EQ(
        journal->prepare({{7, image('a'), {{Lba{3}, BlockCount{2}}, {Lba{9}, BlockCount{1}}}}}),
        Journal::Prepared::Ready);
    EXPECT_TRUE(write());
    EXPECT_TRUE(publish());
    EXPECT_TRUE(rig.volume(1).read(Lba{0}, disk));
  }
  [[nodiscard]] Result<std::vector<JournalEntry>> look() const {
    const auto read = [&](Lba first, std::span<std::byte> out) {
      std::copy_n(disk.begin() + static_cast<std::ptrdiff_t>(first.value * 512), out.size(),
                  out.begin());
      return true;
    };
    return read_journal(read, kGeometry);
  }
  // With `seal` the checksums fit what is damaged.
  template <class See>
  void damage_every_byte(bool seal, See see) {
    const std::vector<std::byte> sound(disk.begin(), disk.begin() + 512);
    for (const std::size_t begin : {std::size_t{0}, kDirectoryAt}) {
      for (std::size_t at = begin; at != begin + (begin == 0 ? 56 : kDirectoryBytes); ++at) {
        const std::byte was = disk[at];
        for (unsigned value = 0; value != 256; ++value) {
          disk[at] = static_cast<std::byte>(value);
          if (disk[at] == was) continue;
          if (seal) seal_it();
          see(at);
          std::copy(sound.begin(), sound.end(), disk.begin());
        }
        disk[at] = was;
      }
    }
  }
  void seal_it() {
    const auto sum = [](std::span<const std::byte> bytes) {
      iscsi::Crc32c all;
      all.add(bytes);
      return all.value();
    };
    const std::span<std::byte> bytes(disk);
    const std::uint64_t listed = std::min<std::uint64_t>(
        scsi::get_big_endian<std::byte>(disk, 24, 8) * 32, disk.size() - kDirectoryAt);
    scsi::put_big_endian(bytes, 40, 8, sum(bytes.subspan(kDirectoryAt, listed)));
    scsi::put_big_endian(bytes, 48, 8, sum(bytes.first(48)));
  }
  std::vector<std::byte> disk = std::vector<std::byte>(2048 * 512);
};

TEST_F(DamagedJournal, IsNotTakenForAnother) {
  damage_every_byte(false, [&](std::size_t at) {
    const auto entries = look();
    // Without its first bytes it is none.
    EXPECT_TRUE(!entries || (at < 16 && entries.value().empty())) << "byte " << at;
  });
}

TEST_F(DamagedJournal, NeverLeadsOutside) {
  std::size_t refused = 0;
  damage_every_byte(true, [&](std::size_t) {
    const auto entries = look();
    if (!entries) ++refused;
    if (!entries) return;
    for (const JournalEntry& entry : entries.value()) {
      EXPECT_LE(entry.at.value + entry.range.count.value, 2048U);
    }
  });
  EXPECT_GT(refused, 1000U);
}

}  // namespace
}  // namespace lockstep::peer::test
