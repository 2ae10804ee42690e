// What the cases share: building a case, and the four create methods seen alike.
#pragma once

#include "conformance/suite/session.hpp"

#include <array>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace lockstep::conformance {

// The level is that of the strongest clause; the method of the section joins the needs.
[[nodiscard]] Case make_case(std::string id, std::vector<std::string> clauses, std::string does,
                             std::string requires_text, Needs needs,
                             std::function<void(Session&)> run);

inline constexpr std::array<Method, 4> kCreateMethods{
    Method::CreateElementReplica, Method::CreateListReplica, Method::CreateGroupReplicaFromElements,
    Method::CreateReplica};

// "CER" + "/" + name
[[nodiscard]] std::string id_of(Method method, const std::string& name);
// "CER-" + two digits
[[nodiscard]] std::string clause_of(Method method, int number);
[[nodiscard]] Needs of_kind(SyncType kind);

// A request of any create method that should be accepted; cases spoil it afterwards.
struct Recipe {
  Method method = Method::CreateElementReplica;
  std::optional<SyncType> sync_type = SyncType::Snapshot;
  std::optional<Mode> mode;
  std::vector<ElementRef> sources;  // one for CER and MCR
  std::vector<ElementRef> targets;  // none: NULL. For the group method see target_group
  std::optional<CopyState> wait;    // left out for MCR, which cannot wait
};
[[nodiscard]] Request request_of(const Recipe& recipe);

// Sets a parameter in whatever request has it; false when the method has no such parameter.
bool set_sync_type(Request& request, std::optional<SyncType> value);
bool set_mode(Request& request, std::optional<Mode> value);
bool set_wait(Request& request, std::optional<CopyState> value);
bool set_pool(Request& request, const std::optional<PoolRef>& value);
bool set_goal(Request& request, const std::optional<SettingRef>& value);
bool set_settings(Request& request, const std::optional<SettingDataParameter>& value);
bool set_source_access_point(Request& request, const std::optional<AccessPointRef>& value);
bool set_target_access_point(Request& request, const std::optional<AccessPointRef>& value);

// How many sources a method takes in these cases.
[[nodiscard]] std::size_t source_count(Method method);
// Fresh sources for the method, and the request that copies them.
[[nodiscard]] Recipe fresh(Session& session, Method method, SyncType kind,
                           BlockCount blocks = kTinyVolume);

// What a create made, as it could be seen at its end.
struct Made {
  Outcome outcome;
  std::vector<ElementRef> sources;
  std::vector<std::optional<RelationshipView>> pairs;  // by source; empty where there is none
  std::vector<std::optional<ElementRef>> targets;      // by source
  std::optional<RelationshipView> group;               // the relationship of groups
};
// Performs the request and finds what it made. The request need not be accepted.
[[nodiscard]] Made make(Session& session, const Request& request);
// The same, and ends the case as inconclusive unless it succeeded.
Made make_needed(Session& session, const Request& request);

// A single relationship of that kind by CreateElementReplica, Synchronized, of a filled volume.
struct Pair {
  ElementRef source;
  ElementRef target;
  RelationshipRef relationship;
  std::vector<std::byte> source_bytes;  // when the pair was made
};
[[nodiscard]] Pair synchronized_pair(Session& session, SyncType kind,
                                     std::optional<Mode> mode = std::nullopt);

// The relationship Synchronized; one that was left idle is told to copy. Nothing when it has ended
// by itself.
std::optional<RelationshipView> brought_up(Session& session, const RelationshipRef& relationship);
// What Resync leads to; a service may ask for Activate first (T-035, Feature 22).
std::optional<RelationshipView> resynchronized(Session& session, const std::string& clause,
                                               const RelationshipRef& relationship);

// ModifyReplicaSynchronization with nothing but operation and relationship.
Outcome modify(Session& session, const RelationshipRef& relationship, Operation operation,
               std::optional<CopyState> wait = std::nullopt);

// The same, and again with Force where it was refused without (MRS-29).
Outcome carry_out(Session& session, const RelationshipRef& relationship, Operation operation);

// closure(W) of the state tables: what may be seen after W was reached and nobody did anything.
[[nodiscard]] std::set<CopyState> closure_of(SyncType kind, CopyState reached,
                                             std::optional<Mode> mode);
// The kind can wait for that state: declared, or not declared at all.
[[nodiscard]] bool can_wait(const Session& session, Method method, SyncType kind, CopyState state);
// A mode of the provider for that kind.
[[nodiscard]] std::optional<Mode> some_mode(const Session& session, SyncType kind);
// All relationships that have the element as source or target.
[[nodiscard]] std::vector<RelationshipView> relationships_of(const Inventory& inventory,
                                                             const ElementRef& element);
[[nodiscard]] std::string state_text(const std::optional<RelationshipView>& view);
[[nodiscard]] std::string states_text(const std::set<CopyState>& states);

}  // namespace lockstep::conformance
