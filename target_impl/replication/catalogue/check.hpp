// Whether a catalogue's records fit together.
#pragma once

#include "target_impl/replication/catalogue/catalogue.hpp"

namespace lockstep::replication {

// Every number leads to a record, sizes agree, nothing is used twice. The error names the record.
[[nodiscard]] Status check(const SavedWorld& world);

}  // namespace lockstep::replication
