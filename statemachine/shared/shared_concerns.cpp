// Instantiates the concerns that every kind of copy has.
#include "statemachine/backend/backend.hpp"
#include "statemachine/shared/activity_rows.hpp"
#include "statemachine/shared/creation_rows.hpp"
#include "statemachine/shared/fault_rows.hpp"
#include "statemachine/shared/progress_rows.hpp"
#include "statemachine/shared/repair_rows.hpp"
#include "statemachine/shared/restart_rows.hpp"

namespace lockstep::machine::shared {
namespace {

struct Creation {
  static constexpr std::string_view kName = "creation";
  using Lines = table::shared::CreationRows;
};
struct Progress {
  static constexpr std::string_view kName = "progress";
  using Lines = table::shared::ProgressRows;
};
struct Activity {
  static constexpr std::string_view kName = "activity";
  using Lines = table::shared::ActivityRows;
};
struct Faults {
  static constexpr std::string_view kName = "faults";
  using Lines = table::shared::FaultRows;
};
struct Restarts {
  static constexpr std::string_view kName = "restarts";
  using Lines = table::shared::RestartRows;
};
struct Repairs {
  static constexpr std::string_view kName = "repairs";
  using Lines = table::shared::RepairRows;
};

}  // namespace

const Concern kCreation = table::kConcern<Creation>;
const Concern kProgress = table::kConcern<Progress>;
const Concern kActivity = table::kConcern<Activity>;
const Concern kFaults = table::kConcern<Faults>;
const Concern kRestarts = table::kConcern<Restarts>;
const Concern kRepairs = table::kConcern<Repairs>;

// Restarts happen everywhere, so its table has every place.
bool mirror_has_flag(CopyState place, Flag flag) {
  return table::has_flag<Restarts, table::Nature::Mirror>(place, flag);
}
bool replica_has_flag(CopyState place, Flag flag) {
  return table::has_flag<Restarts, table::Nature::Replica>(place, flag);
}

}  // namespace lockstep::machine::shared
