// The machine of a TokenizedClone: a clone that cannot be separated or restored from. All of its
// tables are instantiated elsewhere.
#include "statemachine/backend/concern.hpp"

#include <array>

namespace lockstep::machine {
namespace {

constexpr std::array kConcerns{&shared::kCreation, &shared::kProgress, &shared::kActivity,
                               &replica::kReplica, &clone::kEnding,    &shared::kFaults,
                               &shared::kRestarts, &shared::kRepairs};

constexpr std::array kPlaces{
    CopyState::Initialized,  CopyState::Prepared,    CopyState::Inactive, CopyState::Unsynchronized,
    CopyState::Synchronized, CopyState::Suspended,   CopyState::Aborted,  CopyState::Broken,
    CopyState::Skewed,       CopyState::Partitioned, CopyState::Invalid};

}  // namespace

Definition tokenized_clone_definition() { return {kConcerns, kPlaces, &shared::replica_has_flag}; }

}  // namespace lockstep::machine
