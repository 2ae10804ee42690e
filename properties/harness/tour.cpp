#include "properties/harness/tour.hpp"

#include "model/vocab/names.hpp"
#include "statemachine/machine.hpp"

#include <algorithm>
#include <optional>
#include <set>
#include <utility>

namespace lockstep::properties {
namespace {

using machine::Event;
using machine::Place;

constexpr Handle kSource{HandleKind::Volume, 1};
constexpr Handle kTarget{HandleKind::Volume, 2};
constexpr Handle kRelationship{HandleKind::Relationship, 1};
constexpr std::uint64_t kBlocks = 128;

// Builds one sequence; `stuck()` once something is not on offer.
class Route {
 public:
  Route(const World& world, const ReplicationKind& kind, std::optional<SettingChoice> settings)
      : world_(world), kind_(kind), settings_(settings) {}

  [[nodiscard]] bool stuck() const noexcept { return stuck_; }
  [[nodiscard]] const Sequence& sequence() const noexcept { return sequence_; }

  void go_to(Place place);
  void let_happen(Event event);

 private:
  void begin() {
    sequence_.push_back(CreateVolume{kSource, kBlocks, std::nullopt});
    if (world_.has_data_path) sequence_.push_back(WriteBlocks{kSource, 0, 8});
  }
  void create(std::optional<CopyState> wait, bool await);
  void ask(Operation operation);
  void fault(FaultKind kind);
  void write(Handle volume) {
    if (!world_.has_data_path) stuck_ = true;
    sequence_.push_back(WriteBlocks{volume, 0, 4});
  }
  void go_copying() {
    fault(FaultKind::CopyHeld);
    create(std::nullopt, false);
  }
  void go_synchronized() { create(std::nullopt, true); }
  void break_it();
  [[nodiscard]] bool waits_for(CopyState state) const;
  [[nodiscard]] Method method() const;

  const World& world_;
  ReplicationKind kind_;
  std::optional<SettingChoice> settings_;
  Sequence sequence_;
  std::uint32_t jobs_ = 0;
  bool stuck_ = false;
};

Method Route::method() const {
  const SchemaLevel level = world_.capabilities.level;
  const auto names = [&](Method one) {
    return classify(one, level, kind_.sync_type) == ValueClass::Defined &&
           classify(one, level, kind_.mode) == ValueClass::Defined;
  };
  return names(Method::CreateElementReplica) ? Method::CreateElementReplica : Method::CreateReplica;
}

bool Route::waits_for(CopyState state) const {
  const auto& all = world_.capabilities.wait_for_copy_states;
  const auto states = all.find({method(), kind_});
  return states != all.end() && states->second.contains(state);
}

void Route::create(std::optional<CopyState> wait, bool await) {
  Replicate op;
  op.method = method();
  stuck_ =
      stuck_ || !world_.capabilities.methods.contains(op.method) || (wait && !waits_for(*wait));
  op.sources = {kSource};
  op.sync_type = number_of(kind_.sync_type);
  op.mode = number_of(kind_.mode);
  if (wait) op.wait = number_of(*wait);
  op.settings = settings_;
  op.made_relationships = {kRelationship};
  op.made_volumes = {kTarget};
  if (world_.capabilities.asynchronous_actions.contains(op.method)) {
    op.made_job = Handle{HandleKind::Job, ++jobs_};
  }
  sequence_.push_back(op);
  if (await && op.made_job) sequence_.push_back(AwaitJob{*op.made_job});
}

void Route::ask(Operation operation) {
  const auto listed = world_.capabilities.operations.find(kind_);
  if (listed != world_.capabilities.operations.end() && !listed->second.contains(operation)) {
    stuck_ = true;
  }
  Modify op;
  op.relationships = {kRelationship};
  op.operation = number_of(operation);
  if (world_.capabilities.asynchronous_actions.contains(Method::ModifyReplicaSynchronization)) {
    op.made_job = Handle{HandleKind::Job, ++jobs_};
  }
  sequence_.push_back(op);
  if (op.made_job) sequence_.push_back(AwaitJob{*op.made_job});
}

void Route::fault(FaultKind kind) {
  stuck_ = stuck_ || !world_.faults.contains(kind);
  sequence_.push_back(Disturb{kind, std::nullopt});
}

// A mirror breaks with its link; what only reads its source breaks when there is no space left.
void Route::break_it() {
  if (kind_.sync_type == SyncType::Mirror) {
    go_synchronized();
    fault(FaultKind::LinkLost);
    if (world_.has_data_path) write(kSource);
  } else if (kind_.sync_type == SyncType::Snapshot) {
    go_synchronized();
    fault(FaultKind::SpaceExhausted);
    write(kSource);
  } else {
    go_copying();
    fault(FaultKind::LinkLost);
  }
}

void Route::go_to(Place place) {
  begin();
  if (!place) return;
  switch (*place) {
    case CopyState::Initialized:
    case CopyState::Prepared:
    case CopyState::Inactive:
      return create(*place, true);
    case CopyState::Unsynchronized:
      return go_copying();
    case CopyState::Synchronized:
      return go_synchronized();
    case CopyState::Broken:
      return break_it();
    case CopyState::Suspended:
      kind_.sync_type == SyncType::Mirror ? go_synchronized() : go_copying();
      return ask(Operation::Suspend);
    case CopyState::Aborted:
      go_copying();
      return ask(Operation::Abort);
    default:
      go_synchronized();
      break;
  }
  switch (*place) {
    case CopyState::Fractured:
      return ask(Operation::Fracture);
    case CopyState::Split:
      return ask(Operation::Split);
    case CopyState::Failedover:
      return ask(Operation::Failover);
    case CopyState::Restored:
      if (kind_.sync_type == SyncType::Mirror) ask(Operation::Fracture);
      return ask(Operation::RestoreFromReplica);
    case CopyState::Skewed:
      return write(kTarget);
    case CopyState::Partitioned:
      return fault(FaultKind::StateUnknown);
    case CopyState::Invalid:
      fault(FaultKind::StateUnknown);
      fault(FaultKind::ElementUnknown);
      return fault(FaultKind::StateKnown);
    default:
      stuck_ = stuck_ || *place != CopyState::Synchronized;
      return;
  }
}

void Route::let_happen(Event event) {
  for (const Operation operation : all_values<Operation>()) {
    if (machine::event_of(operation) == event) return ask(operation);
  }
  switch (event) {
    case Event::CreateUnspecified:
      return create(std::nullopt, true);
    case Event::CreateInitialized:
      return create(CopyState::Initialized, true);
    case Event::CreateInactive:
      return create(CopyState::Inactive, true);
    case Event::CreateUnsynchronized:
      return create(CopyState::Unsynchronized, true);
    case Event::CreateSynchronized:
      return create(CopyState::Synchronized, true);
    case Event::CreatePrepared:
      return create(CopyState::Prepared, true);
    case Event::SourceWritten:
      return write(kSource);
    case Event::TargetWritten:
      return write(kTarget);
    case Event::ElementFails:
    case Event::LinkLostSeparated:
      return fault(FaultKind::LinkLost);
    case Event::StateUndetermined:
      return fault(FaultKind::StateUnknown);
    case Event::SpaceExhausted:
      fault(FaultKind::SpaceExhausted);
      return write(kSource);
    case Event::ProviderRestarts:
      return fault(FaultKind::ProviderRestart);
    case Event::RepairedAutomatically:
    case Event::RepairedManually:
    case Event::RepairedNoRecovery:
      return fault(kind_.sync_type == SyncType::Snapshot ? FaultKind::SpaceRestored
                                                         : FaultKind::LinkRestored);
    case Event::LinkBack:
      return fault(FaultKind::StateKnown);
    case Event::LinkBackElementUnknown:
      fault(FaultKind::ElementUnknown);
      return fault(FaultKind::StateKnown);
    case Event::ElementKnownAgain:
      return fault(FaultKind::ElementKnown);
    default:
      stuck_ = true;
      return;  // happens by itself or not at all
  }
}

std::optional<SettingChoice> settings_for(Event event) {
  if (event == Event::RepairedManually) return SettingChoice::ManualRecovery;
  if (event == Event::RepairedAutomatically) return SettingChoice::AutomaticRecovery;
  return std::nullopt;
}

}  // namespace

std::vector<Sequence> transition_tour(const World& world) {
  std::vector<Sequence> tour;
  std::set<machine::MachineKind> done;
  for (const ReplicationKind& kind : world.capabilities.kinds) {
    const auto machine = machine::machine_kind_of(kind.sync_type, kind.mode);
    if (kind.locality != Locality::Local || !machine || !done.insert(*machine).second) continue;
    std::set<std::pair<Place, Event>> tried;
    for (const machine::Row& row : machine::rows(*machine)) {
      if (!tried.emplace(row.from, row.event).second) continue;
      Route route(world, kind, settings_for(row.event));
      route.go_to(row.from);
      route.let_happen(row.event);
      // The judge holds a create to its Mode until its job has ended.
      const bool early = row.from == Place(CopyState::Unsynchronized) &&
                         (row.event == Event::ResetToSync || row.event == Event::ResetToAsync ||
                          row.event == Event::ResetToAdaptive);
      if (!route.stuck() && !early) tour.push_back(route.sequence());
    }
  }
  return tour;
}

}  // namespace lockstep::properties
