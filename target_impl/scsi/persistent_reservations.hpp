// Persistent reservations as a value: who is registered, who holds what, and the service actions of
// PERSISTENT RESERVE OUT as functions on it (SPC-4 5.13). A registration belongs to an initiator
// port together with the target port it came through, and outlives the session.
#pragma once

#include "target_impl/scsi/sense.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace lockstep::scsi {

// SPC-4 table 71.
enum class ReservationType : std::uint8_t {
  WriteExclusive = 1,
  ExclusiveAccess = 3,
  WriteExclusiveRegistrantsOnly = 5,
  ExclusiveAccessRegistrantsOnly = 6,
  WriteExclusiveAllRegistrants = 7,
  ExclusiveAccessAllRegistrants = 8,
};

[[nodiscard]] bool is_reservation_type(std::uint64_t code) noexcept;
[[nodiscard]] bool excludes_readers(ReservationType type) noexcept;
// Every registrant holds it.
[[nodiscard]] bool is_for_all_registrants(ReservationType type) noexcept;
// Every registrant may do everything, the holder or not; true for the former kind too.
[[nodiscard]] bool admits_registrants(ReservationType type) noexcept;

struct Ports {
  std::string initiator;  // as in Nexus
  std::string target;
  friend bool operator==(const Ports&, const Ports&) = default;
};

struct Registration {
  Ports ports;
  std::uint64_t key = 0;
  bool holds = false;  // never set for reservations of all registrants
  friend bool operator==(const Registration&, const Registration&) = default;
};

// A unit attention for a nexus, if it has a session now.
struct Notice {
  Ports ports;
  AdditionalSense attention;
  friend bool operator==(const Notice&, const Notice&) = default;
};

enum class Verdict : std::uint8_t {
  Done,
  Conflict,            // RESERVATION CONFLICT
  KeyNotAllowed,       // SERVICE ACTION RESERVATION KEY: 5/2600
  DestinationInvalid,  // TransportID: 5/2600
  InvalidRelease,      // 5/2604
  NoResources,         // 5/5504
};

class PersistentReservations {
 public:
  static constexpr std::size_t kMaxRegistrations = 128;
  static constexpr std::size_t kMaxPortNameBytes = 255;
  using Notices = std::vector<Notice>;

  std::uint32_t generation = 0;
  // APTPL: what the last REGISTER asked for.
  bool persists = false;
  std::optional<ReservationType> type;
  std::vector<Registration> registrations;

  [[nodiscard]] const Registration* find(const Ports& ports) const noexcept;
  [[nodiscard]] bool is_holder(const Registration& registration) const noexcept;
  // What READ RESERVATION shows: zero for reservations of all registrants.
  [[nodiscard]] std::uint64_t holder_key() const noexcept;

  // The service actions. Unless Done is returned, nothing has changed. `notices` grows.
  // REGISTER; `key` is nullopt for REGISTER AND IGNORE EXISTING KEY; `others` come from SPEC_I_PT.
  [[nodiscard]] Verdict register_key(const Ports& ports, std::optional<std::uint64_t> key,
                                     std::uint64_t new_key, const std::vector<Ports>& others,
                                     Notices& notices);
  [[nodiscard]] Verdict reserve(const Ports& ports, std::uint64_t key, ReservationType wanted);
  [[nodiscard]] Verdict release(const Ports& ports, std::uint64_t key, ReservationType wanted,
                                Notices& notices);
  [[nodiscard]] Verdict clear(const Ports& ports, std::uint64_t key, Notices& notices);
  [[nodiscard]] Verdict preempt(const Ports& ports, std::uint64_t key, std::uint64_t victims,
                                ReservationType wanted, Notices& notices);
  [[nodiscard]] Verdict move(const Ports& ports, std::uint64_t key, std::uint64_t new_key,
                             const Ports& destination, bool unregister);

  friend bool operator==(const PersistentReservations&, const PersistentReservations&) = default;

 private:
  [[nodiscard]] Registration* find_mutable(const Ports& ports) noexcept;
  [[nodiscard]] bool has(const Ports& ports, std::uint64_t key) const noexcept;
  void unregister(const Ports& ports, Notices& notices);
  // To every registrant but `ports`.
  void tell_others(const Ports& ports, AdditionalSense attention, Notices& notices) const;
  void drop_reservation() noexcept;
  void take_reservation(const Ports& ports, ReservationType wanted) noexcept;
  void drop_unheld_reservation(const Ports& ports, Notices& notices);
  // Removes those with `key` (nullopt: all) but `ports`; returns how many.
  std::size_t remove(const Ports& ports, std::optional<std::uint64_t> key, Notices& notices);
};

// APTPL: what is to be kept, without the generation (SPC-4 5.13.5). Empty: nothing.
[[nodiscard]] std::vector<std::byte> to_blob(const PersistentReservations& reservations);
// nullopt: not such a blob.
[[nodiscard]] std::optional<PersistentReservations> from_blob(std::span<const std::byte> blob);

}  // namespace lockstep::scsi
