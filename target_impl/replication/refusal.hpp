// Why a request is refused, and the number that each method has for it.
#pragma once

#include "model/vocab/answers.hpp"
#include "model/vocab/methods.hpp"

#include <cstdint>

namespace lockstep::replication {

struct World;

enum class Refusal : std::uint8_t {
  NotSupported,
  Invalid,       // a parameter is missing, reserved, malformed or contradicts another
  NotFound,      // a reference names nothing
  WrongState,    // the relationship's state does not allow the operation
  InUse,         // source, target or relationship is busy in a way that excludes the request
  NoSpace,       // pool or LUNs
  Failed,        // the copy path
  AccessDenied,  // CreateReplica's credentials
};

// GEN-15, GEN-18, MCR-14, MCR-33, MCR-35: CreateReplica has numbers of its own, and lacks In Use.
[[nodiscard]] Answer refused(const World& world, Method method, Refusal refusal);

}  // namespace lockstep::replication
