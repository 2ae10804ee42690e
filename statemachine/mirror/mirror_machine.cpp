// Instantiates the machine of a Mirror, in its three modes: they differ in what a host's write to
// the source does, and in whether skew is watched.
#include "statemachine/backend/backend.hpp"
#include "statemachine/mirror/mirror_event_rows.hpp"
#include "statemachine/mirror/mirror_operation_rows.hpp"

#include <array>

namespace lockstep::machine {
namespace {

namespace rows = table::mirror;

struct Separation {
  static constexpr std::string_view kName = "separation";
  using Lines = rows::SeparationRows;
};
struct Recopy {
  static constexpr std::string_view kName = "copying again";
  using Lines = rows::RecopyRows;
};
struct ModeChange {
  static constexpr std::string_view kName = "mode";
  using Lines = rows::ModeRows;
};
struct Ending {
  static constexpr std::string_view kName = "ending";
  using Lines = table::Join<rows::EndingRows, rows::SuspendRows>;
};
struct Happenings {
  static constexpr std::string_view kName = "target and link";
  using Lines = table::Join<rows::TargetWrittenRows, rows::LinkRows>;
};
struct Synchronous {
  static constexpr std::string_view kName = "synchronous";
  using Lines = rows::SynchronousRows;
};
struct Asynchronous {
  static constexpr std::string_view kName = "asynchronous";
  using Lines = rows::AsynchronousRows;
};
struct Adaptive {
  static constexpr std::string_view kName = "adaptive";
  using Lines = table::Join<rows::AsynchronousRows, rows::SkewRows>;
};

template <class Mode>
constexpr std::array kConcerns{&shared::kCreation,       &shared::kProgress,
                               &table::kConcern<Mode>,   &table::kConcern<Happenings>,
                               &shared::kActivity,       &table::kConcern<Separation>,
                               &table::kConcern<Recopy>, &table::kConcern<ModeChange>,
                               &table::kConcern<Ending>, &shared::kFaults,
                               &shared::kRestarts,       &shared::kRepairs};

constexpr std::array kPlaces{
    CopyState::Initialized,  CopyState::Prepared,  CopyState::Inactive, CopyState::Unsynchronized,
    CopyState::Synchronized, CopyState::Fractured, CopyState::Split,    CopyState::Suspended,
    CopyState::Failedover,   CopyState::Aborted,   CopyState::Broken,   CopyState::Skewed,
    CopyState::Partitioned,  CopyState::Invalid,   CopyState::Restored};

}  // namespace

Definition mirror_definition(MachineKind mode) {
  switch (mode) {
    case MachineKind::MirrorSync:
      return {kConcerns<Synchronous>, kPlaces, &shared::mirror_has_flag};
    case MachineKind::MirrorAsync:
      return {kConcerns<Asynchronous>, kPlaces, &shared::mirror_has_flag};
    default:
      return {kConcerns<Adaptive>, kPlaces, &shared::mirror_has_flag};
  }
}

}  // namespace lockstep::machine
