// The reservations of one logical unit, of both kinds: persistent ones, and that of RESERVE(6),
// which belongs to a session (SPC-2 5.5.1). They exclude each other.
#pragma once

#include "target_impl/scsi/conditions.hpp"
#include "target_impl/scsi/device_server.hpp"
#include "target_impl/scsi/persistent_reservations.hpp"
#include "target_impl/scsi/persistent_state.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>

namespace lockstep::scsi {

// How a command fares while somebody else holds a reservation (SPC-4 table 68, SBC-3 table 13).
enum class Sharing : std::uint8_t {
  Always,   // allowed through persistent reservations
  Reads,    // conflicts where the holder excludes readers
  Changes,  // conflicts with every reservation of others
  Decides,  // the command itself looks at the reservation
};

// Thread-safe.
class Reservations {
 public:
  // `state` may be null: then APTPL is not offered.
  Reservations(Conditions& conditions, std::shared_ptr<PersistentState> state);

  // Takes up what was saved. Call once, before the logical unit is used. Origin::Config when what
  // was saved cannot be read or is damaged: serving it without its reservations could let hosts in
  // that are fenced off.
  [[nodiscard]] Result<void> restore();

  // False: RESERVATION CONFLICT. Only worth asking while Condition::Reserved is set.
  // `without_unit`: the command works without a logical unit, so RESERVE(6) does not hinder it.
  [[nodiscard]] bool admits(const Nexus& nexus, Sharing sharing, bool without_unit) const;

  [[nodiscard]] bool persists() const noexcept { return state_ != nullptr; }
  [[nodiscard]] PersistentReservations persistent() const;

  enum class Saved : std::uint8_t { Yes, Failed };
  struct Outcome {
    Verdict verdict = Verdict::Done;
    Saved saved = Saved::Yes;  // Failed: nothing has changed
  };
  // One service action: `change` works on a copy that is kept if it is Done and could be saved.
  // Conflict while RESERVE(6) is held by another session.
  [[nodiscard]] Outcome change(const Nexus& nexus,
                               const std::function<Verdict(PersistentReservations&)>& change);

  // RESERVE(6); false: conflict.
  [[nodiscard]] bool reserve(const Nexus& nexus);
  // RELEASE(6); false: conflict. Nothing happens if another session holds it.
  [[nodiscard]] bool release(const Nexus& nexus);
  void nexus_lost(std::uint64_t nexus);
  // Persistent reservations survive it.
  void reset();

 private:
  void show() noexcept;

  Conditions& conditions_;
  const std::shared_ptr<PersistentState> state_;
  mutable std::mutex mutex_;
  PersistentReservations persistent_;
  std::optional<std::uint64_t> session_holder_;  // nexus id
};

}  // namespace lockstep::scsi
