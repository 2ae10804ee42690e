#include "target_impl/replication/groups.hpp"

#include "target_impl/replication/object_paths.hpp"

#include <algorithm>
#include <utility>

namespace lockstep::replication {

GroupRecord& make_group(World& world, const std::optional<std::string>& name) {
  GroupRecord group;
  group.id = world.new_id();
  group.ref = group_path(group.id);
  group.name = name.value_or("group-" + std::to_string(group.id));
  return world.groups.add(std::move(group));
}

bool is_associated(World& world, Id group) {
  return std::any_of(world.group_pairs.begin(), world.group_pairs.end(), [&](const auto& entry) {
    return entry.second.source_group == group || entry.second.target_group == group;
  });
}

}  // namespace lockstep::replication
