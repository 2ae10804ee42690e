#include "properties/generators/swarm.hpp"

#include <algorithm>

namespace lockstep::properties {
namespace {

constexpr std::uint32_t kWithoutChoice = 0;

struct Usual {
  Choice choice;
  std::uint32_t weight;
};
// What an even mixture would be; a swarm leaves out about a third of it.
constexpr std::array<Usual, kChoices> kUsual = {{
    {Choice::Volume, 2},
    {Choice::Element, 7},
    {Choice::List, 3},
    {Choice::Group, 4},
    {Choice::StorageManagement, 3},
    {Choice::Attach, 3},
    {Choice::Modify, 18},
    {Choice::ModifyList, 3},
    {Choice::MakeGroup, 1},
    {Choice::DropGroup, 1},
    {Choice::ExtendGroup, 1},
    {Choice::ReduceGroup, 1},
    {Choice::Write, 12},
    {Choice::Unmap, 2},
    {Choice::Read, 4},
    {Choice::Await, 4},
    {Choice::ChangeJob, 1},
    {Choice::Look, 1},
    {Choice::Disturb, 4},
    {Choice::DropVolume, 1},
}};

bool supported(const World& world, Choice choice) {
  const std::set<Method>& methods = world.capabilities.methods;
  switch (choice) {
    case Choice::Element:
      return methods.contains(Method::CreateElementReplica);
    case Choice::List:
      return methods.contains(Method::CreateListReplica);
    case Choice::Group:
      return methods.contains(Method::CreateGroupReplicaFromElements);
    case Choice::StorageManagement:
      return methods.contains(Method::CreateReplica);
    case Choice::Attach:
      return methods.contains(Method::AttachReplica);
    case Choice::Write:
    case Choice::Unmap:
    case Choice::Read:
      return world.has_data_path;
    case Choice::Disturb:
      return !world.faults.empty();
    default:
      return true;
  }
}

}  // namespace

Swarm draw_swarm(Draws& draws, const World& world) {
  Swarm swarm;
  for (const Usual& usual : kUsual) {
    std::uint32_t& weight = swarm.weights[static_cast<std::size_t>(usual.choice)];
    const bool enabled = draws.chance(65);
    const auto factor = static_cast<std::uint32_t>(1 + draws.below(4));
    weight = enabled && supported(world, usual.choice) ? usual.weight * factor : kWithoutChoice;
  }
  // Without a way to make a relationship a sequence would show little.
  constexpr std::array<Choice, 5> kCreates = {Choice::Element, Choice::List, Choice::Group,
                                              Choice::StorageManagement, Choice::Attach};
  const bool creates = std::any_of(kCreates.begin(), kCreates.end(),
                                   [&](Choice choice) { return swarm.weight(choice) > 0; });
  if (!creates) {
    const Choice chosen = kCreates[static_cast<std::size_t>(draws.below(kCreates.size()))];
    swarm.weights[static_cast<std::size_t>(chosen)] = 8;
  }

  std::vector<ReplicationKind> local;
  for (const ReplicationKind& kind : world.capabilities.kinds) {
    if (kind.locality == Locality::Local) local.push_back(kind);
  }
  for (const ReplicationKind& kind : local) {
    if (draws.chance(50)) swarm.kinds.push_back(kind);
  }
  if (swarm.kinds.empty() && !local.empty()) swarm.kinds.push_back(draws.pick(local));

  const std::vector<std::uint64_t> percents = {0, 0, 10, 35};
  swarm.invalid_percent = draws.pick(percents);
  swarm.wait_percent = draws.pick(std::vector<std::uint64_t>{0, 40, 80});
  swarm.meanwhile_percent =
      world.has_data_path ? draws.pick(std::vector<std::uint64_t>{0, 0, 30}) : 0;
  swarm.target_percent = draws.pick(std::vector<std::uint64_t>{0, 30, 70});
  swarm.wild_percent = draws.pick(std::vector<std::uint64_t>{5, 15, 40});
  swarm.volume_blocks = draws.pick(std::vector<std::uint64_t>{128, 128, 136, 256, 384, 1024});
  return swarm;
}

}  // namespace lockstep::properties
