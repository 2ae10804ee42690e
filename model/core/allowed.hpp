// allowed(): which codes conform to one request in the world as it is known. One file per family of
// methods; every clause that applies is added to a tally.
#pragma once

#include "model/core/outcomes.hpp"
#include "model/core/world.hpp"

#include <algorithm>
#include <optional>
#include <set>
#include <string_view>
#include <vector>

namespace lockstep::model {

[[nodiscard]] AllowedCodes allowed(const World& world, const Request& request);
// What allowed() says of one answer.
[[nodiscard]] AllowedCodes::Verdict judge_code(const World& world, const Request& request,
                                               const Answer& answer);

void tally(Tally& out, const World& world, const CreateElementReplicaRequest& request);
void tally(Tally& out, const World& world, const CreateListReplicaRequest& request);
void tally(Tally& out, const World& world, const CreateGroupReplicaFromElementsRequest& request);
void tally(Tally& out, const World& world, const CreateReplicaRequest& request);
void tally(Tally& out, const World& world, const AttachReplicaRequest& request);
void tally(Tally& out, const World& world, const ModifyReplicaSynchronizationRequest& request);
void tally(Tally& out, const World& world, const ModifyListSynchronizationRequest& request);
void tally(Tally& out, const World& world, const CreateGroupRequest& request);
void tally(Tally& out, const World& world, const DeleteGroupRequest& request);
void tally(Tally& out, const World& world, const AddMembersRequest& request);
void tally(Tally& out, const World& world, const RemoveMembersRequest& request);
void tally(Tally& out, const World& world, const CreateVolumeRequest& request);
void tally(Tally& out, const World& world, const ReturnToStoragePoolRequest& request);
void tally(Tally& out, const World& world, const RequestJobStateChangeRequest& request);

// A clause whose condition is certain, only possible (then success conforms as well), or absent.
inline void apply_if(Tally& out, Sure condition, std::string_view clause, Outcomes outcomes) {
  if (condition == Sure::No) return;
  if (condition == Sure::Maybe) outcomes.strict |= kSuccesses;
  out.apply(clause, outcomes);
}
[[nodiscard]] constexpr Sure negated(Sure fact) {
  if (fact == Sure::Maybe) return Sure::Maybe;
  return fact == Sure::Yes ? Sure::No : Sure::Yes;
}
// Something is in the list twice.
template <class T>
[[nodiscard]] bool has_repeats(const std::vector<T>& list) {
  constexpr std::size_t kFew = 8;
  if (list.size() > kFew) return std::set<T>(list.begin(), list.end()).size() != list.size();
  for (auto at = list.begin(); at != list.end(); ++at) {
    if (std::find(list.begin(), at, *at) != at) return true;
  }
  return false;
}
[[nodiscard]] constexpr Sure certain(bool fact) { return fact ? Sure::Yes : Sure::No; }

}  // namespace lockstep::model
