// Instantiates the concerns of the kinds whose target holds an instant of the source.
#include "statemachine/backend/backend.hpp"
#include "statemachine/replica/replica_rows.hpp"

namespace lockstep::machine::replica {
namespace {

namespace rows = table::replica;

struct Replica {
  static constexpr std::string_view kName = "replica";
  using Lines = table::Join<rows::TargetWrittenRows, rows::SuspendRows, rows::ResyncRows>;
};
struct Separable {
  static constexpr std::string_view kName = "separation";
  using Lines = table::Join<rows::SeparationRows, rows::ResyncToInactiveRows, rows::RestoreRows,
                            rows::SpaceRows>;
};

}  // namespace

const Concern kReplica = table::kConcern<Replica>;
const Concern kSeparable = table::kConcern<Separable>;

}  // namespace lockstep::machine::replica
