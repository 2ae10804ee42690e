// A tiny scripted provider for tests of the judge: an inventory and volumes made by hand, and a
// clock that ticks with every event. It does nothing by itself; a test says what the provider
// shows, truthfully or not.
#pragma once

#include "model/core/judge.hpp"

#include <cstring>
#include <map>
#include <string>
#include <vector>

namespace lockstep::model::test {

inline constexpr std::uint32_t kBlockBytes = 512;
inline constexpr std::uint64_t kBlocks = 16;

inline Capabilities everything() {
  Capabilities capabilities;
  for (const SyncType sync_type :
       {SyncType::Mirror, SyncType::Snapshot, SyncType::Clone, SyncType::TokenizedClone}) {
    for (const Mode mode : {Mode::Synchronous, Mode::Asynchronous, Mode::Adaptive}) {
      capabilities.kinds.insert({sync_type, mode, Locality::Local});
    }
  }
  for (int method = 0; method <= static_cast<int>(Method::RequestJobStateChange); ++method) {
    capabilities.methods.insert(static_cast<Method>(method));
    capabilities.synchronous_actions.insert(static_cast<Method>(method));
    capabilities.asynchronous_actions.insert(static_cast<Method>(method));
  }
  capabilities.copy_types = {CopyType::Async, CopyType::Sync, CopyType::UnSyncAssoc,
                             CopyType::UnSyncUnAssoc};
  for (const ReplicationKind& kind : capabilities.kinds) {
    std::set<Operation> operations;
    for (int number = 2; number <= 25; ++number) operations.insert(static_cast<Operation>(number));
    capabilities.operations[kind] = operations;
    for (const Method method :
         {Method::CreateElementReplica, Method::CreateListReplica,
          Method::CreateGroupReplicaFromElements, Method::ModifyReplicaSynchronization}) {
      capabilities.wait_for_copy_states[{method, kind}] = {
          CopyState::Initialized, CopyState::Unsynchronized, CopyState::Synchronized,
          CopyState::Inactive};
    }
  }
  capabilities.group_features = {GroupFeature::ManyToManyGroups, GroupFeature::EmptyGroupsAllowed,
                                 GroupFeature::GroupIsNameable,
                                 GroupFeature::ClientCanSupplyRelationshipName,
                                 GroupFeature::OneToManyReplication};
  return capabilities;
}

inline ElementRef volume_ref(const std::string& name) { return ElementRef{name}; }

class Scene {
 public:
  explicit Scene(Capabilities capabilities = everything()) : judge(std::move(capabilities)) {
    inventory.pools.push_back({PoolRef{"p1"}, "p1", ByteCount{1 << 30}, ByteCount{1 << 29}});
    inventory.pools.push_back({PoolRef{"p2"}, "p2", ByteCount{1 << 30}, ByteCount{1 << 29}});
    judge.adopt(inventory);
  }

  Judge judge;
  Inventory inventory;
  std::map<ElementRef, std::vector<std::byte>> bytes;
  Findings last;

  Instant tick() { return Instant{now_ += 10}; }
  Window window() {
    const Instant issued = tick();
    return Window{issued, tick()};
  }

  // A volume made by CreateVolume, so that it is known to be zeros.
  ElementRef volume(const std::string& name, std::uint64_t blocks = kBlocks) {
    ElementView view = element(name, blocks);
    inventory.elements.push_back(view);
    bytes[view.ref] = std::vector<std::byte>(blocks * kBlockBytes);
    CreateVolumeRequest request;
    request.element_name = name;
    request.blocks = BlockCount{blocks};
    Answer answer;
    answer.target_element = view.ref;
    last = judge.answered(request, answer, window(), inventory);
    return view.ref;
  }
  static ElementView element(const std::string& name, std::uint64_t blocks = kBlocks) {
    ElementView view;
    view.ref = volume_ref(name);
    view.element_name = name;
    view.pool = PoolRef{"p1"};
    view.blocks = BlockCount{blocks};
    view.block_size = BlockSize{kBlockBytes};
    return view;
  }

  RelationshipView& show(const std::string& name, SyncType sync_type, std::optional<Mode> mode,
                         const ElementRef& source, const ElementRef& target, CopyState state) {
    RelationshipView view;
    view.ref = RelationshipRef{name};
    view.source_element = source;
    view.target_element = target;
    view.sync_type = sync_type;
    view.mode = mode;
    view.copy_state = state;
    view.requested_copy_state = CopyState::NotApplicable;
    inventory.relationships.push_back(view);
    return inventory.relationships.back();
  }
  RelationshipView& relationship(const std::string& name) {
    for (RelationshipView& view : inventory.relationships) {
      if (view.ref.path == name) return view;
    }
    static RelationshipView none;
    return none;
  }
  void drop_relationship(const std::string& name) {
    std::erase_if(inventory.relationships,
                  [&](const RelationshipView& view) { return view.ref.path == name; });
  }
  void drop_element(const ElementRef& ref) {
    std::erase_if(inventory.elements, [&](const ElementView& view) { return view.ref == ref; });
  }

  static CreateElementReplicaRequest create(SyncType sync_type, std::optional<Mode> mode,
                                            const ElementRef& source,
                                            std::optional<ElementRef> target = {}) {
    CreateElementReplicaRequest request;
    request.sync_type = sync_type;
    request.mode = mode;
    request.source_element = source;
    request.target_element = std::move(target);
    return request;
  }

  // A truthful create answered 0, with a new target that holds the source's bytes.
  ElementRef replica(const std::string& name, SyncType sync_type, std::optional<Mode> mode,
                     const ElementRef& source, CopyState state = CopyState::Synchronized) {
    const Window asked = window();
    const ElementRef target = volume_ref(name + "-target");
    inventory.elements.push_back(element(target.path));
    show(name, sync_type, mode, source, target, state);
    bytes[target] = bytes[source];
    Answer answer;
    answer.target_element = target;
    answer.synchronization = RelationshipRef{name};
    last = judge.answered(create(sync_type, mode, source), answer, asked, inventory);
    return target;
  }

  // An operation answered 0 after which the relationship shows `state`.
  Findings operate(const std::string& name, Operation operation, CopyState state) {
    const Window asked = window();
    relationship(name).copy_state = state;
    return judge.answered(modify(name, operation), Answer{}, asked, inventory);
  }
  static ModifyReplicaSynchronizationRequest modify(const std::string& name, Operation operation) {
    ModifyReplicaSynchronizationRequest request;
    request.operation = operation;
    request.synchronization = RelationshipRef{name};
    return request;
  }

  // A request answered with a job, which runs until it is ended.
  Findings start(const Request& request, const std::string& job) {
    JobView view;
    view.ref = JobRef{job};
    view.state = JobState::Running;
    view.operational_status = {OperationalStatus::OK};
    inventory.jobs.push_back(view);
    Answer answer;
    answer.code = ReturnCode::JobStarted;
    answer.job = view.ref;
    return judge.answered(request, answer, window(), inventory);
  }
  void end(const std::string& job) {
    for (JobView& view : inventory.jobs) {
      if (view.ref.path != job) continue;
      view.state = JobState::Completed;
      view.operational_status = {OperationalStatus::Completed, OperationalStatus::OK};
      view.percent_complete = 100;
    }
  }

  Findings observe() { return judge.observed(inventory, tick()); }

  // Writes through to the volume's bytes.
  std::uint64_t write(const ElementRef& ref, std::uint64_t lba, std::uint64_t count = 1) {
    const std::uint64_t sequence = issue(ref, lba, count);
    last = judge.write_answered(ref, sequence, 0, tick());
    return sequence;
  }
  std::uint64_t issue(const ElementRef& ref, std::uint64_t lba, std::uint64_t count = 1) {
    const std::uint64_t sequence = ++sequence_;
    judge.write_issued(ref, Lba{lba}, BlockCount{count}, sequence, tick());
    for (std::uint64_t i = 0; i < count; ++i) put(ref, lba + i, ref, lba + i, sequence);
    return sequence;
  }
  // Puts the block that write `sequence` made of `of` at `at_lba` into `ref`.
  void put(const ElementRef& ref, std::uint64_t lba, const ElementRef& of, std::uint64_t at_lba,
           std::uint64_t sequence) {
    write_stamp(block(ref, lba), Stamp{judge.volume_number(of), at_lba, sequence});
  }
  std::span<std::byte> block(const ElementRef& ref, std::uint64_t lba) {
    return std::span(bytes[ref]).subspan(lba * kBlockBytes, kBlockBytes);
  }
  void copy(const ElementRef& from, const ElementRef& to) { bytes[to] = bytes[from]; }
  void copy_block(const ElementRef& from, const ElementRef& to, std::uint64_t lba) {
    std::memcpy(block(to, lba).data(), block(from, lba).data(), kBlockBytes);
  }

  Findings read(const ElementRef& ref) {
    return judge.read(ref, Lba{0}, BlockSize{kBlockBytes}, bytes[ref], window());
  }

 private:
  std::int64_t now_ = 1000;
  std::uint64_t sequence_ = 0;
};

inline bool names(const Findings& findings, const std::string& clause) {
  for (const Finding& finding : findings) {
    if (finding.clause.text == clause) return true;
  }
  return false;
}
inline std::string text(const Findings& findings) {
  std::string all;
  for (const Finding& finding : findings) {
    all += finding.severity == Severity::Violation ? "violation " : "warning ";
    all += finding.clause.text + ": " + finding.subject + "; expected " + finding.expected +
           "; observed " + finding.observed + "\n";
  }
  return all;
}

}  // namespace lockstep::model::test

// No findings at all.
#define EXPECT_CLEAN(expression)                                                        \
  do {                                                                                  \
    const ::lockstep::model::Findings seen_findings = (expression);                     \
    EXPECT_TRUE(seen_findings.empty()) << ::lockstep::model::test::text(seen_findings); \
  } while (false)
// A violation of exactly that clause, whatever else.
#define EXPECT_BREACH(clause_text, expression)                              \
  do {                                                                      \
    const ::lockstep::model::Findings seen_findings = (expression);         \
    EXPECT_TRUE(::lockstep::model::has_violation(seen_findings) &&          \
                ::lockstep::model::test::names(seen_findings, clause_text)) \
        << "expected " << clause_text << ", got:\n"                         \
        << ::lockstep::model::test::text(seen_findings);                    \
  } while (false)
#define EXPECT_WARNING(clause_text, expression)                             \
  do {                                                                      \
    const ::lockstep::model::Findings seen_findings = (expression);         \
    EXPECT_TRUE(!::lockstep::model::has_violation(seen_findings) &&         \
                ::lockstep::model::test::names(seen_findings, clause_text)) \
        << "expected a warning " << clause_text << ", got:\n"               \
        << ::lockstep::model::test::text(seen_findings);                    \
  } while (false)
