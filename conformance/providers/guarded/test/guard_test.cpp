// The guard: a run touches nothing that it did not make and that is not listed, and everything that
// it makes is on disk before the call for it leaves.
#include "conformance/providers/guarded/guard.hpp"

#include "conformance/providers/guarded/test/small_array.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <cstdlib>

namespace lockstep::conformance {
namespace {

using test::SmallArray;
using test::SmallArrayWorld;
using testing::HasSubstr;

class GuardedArray : public testing::Test {
 protected:
  GuardedArray() {
    std::string pattern = std::filesystem::temp_directory_path() / "lockstep-guard-XXXXXX";
    folder_ = ::mkdtemp(pattern.data());
  }
  ~GuardedArray() override { std::filesystem::remove_all(folder_); }

  void open(std::vector<std::string> targets = {"gold"}) {
    GuardOptions options;
    options.targets = std::move(targets);
    options.header = {"run-1", "lockstep-1", "cimxml://array", "Example", "Array"};
    options.folder = folder_;
    SmallArray plain(world_);
    auto guard = Guard::open(plain, options);
    ASSERT_TRUE(guard) << guard.error().message;
    guard_ = std::move(guard).value();
    provider_ = guarded(std::make_unique<SmallArray>(world_), guard_);
  }
  [[nodiscard]] ResourceState ledger() const {
    auto state = read_resources(folder_);
    EXPECT_TRUE(state) << state.error().message;
    return state ? std::move(state).value() : ResourceState{};
  }
  ElementRef make_volume() {
    const auto answer = provider_->invoke(CreateVolumeRequest{});
    EXPECT_TRUE(answer) << answer.error().message;
    return answer && answer.value().target_element ? *answer.value().target_element : ElementRef{};
  }
  void expect_kept_back(const Request& request, const std::string& names) {
    const int asked = world_.asked;
    const auto answer = provider_->invoke(request);
    ASSERT_FALSE(answer) << names;
    EXPECT_EQ(answer.error().origin, Origin::Usage);
    EXPECT_THAT(answer.error().message, HasSubstr("not allowed: "));
    EXPECT_THAT(answer.error().message, HasSubstr(names));
    EXPECT_EQ(world_.asked, asked);
  }

  SmallArrayWorld world_;
  std::filesystem::path folder_;
  std::shared_ptr<Guard> guard_;
  std::unique_ptr<Provider> provider_;
};

TEST_F(GuardedArray, NeedsATargetThatIsThere) {
  SmallArray plain(world_);
  GuardOptions options;
  options.folder = folder_;
  for (const std::vector<std::string>& targets : {std::vector<std::string>{}, {"bronze"}}) {
    options.targets = targets;
    const auto guard = Guard::open(plain, options);
    ASSERT_FALSE(guard);
    EXPECT_EQ(guard.error().origin, Origin::Usage);
    EXPECT_THAT(guard.error().message, HasSubstr("gold, silver"));
  }
}

TEST_F(GuardedArray, LetsARequestNameWhatIsGone) {
  open();
  ReturnToStoragePoolRequest removal;
  removal.element = make_volume();
  ASSERT_TRUE(provider_->inventory());
  ASSERT_TRUE(provider_->invoke(removal));
  ASSERT_TRUE(provider_->inventory());
  const int asked = world_.asked;
  const auto again = provider_->invoke(removal);
  EXPECT_TRUE(again) << again.error().message;
  EXPECT_EQ(world_.asked, asked + 1);
}

TEST_F(GuardedArray, MakesVolumesInTheListedPoolAndShowsNoOther) {
  open({"silver"});
  const ElementRef made = make_volume();
  const auto seen = provider_->inventory();
  ASSERT_TRUE(seen);
  ASSERT_NE(seen.value().find(made), nullptr);
  EXPECT_EQ(seen.value().find(made)->pool, PoolRef{"pool:silver"});
  ASSERT_EQ(seen.value().pools.size(), 1U);
  EXPECT_EQ(seen.value().pools.front().name, "silver");
  CreateVolumeRequest elsewhere;
  elsewhere.pool = PoolRef{"pool:gold"};
  expect_kept_back(elsewhere, "gold");
}

TEST_F(GuardedArray, KeepsItsHandsOffWhatItDidNotMake) {
  RelationshipView pair;
  pair.ref.path = "pair:theirs";
  world_.inventory.relationships.push_back(pair);
  open();
  const ElementRef theirs{"volume:theirs"};
  expect_kept_back(ReturnToStoragePoolRequest{theirs}, "theirs");
  CreateElementReplicaRequest replica;
  replica.source_element = theirs;
  expect_kept_back(replica, "theirs");
  replica.source_element = make_volume();
  replica.target_element = theirs;
  expect_kept_back(replica, "theirs");
  CreateListReplicaRequest list;
  list.source_elements = {*replica.source_element, theirs};
  expect_kept_back(list, "theirs");
  ModifyReplicaSynchronizationRequest modify;
  modify.synchronization = pair.ref;
  expect_kept_back(modify, "pair:theirs");

  const std::array<std::byte, 512> data{};
  EXPECT_FALSE(provider_->data_path()->write(theirs, Lba{0}, data));
  EXPECT_FALSE(provider_->data_path()->unmap(theirs, Lba{0}, BlockCount{1}));
  EXPECT_TRUE(provider_->data_path()->write(*replica.source_element, Lba{0}, data));
  // What came to be on the array while the run went on is somebody's as well.
  world_.add_volume("newer", "gold", "volume:newer");
  static_cast<void>(provider_->inventory());
  expect_kept_back(ReturnToStoragePoolRequest{ElementRef{"volume:newer"}}, "newer");
}

TEST_F(GuardedArray, UsesAForeignVolumeThatIsListedAndAsksForWhatIsNotThere) {
  open({"gold", "thei*"});
  CreateElementReplicaRequest replica;
  replica.source_element = ElementRef{"volume:theirs"};
  EXPECT_TRUE(provider_->invoke(replica));
  replica.source_element = ElementRef{"no volume has this path"};
  EXPECT_TRUE(provider_->invoke(replica));
  auto* outside = dynamic_cast<OutsideProvider*>(provider_.get());
  ASSERT_NE(outside, nullptr);
  EXPECT_EQ(outside->known_references().username, "somebody");
}

TEST_F(GuardedArray, WritesDownWhatItMakesBeforeItIsMade) {
  open();
  bool written = false;
  world_.after_making = [&] {
    // The call is on its way; were we killed now, this is all there would be.
    const ResourceState state = ledger();
    written = state.unanswered.size() == 1 && state.made.empty();
  };
  const ElementRef made = make_volume();
  world_.after_making = nullptr;
  EXPECT_TRUE(written);
  const ResourceState state = ledger();
  EXPECT_TRUE(state.unanswered.empty());
  EXPECT_EQ(state.made.elements, std::set<ElementRef>{made});
  EXPECT_THAT(state.names.at(made), HasSubstr("lockstep-1-"));
  EXPECT_EQ(state.before.elements, std::set<ElementRef>{{"volume:theirs"}});
}

TEST_F(GuardedArray, KnowsAVolumeByTheNameThatTheArrayGaveIt) {
  open();
  const ElementRef made = make_volume();
  for (ElementView& view : world_.inventory.elements) {
    if (view.ref == made) view.element_name = "VOL_0001";
  }
  ASSERT_TRUE(provider_->inventory());
  EXPECT_EQ(ledger().names.at(made), "VOL_0001");
}

TEST_F(GuardedArray, FindsWhatAJobMadeAndStrikesWhatIsGone) {
  open();
  const ElementRef source = make_volume();
  CreateElementReplicaRequest replica;
  replica.source_element = source;
  ASSERT_TRUE(provider_->invoke(replica));
  ASSERT_TRUE(provider_->inventory());
  const ResourceState busy = ledger();
  EXPECT_EQ(busy.made.elements.size(), 2U);
  EXPECT_EQ(busy.made.relationships.size(), 1U);
  ModifyReplicaSynchronizationRequest detach;
  detach.operation = Operation::Detach;
  detach.synchronization = *busy.made.relationships.begin();
  ASSERT_TRUE(provider_->invoke(detach));
  ASSERT_TRUE(provider_->invoke(ReturnToStoragePoolRequest{source}));
  ASSERT_TRUE(provider_->inventory());
  EXPECT_EQ(ledger().made.elements.size(), 1U);
  EXPECT_TRUE(ledger().made.relationships.empty());
}

TEST_F(GuardedArray, RemovesWhatIsLeft) {
  open();
  const ElementRef source = make_volume();
  CreateElementReplicaRequest replica;
  replica.source_element = source;
  ASSERT_TRUE(provider_->invoke(replica));
  const auto left = remove_leftovers(*provider_, *guard_, std::chrono::seconds(5));
  ASSERT_TRUE(left) << left.error().message;
  EXPECT_TRUE(left.value().empty());
  EXPECT_TRUE(ledger().made.empty());
  EXPECT_TRUE(ledger().unanswered.empty());
  ASSERT_EQ(world_.inventory.elements.size(), 1U);
  EXPECT_EQ(world_.inventory.elements.front().ref.path, "volume:theirs");
}

TEST_F(GuardedArray, MakesNothingWhenTheLedgerCannotBeWritten) {
  open();
  std::filesystem::remove_all(folder_);
  GuardOptions options;
  options.targets = {"gold"};
  options.folder = folder_;
  SmallArray plain(world_);
  const auto guard = Guard::open(plain, options);
  ASSERT_FALSE(guard);
  EXPECT_EQ(guard.error().origin, Origin::Config);
}

}  // namespace
}  // namespace lockstep::conformance
