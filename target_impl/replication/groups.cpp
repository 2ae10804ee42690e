#include "target_impl/replication/groups.hpp"

#include "target_impl/replication/object_paths.hpp"

#include <algorithm>
#include <utility>

namespace lockstep::replication {

GroupRecord& make_group(World& world, const std::optional<std::string>& name) {
  GroupRecord group;
  group.id = world.new_id();
  group.ref = group_path(group.id);
  const bool nameable = world.freedom.has(GroupFeature::GroupIsNameable);
  if (name && nameable) {
    group.name = *name;
  } else if (world.freedom.names_groups) {
    group.name = "group-" + std::to_string(group.id);
  }
  group.persistent = world.freedom.persistent_groups;
  return world.groups.add(std::move(group));
}

void put_member(const World& world, GroupRecord& group, Id element) {
  const bool first = world.freedom.has(GroupFeature::ImplementationDecidesMemberOrder);
  group.members.insert(first ? group.members.begin() : group.members.end(), element);
}

bool is_associated(World& world, Id group) {
  return std::any_of(world.group_pairs.begin(), world.group_pairs.end(), [&](const auto& entry) {
    return entry.second.source_group == group || entry.second.target_group == group;
  });
}

}  // namespace lockstep::replication
