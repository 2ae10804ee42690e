#include "target_impl/scsi/persistent_reservations.hpp"

#include <algorithm>

namespace lockstep::scsi {

using Type = ReservationType;

bool is_reservation_type(std::uint64_t code) noexcept {
  return code == 1 || code == 3 || (code >= 5 && code <= 8);
}

bool excludes_readers(Type type) noexcept {
  return type == Type::ExclusiveAccess || type == Type::ExclusiveAccessRegistrantsOnly ||
         type == Type::ExclusiveAccessAllRegistrants;
}

bool is_for_all_registrants(Type type) noexcept {
  return type == Type::WriteExclusiveAllRegistrants || type == Type::ExclusiveAccessAllRegistrants;
}

bool admits_registrants(Type type) noexcept {
  return type != Type::WriteExclusive && type != Type::ExclusiveAccess;
}

const Registration* PersistentReservations::find(const Ports& ports) const noexcept {
  const auto found = std::find_if(registrations.begin(), registrations.end(),
                                  [&](const Registration& r) { return r.ports == ports; });
  return found == registrations.end() ? nullptr : &*found;
}

Registration* PersistentReservations::find_mutable(const Ports& ports) noexcept {
  return const_cast<Registration*>(find(ports));
}

bool PersistentReservations::has(const Ports& ports, std::uint64_t key) const noexcept {
  const Registration* registration = find(ports);
  return registration != nullptr && registration->key == key;
}

bool PersistentReservations::is_holder(const Registration& registration) const noexcept {
  return type && (is_for_all_registrants(*type) || registration.holds);
}

std::uint64_t PersistentReservations::holder_key() const noexcept {
  const auto found = std::find_if(registrations.begin(), registrations.end(),
                                  [](const Registration& r) { return r.holds; });
  return found == registrations.end() ? 0 : found->key;
}

void PersistentReservations::tell_others(const Ports& ports, AdditionalSense attention,
                                         Notices& notices) const {
  for (const Registration& registration : registrations) {
    if (registration.ports != ports) {
      notices.push_back({registration.ports, attention});
    }
  }
}

void PersistentReservations::drop_reservation() noexcept {
  type.reset();
  for (Registration& registration : registrations) {
    registration.holds = false;
  }
}

void PersistentReservations::take_reservation(const Ports& ports, Type wanted) noexcept {
  drop_reservation();
  type = wanted;
  if (Registration* own = find_mutable(ports)) {
    own->holds = !is_for_all_registrants(wanted);
  }
}

void PersistentReservations::drop_unheld_reservation(const Ports& ports, Notices& notices) {
  if (!type || std::any_of(registrations.begin(), registrations.end(),
                           [this](const Registration& r) { return is_holder(r); })) {
    return;
  }
  if (admits_registrants(*type)) {
    tell_others(ports, AdditionalSense::ReservationsReleased, notices);
  }
  drop_reservation();
}

void PersistentReservations::unregister(const Ports& ports, Notices& notices) {
  std::erase_if(registrations, [&](const Registration& r) { return r.ports == ports; });
  drop_unheld_reservation(ports, notices);
}

std::size_t PersistentReservations::remove(const Ports& ports, std::optional<std::uint64_t> key,
                                           Notices& notices) {
  return std::erase_if(registrations, [&](const Registration& r) {
    const bool goes = r.ports != ports && (!key || r.key == *key);
    if (goes) {
      notices.push_back({r.ports, AdditionalSense::RegistrationsPreempted});
    }
    return goes;
  });
}

Verdict PersistentReservations::register_key(const Ports& ports, std::optional<std::uint64_t> key,
                                             std::uint64_t new_key,
                                             const std::vector<Ports>& others, Notices& notices) {
  Registration* own = find_mutable(ports);
  if (key && *key != (own == nullptr ? 0 : own->key)) {
    return Verdict::Conflict;
  }
  if (own != nullptr && new_key == 0) {
    unregister(ports, notices);
  } else if (own != nullptr) {
    own->key = new_key;
  } else if (new_key != 0) {
    for (const Ports& other : others) {
      if (find(other) != nullptr || other == ports) {
        return Verdict::DestinationInvalid;
      }
    }
    if (registrations.size() + 1 + others.size() > kMaxRegistrations) {
      return Verdict::NoResources;
    }
    registrations.push_back({ports, new_key, false});
    for (const Ports& other : others) {
      if (find(other) == nullptr) {
        registrations.push_back({other, new_key, false});
      }
    }
  }
  ++generation;
  return Verdict::Done;
}

Verdict PersistentReservations::reserve(const Ports& ports, std::uint64_t key, Type wanted) {
  if (!has(ports, key)) {
    return Verdict::Conflict;
  }
  if (!type) {
    take_reservation(ports, wanted);
    return Verdict::Done;
  }
  return is_holder(*find(ports)) && *type == wanted ? Verdict::Done : Verdict::Conflict;
}

Verdict PersistentReservations::release(const Ports& ports, std::uint64_t key, Type wanted,
                                        Notices& notices) {
  if (!has(ports, key)) {
    return Verdict::Conflict;
  }
  if (!type || !is_holder(*find(ports))) {
    return Verdict::Done;
  }
  if (*type != wanted) {
    return Verdict::InvalidRelease;
  }
  if (admits_registrants(*type)) {
    tell_others(ports, AdditionalSense::ReservationsReleased, notices);
  }
  drop_reservation();
  return Verdict::Done;
}

Verdict PersistentReservations::clear(const Ports& ports, std::uint64_t key, Notices& notices) {
  if (!has(ports, key)) {
    return Verdict::Conflict;
  }
  tell_others(ports, AdditionalSense::ReservationsPreempted, notices);
  registrations.clear();
  type.reset();
  ++generation;
  return Verdict::Done;
}

// SPC-4 5.13.11.4.
Verdict PersistentReservations::preempt(const Ports& ports, std::uint64_t key,
                                        std::uint64_t victims, Type wanted, Notices& notices) {
  if (!has(ports, key)) {
    return Verdict::Conflict;
  }
  const bool all_registrants = type && is_for_all_registrants(*type);
  const bool takes_reservation =
      type && (all_registrants ? victims == 0 : victims != 0 && victims == holder_key());
  if (victims == 0 && !takes_reservation) {
    return Verdict::KeyNotAllowed;
  }
  if (!takes_reservation) {
    const bool own_key = victims == key;
    if (remove(ports, victims, notices) == 0 && !own_key) {
      return Verdict::Conflict;
    }
    if (own_key) {
      std::erase_if(registrations, [&](const Registration& r) { return r.ports == ports; });
    }
    drop_unheld_reservation(ports, notices);
    ++generation;
    return Verdict::Done;
  }
  const bool changes = *type != wanted;
  remove(ports, all_registrants ? std::nullopt : std::optional(victims), notices);
  if (changes) {
    tell_others(ports, AdditionalSense::ReservationsReleased, notices);
  }
  take_reservation(ports, wanted);
  ++generation;
  return Verdict::Done;
}

Verdict PersistentReservations::move(const Ports& ports, std::uint64_t key, std::uint64_t new_key,
                                     const Ports& destination, bool unregisters) {
  if (!has(ports, key)) {
    return Verdict::Conflict;
  }
  if (!type || is_for_all_registrants(*type) || !is_holder(*find(ports))) {
    return Verdict::Conflict;
  }
  if (new_key == 0) {
    return Verdict::KeyNotAllowed;
  }
  if (destination == ports) {
    return Verdict::DestinationInvalid;
  }
  const bool is_new = find(destination) == nullptr;
  if (is_new && registrations.size() == kMaxRegistrations) {
    return Verdict::NoResources;
  }
  if (is_new) {
    registrations.push_back({destination, new_key, false});
  }
  find_mutable(destination)->key = new_key;
  find_mutable(ports)->holds = false;
  find_mutable(destination)->holds = true;
  if (unregisters) {
    std::erase_if(registrations, [&](const Registration& r) { return r.ports == ports; });
  }
  ++generation;
  return Verdict::Done;
}

}  // namespace lockstep::scsi
