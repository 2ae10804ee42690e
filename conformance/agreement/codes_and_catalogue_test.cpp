// Goal: the oracle's code sets are the catalogue's. Method: exhaustive. Every number of every value
// parameter of every method, and every operation in every CopyState of every kind, is put to
// Judge::allowed, and the answer held against the clause that speaks of it.
#include "conformance/clauses/catalogue.hpp"
#include "model/core/closure.hpp"
#include "model/core/judge.hpp"
#include "model/core/step.hpp"
#include "model/vocab/methods.hpp"
#include "model/vocab/names.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

namespace lockstep {
namespace {

using conformance::Clause;
using conformance::Token;
using machine::MachineKind;
using model::AllowedCodes;
using model::Reaction;

constexpr std::uint32_t kJob = 4096;

// The codes that a list of tokens names; a job that is started counts as 4096.
std::set<std::uint32_t> codes_of(const std::vector<Token>& tokens) {
  std::set<std::uint32_t> codes;
  for (const Token& token : tokens) {
    if (token.kind == Token::Kind::Code) codes.insert(token.number);
    if (token.kind == Token::Kind::JobSucceeds || token.kind == Token::Kind::JobFails)
      codes.insert(kJob);
  }
  return codes;
}

std::string text_of(const std::set<std::uint32_t>& codes) {
  std::string text;
  for (const std::uint32_t code : codes) text += std::to_string(code) + " ";
  return text;
}

// A world with two volumes and a service that can do everything.
Capabilities everything(SchemaLevel level) {
  Capabilities capabilities;
  capabilities.level = level;
  for (const SyncType sync_type : all_values<SyncType>()) {
    for (const Mode mode : {Mode::Synchronous, Mode::Asynchronous, Mode::Adaptive}) {
      const ReplicationKind kind{sync_type, mode, Locality::Local};
      capabilities.kinds.insert(kind);
      for (const Operation operation : all_values<Operation>())
        capabilities.operations[kind].insert(operation);
    }
  }
  for (const Method method : all_values<Method>()) capabilities.methods.insert(method);
  capabilities.synchronous_actions = capabilities.methods;
  capabilities.asynchronous_actions = capabilities.methods;
  for (const CopyType copy_type : all_values<CopyType>()) capabilities.copy_types.insert(copy_type);
  return capabilities;
}

ElementView volume(const std::string& path) {
  ElementView view;
  view.ref = ElementRef{path};
  view.blocks = BlockCount{128};
  return view;
}

Inventory two_volumes() {
  Inventory inventory;
  inventory.elements = {volume("v1"), volume("v2")};
  return inventory;
}

struct ValueClauses {
  Method method;
  const char* reserved;
  const char* vendor;
};

void expect_codes(const AllowedCodes& allowed, const char* id, const std::string& what) {
  const Clause* clause = conformance::find_clause(id);
  ASSERT_NE(clause, nullptr) << id;
  if (clause->method == "MCR") {
    // CreateReplica without peer and credentials may be refused for those, too (MCR-13, MCR-28), so
    // the union holds more; but never an acceptance (GEN-16).
    const auto named = codes_of(clause->strict);
    EXPECT_TRUE(
        std::includes(allowed.strict.begin(), allowed.strict.end(), named.begin(), named.end()))
        << id << " " << what << ": " << allowed.text();
    for (const std::uint32_t accepts : {0U, kJob}) {
      EXPECT_FALSE(allowed.strict.contains(accepts) || allowed.tolerated.contains(accepts))
          << id << " " << what << ": " << allowed.text();
    }
    return;
  }
  EXPECT_EQ(allowed.strict, codes_of(clause->strict))
      << id << " " << what << ": the oracle allows " << allowed.text();
  EXPECT_EQ(allowed.tolerated, codes_of(clause->tolerated))
      << id << " " << what << ": " << allowed.text();
}

Request create_request(Method method, std::optional<SyncType> sync_type, std::optional<Mode> mode) {
  const ElementRef source{"v1"};
  switch (method) {
    case Method::CreateElementReplica: {
      CreateElementReplicaRequest request;
      request.sync_type = sync_type;
      request.mode = mode;
      request.source_element = source;
      return request;
    }
    case Method::CreateListReplica: {
      CreateListReplicaRequest request;
      request.sync_type = sync_type;
      request.mode = mode;
      request.source_elements = {source};
      return request;
    }
    case Method::CreateGroupReplicaFromElements: {
      CreateGroupReplicaFromElementsRequest request;
      request.sync_type = sync_type;
      request.mode = mode;
      request.source_elements = {source};
      return request;
    }
    default: {
      CreateReplicaRequest request;
      request.source = source;
      request.sync_type = sync_type;
      request.mode = mode;
      request.target_storage_volume = ElementRef{"v2"};
      request.recovery_point_objective = 0;
      return request;
    }
  }
}

constexpr ValueClauses kSyncTypeClauses[] = {
    {Method::CreateElementReplica, "CER-03", "CER-04"},
    {Method::CreateListReplica, "CLR-03", "CLR-04"},
    {Method::CreateGroupReplicaFromElements, "CGE-03", "CGE-04"},
    {Method::CreateReplica, "MCR-04", "MCR-05"}};
constexpr ValueClauses kModeClauses[] = {
    {Method::CreateElementReplica, "CER-08", nullptr},
    {Method::CreateListReplica, "CLR-08", nullptr},
    {Method::CreateGroupReplicaFromElements, "CGE-08", nullptr},
    {Method::CreateReplica, "MCR-09", nullptr}};

TEST(CodesAndCatalogue, AgreeOnEveryReservedSyncTypeAndMode) {
  for (const SchemaLevel level : {SchemaLevel::Seed, SchemaLevel::Cim241}) {
    model::Judge judge(everything(level));
    judge.adopt(two_volumes());
    for (std::uint32_t number = 0; number <= 0xFFFF; ++number) {
      const std::string what = to_text(level) + " value " + std::to_string(number);
      for (const auto& [method, reserved, vendor] : kSyncTypeClauses) {
        const auto value = static_cast<SyncType>(number);
        if (classify(method, level, value) != ValueClass::Reserved) continue;
        expect_codes(judge.allowed(create_request(method, value, std::nullopt)), reserved, what);
      }
      for (const auto& [method, reserved, vendor] : kModeClauses) {
        const auto value = static_cast<Mode>(number);
        if (classify(method, level, value) != ValueClass::Reserved) continue;
        expect_codes(judge.allowed(create_request(method, SyncType::Mirror, value)), reserved,
                     what);
      }
      if (HasFailure()) return;
    }
  }
}

TEST(CodesAndCatalogue, AgreeOnEveryReservedCopyTypeAndConsistency) {
  model::Judge judge(everything(SchemaLevel::Cim241));
  judge.adopt(two_volumes());
  for (std::uint32_t number = 0; number <= 0xFFFF; ++number) {
    const std::string what = "value " + std::to_string(number);
    AttachReplicaRequest attach{ElementRef{"v1"}, ElementRef{"v2"}, static_cast<CopyType>(number)};
    if (classify(*attach.copy_type) == ValueClass::Reserved)
      expect_codes(judge.allowed(attach), "ATT-07", what);
    auto group = std::get<CreateGroupReplicaFromElementsRequest>(
        create_request(Method::CreateGroupReplicaFromElements, SyncType::Snapshot, std::nullopt));
    group.consistency = static_cast<ConsistencyRequest>(number);
    if (classify(*group.consistency) == ValueClass::Reserved)
      expect_codes(judge.allowed(group), "CGE-38", what);
    if (HasFailure()) return;
  }
}

TEST(CodesAndCatalogue, AgreeOnMissingRequiredParameters) {
  model::Judge judge(everything(SchemaLevel::Cim241));
  judge.adopt(two_volumes());
  expect_codes(
      judge.allowed(create_request(Method::CreateElementReplica, std::nullopt, std::nullopt)),
      "CER-01", "");
  expect_codes(judge.allowed(create_request(Method::CreateListReplica, std::nullopt, std::nullopt)),
               "CLR-01", "");
  expect_codes(judge.allowed(create_request(Method::CreateGroupReplicaFromElements, std::nullopt,
                                            std::nullopt)),
               "CGE-01", "");
  auto element = std::get<CreateElementReplicaRequest>(
      create_request(Method::CreateElementReplica, SyncType::Snapshot, std::nullopt));
  element.source_element.reset();
  expect_codes(judge.allowed(element), "CER-09", "");
  expect_codes(judge.allowed(AttachReplicaRequest{std::nullopt, ElementRef{"v2"}, CopyType::Sync}),
               "ATT-02", "");
  expect_codes(judge.allowed(AttachReplicaRequest{ElementRef{"v1"}, std::nullopt, CopyType::Sync}),
               "ATT-03", "");
}

// --- operations in states ---

struct KindUnderTest {
  MachineKind kind;
  SyncType sync_type;
  Mode mode;
};
constexpr KindUnderTest kKinds[] = {
    {MachineKind::MirrorSync, SyncType::Mirror, Mode::Synchronous},
    {MachineKind::MirrorAsync, SyncType::Mirror, Mode::Asynchronous},
    {MachineKind::Snapshot, SyncType::Snapshot, Mode::Synchronous},
    {MachineKind::Clone, SyncType::Clone, Mode::Synchronous},
    {MachineKind::TokenizedClone, SyncType::TokenizedClone, Mode::Synchronous}};

std::vector<machine::Place> machine_places() {
  std::vector<machine::Place> places{machine::kNowhere};
  for (const CopyState state : all_values<CopyState>()) places.emplace_back(state);
  return places;
}

Inventory related(const KindUnderTest& kind, CopyState state) {
  Inventory inventory = two_volumes();
  RelationshipView view;
  view.ref = RelationshipRef{"r1"};
  view.source_element = ElementRef{"v1"};
  view.target_element = ElementRef{"v2"};
  view.sync_type = kind.sync_type;
  view.mode = kind.mode;
  view.copy_state = state;
  view.requested_copy_state = CopyState::NotApplicable;
  inventory.relationships = {view};
  return inventory;
}

// What the matrix's verdicts mean in codes (MRS-04 for a refusal, MRS-03 for a foreign operation).
struct Codes {
  std::set<std::uint32_t> strict;
  std::set<std::uint32_t> tolerated;
};
Codes codes_of(Reaction reaction) {
  switch (reaction) {
    case Reaction::Accept:
      return {{0, kJob}, {1, 5}};
    case Reaction::Either:
      return {{0, kJob, 1, 4, 5, 6}, {2}};
    case Reaction::Refuse:
      return {{1, 4, 5, 6}, {0, 2}};
    default:
      return {{1, 5}, {2, 4}};
  }
}

TEST(CodesAndCatalogue, AgreeOnEveryOperationInEveryState) {
  constexpr model::PlaceSet kTroubled{CopyState::Broken, CopyState::Partitioned,
                                      CopyState::Invalid};
  std::size_t checked = 0;
  std::size_t refused = 0;
  for (const KindUnderTest& kind : kKinds) {
    for (const CopyState state : all_values<CopyState>()) {
      if (!model::states_of(kind.kind).contains(state)) continue;
      model::Judge judge(everything(SchemaLevel::Cim241));
      judge.adopt(related(kind, state));
      // A second look rules out that trouble of before is still under way.
      static_cast<void>(judge.observed(related(kind, state), Instant{1}));
      const model::Trouble left{.repairs = kTroubled.contains(state)};
      const auto reachable = model::closure(kind.kind, model::PlaceSet{state}, left);
      for (const Operation operation : all_values<Operation>()) {
        const auto event = machine::event_of(operation);
        if (!event) continue;
        const Reaction reaction = model::step(kind.kind, state, *event).reaction;
        // A service that reports a foreign operation may carry it out; what then holds is its own.
        if (reaction == Reaction::Unsupported) continue;
        ModifyReplicaSynchronizationRequest request;
        request.operation = operation;
        request.synchronization = RelationshipRef{"r1"};
        const AllowedCodes allowed = judge.allowed(request);
        const Codes expected = codes_of(reaction);
        const std::string what = to_text(kind.kind) + " " + to_text(state) + " " +
                                 to_text(operation) + " is " + to_text(reaction) +
                                 "; the oracle allows " + allowed.text();
        EXPECT_TRUE(std::includes(allowed.strict.begin(), allowed.strict.end(),
                                  expected.strict.begin(), expected.strict.end()))
            << what << "; the matrix " << text_of(expected.strict);
        const bool always_refused =
            std::ranges::all_of(machine_places(), [&](const machine::Place& place) {
              return !reachable.contains(place) ||
                     model::step(kind.kind, place, *event).reaction == Reaction::Refuse;
            });
        if (always_refused) {
          ++refused;
          EXPECT_FALSE(allowed.strict.contains(kJob)) << what;
          EXPECT_FALSE(allowed.strict.contains(0)) << what;
        }
        ++checked;
      }
    }
  }
  EXPECT_GT(checked, 900U);
  EXPECT_GT(refused, 150U);
}

// MRS-04's own code set is the one that the matrix's refusals use.
TEST(CodesAndCatalogue, RefusalsInTheWrongStateUseTheClausesCodes) {
  const Clause* clause = conformance::find_clause("MRS-04");
  ASSERT_NE(clause, nullptr);
  EXPECT_EQ(codes_of(clause->strict), codes_of(Reaction::Refuse).strict);
}

}  // namespace
}  // namespace lockstep
