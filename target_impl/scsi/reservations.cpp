#include "target_impl/scsi/reservations.hpp"

#include <utility>

namespace lockstep::scsi {

Reservations::Reservations(Conditions& conditions, std::shared_ptr<PersistentState> state)
    : conditions_(conditions), state_(std::move(state)) {}

Result<void> Reservations::restore() {
  if (state_ == nullptr) {
    return ok();
  }
  const auto saved = state_->load();
  if (!saved) {
    return saved.error();
  }
  auto restored = from_blob(saved.value());
  if (!restored) {
    return config_error("saved persistent reservations: expected a record of this version, found " +
                        std::to_string(saved.value().size()) +
                        " bytes that are none; restore the store, or remove the record to give the "
                        "reservations up");
  }
  const std::lock_guard lock(mutex_);
  persistent_ = std::move(*restored);
  show();
  return ok();
}

void Reservations::show() noexcept {
  conditions_.put(Condition::Reserved, persistent_.type || session_holder_);
}

bool Reservations::admits(const Nexus& nexus, Sharing sharing, bool without_unit) const {
  if (sharing == Sharing::Decides) {
    return true;
  }
  const std::lock_guard lock(mutex_);
  if (session_holder_) {
    return *session_holder_ == nexus.id || without_unit;
  }
  if (!persistent_.type || sharing == Sharing::Always) {
    return true;
  }
  const ReservationType type = *persistent_.type;
  if (sharing == Sharing::Reads && !excludes_readers(type)) {
    return true;
  }
  const Registration* own = persistent_.find({nexus.initiator_port, nexus.target_port});
  return own != nullptr && (admits_registrants(type) || own->holds);
}

PersistentReservations Reservations::persistent() const {
  const std::lock_guard lock(mutex_);
  return persistent_;
}

Reservations::Outcome Reservations::change(
    const Nexus& nexus, const std::function<Verdict(PersistentReservations&)>& change) {
  const std::lock_guard lock(mutex_);
  if (session_holder_ && *session_holder_ != nexus.id) {
    return {Verdict::Conflict, Saved::Yes};
  }
  PersistentReservations next = persistent_;
  const Verdict verdict = change(next);
  if (verdict != Verdict::Done) {
    return {verdict, Saved::Yes};
  }
  if (state_ != nullptr && (next.persists || persistent_.persists)) {
    const auto blob = to_blob(next);
    if (blob != to_blob(persistent_) && !state_->save(blob)) {
      return {verdict, Saved::Failed};
    }
  }
  persistent_ = std::move(next);
  show();
  return {verdict, Saved::Yes};
}

bool Reservations::reserve(const Nexus& nexus) {
  const std::lock_guard lock(mutex_);
  if (!persistent_.registrations.empty() || (session_holder_ && *session_holder_ != nexus.id)) {
    return false;
  }
  session_holder_ = nexus.id;
  show();
  return true;
}

bool Reservations::release(const Nexus& nexus) {
  const std::lock_guard lock(mutex_);
  if (!persistent_.registrations.empty()) {
    return false;
  }
  if (session_holder_ == nexus.id) {
    session_holder_.reset();
    show();
  }
  return true;
}

void Reservations::nexus_lost(std::uint64_t nexus) {
  const std::lock_guard lock(mutex_);
  if (session_holder_ == nexus) {
    session_holder_.reset();
    show();
  }
}

void Reservations::reset() {
  const std::lock_guard lock(mutex_);
  session_holder_.reset();
  show();
}

}  // namespace lockstep::scsi
