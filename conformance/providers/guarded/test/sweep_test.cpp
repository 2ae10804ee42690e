// Sweeping after a run that was killed: what it made goes, whether or not it learnt of it, and
// nothing else does.
#include "conformance/providers/guarded/sweep.hpp"

#include "conformance/providers/guarded/guard.hpp"
#include "conformance/providers/guarded/test/small_array.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>

namespace lockstep::conformance {
namespace {

using test::SmallArray;
using test::SmallArrayWorld;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::SizeIs;

class KilledRun : public testing::Test {
 protected:
  KilledRun() {
    std::string pattern = std::filesystem::temp_directory_path() / "lockstep-sweep-XXXXXX";
    folder_ = ::mkdtemp(pattern.data());
    GuardOptions options;
    options.targets = {"gold"};
    options.header = {"run-1", "lockstep-1", "cimxml://array", "Example", "Array"};
    options.folder = folder_;
    SmallArray plain(world_);
    const auto guard = Guard::open(plain, options);
    EXPECT_TRUE(guard);
    // A volume, its copy by a job that was never looked for, and a volume whose answer was lost.
    const auto provider = guarded(std::make_unique<SmallArray>(world_), guard.value());
    CreateElementReplicaRequest replica;
    replica.source_element = provider->invoke(CreateVolumeRequest{}).value().target_element;
    EXPECT_TRUE(provider->invoke(replica));
    world_.add_volume("lockstep-1-7", "gold", "volume:lost");
  }
  ~KilledRun() override { std::filesystem::remove_all(folder_); }

  Result<SweepReport> swept(bool dry = false) {
    SmallArray array(world_);
    return sweep(array, folder_, dry, std::chrono::seconds(5));
  }
  [[nodiscard]] std::vector<std::string> volumes() const {
    std::vector<std::string> paths;
    for (const auto& view : world_.inventory.elements) paths.push_back(view.ref.path);
    return paths;
  }

  SmallArrayWorld world_;
  std::filesystem::path folder_;
};

TEST_F(KilledRun, IsCleanedUpAfter) {
  // Somebody's of nearly the same name, and one that came later.
  world_.add_volume("lockstep-11-7", "gold", "volume:other run");
  const auto report = swept();
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_TRUE(report.value().left.empty());
  EXPECT_THAT(report.value().found, SizeIs(4));  // three volumes and a pair
  EXPECT_THAT(volumes(), ElementsAre("volume:theirs", "volume:other run"));
  EXPECT_TRUE(world_.inventory.relationships.empty());
  const auto state = read_resources(folder_);
  ASSERT_TRUE(state);
  EXPECT_TRUE(state.value().made.empty());
  EXPECT_TRUE(state.value().unanswered.empty());
  // There is nothing left to do.
  EXPECT_THAT(swept().value().found, SizeIs(0));
}

TEST_F(KilledRun, IsOnlyLookedAtWhenDry) {
  const auto before = volumes();
  const auto report = swept(true);
  ASSERT_TRUE(report);
  EXPECT_THAT(report.value().found, SizeIs(4));
  EXPECT_EQ(report.value().left.size(), 4U);
  EXPECT_EQ(volumes(), before);
}

TEST_F(KilledRun, LeavesAloneWhatHasBecomeSomebodyElses) {
  // The array has given the path of our volume to another one.
  for (auto& view : world_.inventory.elements) {
    if (view.ref.path == "volume:1") view.element_name = "payroll";
  }
  world_.inventory.relationships.clear();
  const auto report = swept();
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_THAT(report.value().foreign, ElementsAre("volume:1"));
  EXPECT_THAT(volumes(), testing::Contains("volume:1"));
}

TEST_F(KilledRun, NeverTakesWhatWasThereBefore) {
  // Not even when it has taken a name of the run's since.
  world_.inventory.elements.front().element_name = "lockstep-1-99";
  ASSERT_TRUE(swept());
  EXPECT_THAT(volumes(), ElementsAre("volume:theirs"));
}

TEST_F(KilledRun, IsNotLookedForOnAnotherProduct) {
  class OtherArray : public SmallArray {
   public:
    using SmallArray::SmallArray;
    Result<ProviderIdentity> identity() override { return ProviderIdentity{}; }
  };
  OtherArray other(world_);
  const auto report = sweep(other, folder_, false, std::chrono::seconds(1));
  ASSERT_FALSE(report);
  EXPECT_EQ(report.error().origin, Origin::Usage);
  EXPECT_THAT(report.error().message, HasSubstr("Example Array"));
}

}  // namespace
}  // namespace lockstep::conformance
