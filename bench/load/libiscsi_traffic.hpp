// Work for one LUN through libiscsi: what a host gets whose own initiator takes the commands one by
// one.
#pragma once

#include "bench/load/traffic.hpp"
#include "bench/load/wire.hpp"

namespace lockstep::bench::load {

// On a session of its own, from the calling thread. A command that does not end with GOOD ends the
// run: Origin::Target. Work that does not fit the LUN: Origin::Usage.
[[nodiscard]] Result<Sample> run_through_libiscsi(const Address& address, const Work& work);

}  // namespace lockstep::bench::load
