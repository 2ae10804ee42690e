// Removing what a client owns on a provider, by the provider's own methods and unjudged: what a run
// leaves behind must go, whether or not the provider behaves.
#pragma once

#include "model/custody/custody.hpp"
#include "model/port/provider.hpp"
#include "model/vocab/error.hpp"

#include <chrono>

namespace lockstep {

// Ends relationships, deletes groups, returns volumes, and looks again, until nothing of it is left
// or the time is over. Takes what hangs on the owned objects into custody on the way, and releases
// what is gone. Returns what is still there. Touches nothing else.
[[nodiscard]] Result<ObjectSet> remove_owned(Provider& provider, Custody& custody,
                                             std::chrono::milliseconds patience);

}  // namespace lockstep
