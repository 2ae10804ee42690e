#include "statemachine/group/group_state.hpp"

namespace lockstep::machine {

GroupStates group_states(std::span<const std::optional<CopyState>> members, bool operation_runs) {
  std::set<CopyState> seen;
  bool unreadable = members.empty();
  for (const auto& member : members) {
    if (member) {
      seen.insert(*member);
    } else {
      unreadable = true;
    }
  }
  GroupStates states;
  if (seen.size() == 1) states.insert(*seen.begin());
  // A member that cannot be read may be in another state than those that can.
  if (seen.size() > 1 || (unreadable && !seen.empty()) || operation_runs) {
    states.insert(CopyState::Mixed);
  }
  if (unreadable) {
    states.insert(
        {CopyState::NotApplicable, CopyState::Initialized, CopyState::Partitioned, std::nullopt});
  }
  return states;
}

}  // namespace lockstep::machine
