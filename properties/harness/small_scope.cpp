#include "properties/harness/small_scope.hpp"

#include "model/vocab/names.hpp"
#include "properties/harness/tour.hpp"

#include <algorithm>
#include <optional>

namespace lockstep::properties {
namespace {

constexpr Handle kSource{HandleKind::Volume, 1};
constexpr Handle kTarget{HandleKind::Volume, 2};
constexpr Handle kRelationship{HandleKind::Relationship, 1};
constexpr std::uint64_t kBlocks = 128;

Sequence beginning(const World& world, const ReplicationKind& kind) {
  Sequence sequence;
  sequence.push_back(CreateVolume{kSource, kBlocks, std::nullopt});
  if (world.has_data_path) sequence.push_back(WriteBlocks{kSource, 0, 8});
  Replicate create;
  create.method = Method::CreateElementReplica;
  const bool nameable =
      classify(create.method, world.capabilities.level, kind.sync_type) == ValueClass::Defined &&
      classify(create.method, world.capabilities.level, kind.mode) == ValueClass::Defined;
  if (!nameable) create.method = Method::CreateReplica;
  create.sources = {kSource};
  create.sync_type = number_of(kind.sync_type);
  create.mode = number_of(kind.mode);
  create.made_relationships = {kRelationship};
  create.made_volumes = {kTarget};
  if (world.capabilities.asynchronous_actions.contains(create.method)) {
    create.made_job = Handle{HandleKind::Job, 1};
  }
  const auto states = world.capabilities.wait_for_copy_states.find({create.method, kind});
  if (states != world.capabilities.wait_for_copy_states.end() &&
      states->second.contains(CopyState::Synchronized)) {
    create.wait = number_of(CopyState::Synchronized);
  }
  sequence.push_back(create);
  if (create.made_job) sequence.push_back(AwaitJob{*create.made_job});
  return sequence;
}

std::vector<Command> steps_for(const World& world, const ReplicationKind& kind) {
  std::vector<Command> steps;
  const auto listed = world.capabilities.operations.find(kind);
  for (const Operation operation : all_values<Operation>()) {
    if (listed != world.capabilities.operations.end() && !listed->second.contains(operation)) {
      continue;
    }
    Modify modify;
    modify.relationships = {kRelationship};
    modify.operation = number_of(operation);
    steps.push_back(modify);
  }
  if (world.has_data_path) {
    steps.push_back(WriteBlocks{kSource, 0, 4});
    steps.push_back(WriteBlocks{kTarget, kBlocks - 1, 1});
  }
  return steps;
}

}  // namespace

std::vector<Sequence> small_scope(const World& world) {
  std::vector<Sequence> singles;
  std::vector<Sequence> pairs;
  std::vector<SyncType> done;
  for (const ReplicationKind& kind : world.capabilities.kinds) {
    if (kind.locality != Locality::Local) continue;
    // One kind per SyncType: modes differ in the mirror's data path, which random sequences visit.
    if (std::find(done.begin(), done.end(), kind.sync_type) != done.end()) continue;
    done.push_back(kind.sync_type);
    const Sequence begin = beginning(world, kind);
    const std::vector<Command> steps = steps_for(world, kind);
    for (const Command& first : steps) {
      Sequence single = begin;
      single.push_back(first);
      singles.push_back(single);
      for (const Command& second : steps) {
        Sequence pair = single;
        pair.push_back(second);
        pairs.push_back(std::move(pair));
      }
    }
  }
  std::vector<Sequence> scope = transition_tour(world);
  scope.insert(scope.end(), singles.begin(), singles.end());
  scope.insert(scope.end(), pairs.begin(), pairs.end());
  return scope;
}

}  // namespace lockstep::properties
