// Custody: what was made is owned, with everything that hangs on it; what was there never is; and
// removal takes the owned and nothing else.
#include "model/custody/custody.hpp"

#include "model/custody/removal.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <string>
#include <vector>

namespace lockstep {
namespace {

using std::chrono::milliseconds;

ElementView volume_view(const std::string& path) {
  ElementView view;
  view.ref.path = path;
  return view;
}

RelationshipView pair_view(const std::string& path, const std::string& source,
                           const std::string& target) {
  RelationshipView view;
  view.ref.path = path;
  view.source_element = ElementRef{source};
  view.target_element = ElementRef{target};
  view.sync_type = SyncType::Mirror;
  return view;
}

RelationshipView group_pair_view(const std::string& path, const std::string& source,
                                 const std::string& target) {
  RelationshipView view;
  view.ref.path = path;
  view.relationship_class = RelationshipClass::GroupSynchronized;
  view.source_group = GroupRef{source};
  view.target_group = GroupRef{target};
  return view;
}

GroupView group_view(const std::string& path, std::vector<ElementRef> members) {
  GroupView view;
  view.ref.path = path;
  view.members = std::move(members);
  return view;
}

// Removes what it is asked to, in the order that a provider insists on: relationships end before
// their groups and volumes go. `refuses` says no first.
class SmallProvider : public Provider {
 public:
  Result<ProviderIdentity> identity() override { return ProviderIdentity{}; }
  Result<Capabilities> capabilities() override { return Capabilities{}; }
  Result<Inventory> inventory() override { return world; }
  DataPath* data_path() noexcept override { return nullptr; }
  FaultPort* fault_port() noexcept override { return nullptr; }

  Result<Answer> invoke(const Request& request) override {
    Answer answer;
    answer.code = ReturnCode::InvalidParameter;
    if (refuses && refuses(request)) return answer;
    if (const auto* modify = std::get_if<ModifyReplicaSynchronizationRequest>(&request)) {
      end(*modify->synchronization);
    } else if (const auto* group = std::get_if<DeleteGroupRequest>(&request)) {
      std::erase_if(world.groups, [&](const auto& view) { return view.ref == *group->group; });
    } else if (const auto* back = std::get_if<ReturnToStoragePoolRequest>(&request)) {
      if (in_use(back->element)) return answer;
      std::erase_if(world.elements, [&](const auto& view) { return view.ref == back->element; });
    }
    answer.code = ReturnCode::Success;
    return answer;
  }

  Inventory world;
  std::function<bool(const Request&)> refuses;

 private:
  void end(const RelationshipRef& ref) {
    std::erase_if(world.relationships, [&](const auto& view) { return view.ref == ref; });
  }
  [[nodiscard]] bool in_use(const ElementRef& ref) const {
    return std::any_of(world.relationships.begin(), world.relationships.end(),
                       [&](const RelationshipView& view) {
                         return view.source_element == ref || view.target_element == ref;
                       });
  }
};

Answer made_volume(const std::string& path) {
  Answer answer;
  answer.target_element = ElementRef{path};
  return answer;
}

TEST(Custody, OwnsWhatAnAcceptedCallMade) {
  Custody custody;
  custody.answered(CreateVolumeRequest{}, made_volume("mine"));
  EXPECT_TRUE(custody.owns(ElementRef{"mine"}));
  Answer refused = made_volume("somebody's");
  refused.code = ReturnCode::InvalidParameter;
  custody.answered(CreateElementReplicaRequest{}, refused);
  EXPECT_FALSE(custody.owns(ElementRef{"somebody's"}));
}

TEST(Custody, NeverOwnsWhatWasThere) {
  Inventory before;
  before.elements = {volume_view("old")};
  before.relationships = {pair_view("old pair", "old", "older")};
  Custody custody(objects_of(before));
  custody.answered(CreateElementReplicaRequest{}, made_volume("old"));
  custody.own(ElementRef{"old"});
  custody.answered(CreateVolumeRequest{}, made_volume("mine"));
  Inventory now = before;
  now.elements.push_back(volume_view("mine"));
  // A relationship of ours whose target was there before.
  now.relationships.push_back(pair_view("new pair", "mine", "old"));
  custody.seen(now);
  EXPECT_TRUE(custody.owns(RelationshipRef{"new pair"}));
  EXPECT_FALSE(custody.owns(ElementRef{"old"}));
  EXPECT_FALSE(custody.owns(RelationshipRef{"old pair"}));
}

TEST(Custody, OwnsWhatHangsOnTheOwned) {
  Custody custody;
  custody.answered(CreateVolumeRequest{}, made_volume("v1"));
  Inventory now;
  now.elements = {volume_view("v1"), volume_view("v2"), volume_view("stranger")};
  now.groups = {group_view("g1", {ElementRef{"v1"}}), group_view("g2", {}),
                group_view("strangers", {ElementRef{"stranger"}})};
  now.relationships = {pair_view("r1", "v1", "v2"), group_pair_view("r2", "g1", "g2")};
  custody.seen(now);
  EXPECT_EQ(custody.owned().elements, (std::set<ElementRef>{{"v1"}, {"v2"}}));
  EXPECT_EQ(custody.owned().groups, (std::set<GroupRef>{{"g1"}, {"g2"}}));
  EXPECT_EQ(custody.owned().relationships, (std::set<RelationshipRef>{{"r1"}, {"r2"}}));
}

SmallProvider busy_provider() {
  SmallProvider provider;
  provider.world.elements = {volume_view("v1"), volume_view("v2"), volume_view("theirs"),
                             volume_view("their copy")};
  provider.world.groups = {group_view("g1", {ElementRef{"v1"}})};
  provider.world.relationships = {pair_view("r1", "v1", "v2"),
                                  pair_view("their pair", "theirs", "their copy")};
  return provider;
}

TEST(Removal, TakesTheOwnedAndNothingElse) {
  SmallProvider provider = busy_provider();
  Custody custody;
  custody.own(ElementRef{"v1"});
  const auto left = remove_owned(provider, custody, milliseconds(1000));
  ASSERT_TRUE(left);
  EXPECT_TRUE(left.value().empty());
  EXPECT_TRUE(custody.owned().empty());
  ASSERT_EQ(provider.world.elements.size(), 2U);
  EXPECT_EQ(provider.world.elements.front().ref.path, "theirs");
  EXPECT_EQ(provider.world.relationships.size(), 1U);
  EXPECT_TRUE(provider.world.groups.empty());
}

TEST(Removal, TriesAnotherWayWhenOneIsRefused) {
  SmallProvider provider = busy_provider();
  int refused = 0;
  provider.refuses = [&](const Request& request) {
    const auto* modify = std::get_if<ModifyReplicaSynchronizationRequest>(&request);
    const bool refuse = modify != nullptr && !modify->force.value_or(false);
    refused += refuse ? 1 : 0;
    return refuse;
  };
  Custody custody;
  custody.own(ElementRef{"v1"});
  const auto left = remove_owned(provider, custody, milliseconds(1000));
  ASSERT_TRUE(left);
  EXPECT_TRUE(left.value().empty());
  EXPECT_GT(refused, 0);
}

TEST(Removal, SaysWhatStays) {
  SmallProvider provider = busy_provider();
  provider.refuses = [](const Request&) { return true; };
  Custody custody;
  custody.own(ElementRef{"v1"});
  const auto left = remove_owned(provider, custody, milliseconds(5));
  ASSERT_TRUE(left);
  EXPECT_EQ(left.value().elements, (std::set<ElementRef>{{"v1"}, {"v2"}}));
  EXPECT_EQ(left.value().relationships.size(), 1U);
  EXPECT_EQ(custody.owned(), left.value());
}

}  // namespace
}  // namespace lockstep
