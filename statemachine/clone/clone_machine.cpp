// Instantiates the machine of a Clone, and the ending it shares with a TokenizedClone.
#include "statemachine/backend/backend.hpp"
#include "statemachine/clone/clone_ending_rows.hpp"
#include "statemachine/clone/clone_rows.hpp"

#include <array>

namespace lockstep::machine {
namespace {

struct Halt {
  static constexpr std::string_view kName = "halt";
  using Lines = table::clone::HaltRows;
};
struct Ending {
  static constexpr std::string_view kName = "ending";
  using Lines = table::Join<table::clone::DetachesAutomaticallyRows, table::clone::EndingRows>;
};

constexpr std::array kConcerns{&shared::kCreation,     &shared::kProgress, &shared::kActivity,
                               &table::kConcern<Halt>, &replica::kReplica, &replica::kSeparable,
                               &clone::kEnding,        &shared::kFaults,   &shared::kRestarts,
                               &shared::kRepairs};

constexpr std::array kPlaces{
    CopyState::Initialized,  CopyState::Prepared,  CopyState::Inactive, CopyState::Unsynchronized,
    CopyState::Synchronized, CopyState::Fractured, CopyState::Split,    CopyState::Suspended,
    CopyState::Aborted,      CopyState::Broken,    CopyState::Skewed,   CopyState::Partitioned,
    CopyState::Invalid,      CopyState::Restored};

}  // namespace

const Concern clone::kEnding = table::kConcern<Ending>;

Definition clone_definition() { return {kConcerns, kPlaces, &shared::replica_has_flag}; }

}  // namespace lockstep::machine
