// Goal: copies that are far larger than what the store lets be ahead of the disk come to an end,
// with hosts writing the source meanwhile, and hold their point in time. (What a copy has written
// is in the store's catalogue, or nothing would ever bring it to disk and every writer would wait.)
#include "target_impl/durability/served_service.hpp"
#include "target_impl/initiator/lun_data_path.hpp"
#include "target_impl/store/test/scratch_directory.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace lockstep::durability {
namespace {

constexpr std::uint64_t kMegabyte = std::uint64_t{1} << 20;
constexpr std::uint64_t kVolumeBytes = 12 * kMegabyte;  // the dirty limit is 1 MiB
constexpr std::uint64_t kStepBlocks = kMegabyte / 512;

TEST(LargeCopy, EndsAndHoldsItsPointInTime) {
  const lockstep::test::ScratchDirectory scratch;
  auto served = ServedService::start(scratch.file("store")).value();
  Client client(served->service());
  CreateVolumeRequest volume;
  volume.blocks = BlockCount{kVolumeBytes / 512};
  const ElementRef source = client.call(volume).target_element.value();
  const auto path = initiator::make_lun_data_path(
      served->portal(), served->target_name(),
      [&](const ElementRef& element) { return served->service().lun_of(element); });
  const auto fill = [&](char content) {
    const std::vector<std::byte> data(kMegabyte, static_cast<std::byte>(content));
    for (std::uint64_t at = 0; at != kVolumeBytes / 512; at += kStepBlocks) {
      const auto answer = path->write(source, Lba{at}, data);
      ASSERT_TRUE(answer && answer.value().good());
    }
  };
  const auto holds = [&](const ElementRef& element, char content) {
    std::vector<std::byte> data(kMegabyte);
    for (std::uint64_t at = 0; at != kVolumeBytes / 512; at += kStepBlocks) {
      const auto answer = path->read(element, Lba{at}, data);
      const bool good = answer && answer.value().good();
      const auto all = std::count(data.begin(), data.end(), static_cast<std::byte>(content));
      if (!good || static_cast<std::uint64_t>(all) != kMegabyte) return false;
    }
    return true;
  };
  fill('a');
  CreateElementReplicaRequest request;
  request.source_element = source;
  request.sync_type = SyncType::Clone;
  const Answer clone = client.call(request);
  fill('b');
  request.sync_type = SyncType::Mirror;
  const Answer mirror = client.call(request);
  client.finish();
  fill('c');
  EXPECT_TRUE(holds(*clone.target_element, 'a'));
  EXPECT_TRUE(holds(*mirror.target_element, 'c'));
}

}  // namespace
}  // namespace lockstep::durability
