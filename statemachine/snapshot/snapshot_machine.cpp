// Instantiates the machine of a Snapshot.
#include "statemachine/backend/backend.hpp"
#include "statemachine/snapshot/snapshot_rows.hpp"

#include <array>

namespace lockstep::machine {
namespace {

struct Ending {
  static constexpr std::string_view kName = "ending";
  using Lines = table::Join<table::snapshot::NoDataRows, table::snapshot::EndingRows>;
};

constexpr std::array kConcerns{&shared::kCreation, &shared::kProgress,   &shared::kActivity,
                               &replica::kReplica, &replica::kSeparable, &table::kConcern<Ending>,
                               &shared::kFaults,   &shared::kRestarts,   &shared::kRepairs};

constexpr std::array kPlaces{
    CopyState::Initialized,  CopyState::Prepared,  CopyState::Inactive, CopyState::Unsynchronized,
    CopyState::Synchronized, CopyState::Fractured, CopyState::Split,    CopyState::Suspended,
    CopyState::Aborted,      CopyState::Broken,    CopyState::Skewed,   CopyState::Partitioned,
    CopyState::Invalid,      CopyState::Restored};

}  // namespace

Definition snapshot_definition() { return {kConcerns, kPlaces, &shared::replica_has_flag}; }

}  // namespace lockstep::machine
