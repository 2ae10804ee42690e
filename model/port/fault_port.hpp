// FaultPort: trouble on demand, where an implementation offers it. Each fault is a real event at a
// boundary of the implementation (a link that drops, a pool that fills), never a state set by hand.
#pragma once

#include "model/vocab/error.hpp"
#include "model/vocab/ids.hpp"

#include <boost/describe/enum.hpp>

#include <cstdint>
#include <optional>
#include <set>

namespace lockstep {

enum class FaultKind : std::uint8_t {
  LinkLost,         // the copy path between source and target of a relationship fails
  LinkRestored,     // undoes LinkLost
  SpaceExhausted,   // the target can take no new data
  SpaceRestored,    // undoes SpaceExhausted
  CopyHeld,         // background copying stalls; nothing fails
  CopyReleased,     // undoes CopyHeld
  StateUnknown,     // the state can no longer be determined (Partitioned)
  StateKnown,       // undoes StateUnknown
  ElementUnknown,   // after StateKnown: the target's status is unknown (Invalid)
  ElementKnown,     // undoes ElementUnknown
  ProviderRestart,  // the management service restarts; data and relationships survive
};
BOOST_DESCRIBE_ENUM(FaultKind, LinkLost, LinkRestored, SpaceExhausted, SpaceRestored, CopyHeld,
                    CopyReleased, StateUnknown, StateKnown, ElementUnknown, ElementKnown,
                    ProviderRestart)

struct Fault {
  FaultKind kind = FaultKind::LinkLost;
  // NULL: every relationship, now and later, until undone. A hold that is set before a create is
  // how a copy is caught while it runs.
  std::optional<RelationshipRef> relationship;
  friend bool operator==(const Fault&, const Fault&) = default;
};

// Same threading as Provider.
class FaultPort {
 public:
  virtual ~FaultPort() = default;
  [[nodiscard]] virtual std::set<FaultKind> supported() const = 0;
  // Returns once the fault is in force. An unsupported kind or unknown relationship: Origin::Usage.
  [[nodiscard]] virtual Status inject(const Fault& fault) = 0;
};

}  // namespace lockstep
