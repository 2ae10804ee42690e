// Everything one relationship may legally be: which machine it runs, and where it is.
//
// Forks where an answer leaves either open (a Mode that is not shown, an operation that a job still
// carries out), and is filtered by what is seen later. Empty: what was seen is impossible.
#pragma once

#include "model/core/closure.hpp"

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <optional>

namespace lockstep::model {

class StateSet {
 public:
  StateSet() = default;
  // Every machine that the two may mean; a Mode that is NULL or 0 forks a Mirror. Empty for a
  // vendor or reserved SyncType: then nothing can be judged.
  [[nodiscard]] static StateSet of(std::optional<SyncType> sync_type, std::optional<Mode> mode,
                                   PlaceSet places);

  [[nodiscard]] bool known() const noexcept { return known_; }
  [[nodiscard]] bool empty() const noexcept { return kinds_ == 0; }
  [[nodiscard]] PlaceSet places() const noexcept;
  [[nodiscard]] PlaceSet places(MachineKind kind) const noexcept {
    return by_kind_[static_cast<std::size_t>(kind)];
  }
  // The machine, when only one is possible.
  [[nodiscard]] std::optional<MachineKind> single_kind() const noexcept {
    if (kinds_ == 0 || (kinds_ & (kinds_ - 1)) != 0) return std::nullopt;
    return static_cast<MachineKind>(std::countr_zero(kinds_));
  }

  // Also everywhere that internal events lead to.
  void drift(const Trouble& trouble) noexcept;
  // Also everywhere that the operation may lead to.
  void operate(Event event) noexcept;
  // Only where the operation, said to be carried out, may have led; where it was to be refused,
  // only where it was (success as a no-op). `reported`: the service lists the operation although it
  // does not belong to the kind of copy, so its effect is its own.
  void carry_out(Event event, bool reported) noexcept;
  // Also there, for every possible machine (answers that promise a place outright).
  void add(PlaceSet places) noexcept;
  // Keeps the possibilities in `seen`; false, and unchanged, when there is none.
  bool filter(PlaceSet seen) noexcept;
  // The shown SyncType and Mode; machines that contradict them are dropped, and when none is left
  // the shown ones are taken over at the same places.
  void show_kind(std::optional<SyncType> sync_type, std::optional<Mode> mode);
  // Forgets where it was.
  void reset(PlaceSet places) noexcept;

  friend bool operator==(const StateSet&, const StateSet&) = default;

  template <class Visit>
  void for_each_kind(Visit visit) const {
    for (unsigned rest = kinds_; rest != 0; rest &= rest - 1) {
      const auto i = static_cast<std::size_t>(std::countr_zero(rest));
      visit(static_cast<MachineKind>(i), by_kind_[i]);
    }
  }

 private:
  // Takes what `change` makes of the places of each kind.
  template <class Change>
  void change_each(Change change) {
    unsigned left = 0;
    for (unsigned rest = kinds_; rest != 0; rest &= rest - 1) {
      const auto i = static_cast<std::size_t>(std::countr_zero(rest));
      by_kind_[i] = change(static_cast<MachineKind>(i), by_kind_[i]);
      left |= static_cast<unsigned>(!by_kind_[i].empty()) << i;
    }
    kinds_ = static_cast<std::uint8_t>(left);
  }
  void fork_mode(Event event) noexcept;

  static constexpr std::size_t kKinds = kMachineKinds;
  std::array<PlaceSet, kKinds> by_kind_{};
  std::uint8_t kinds_ = 0;  // bit n: it may be somewhere as MachineKind n; nearly always one
  bool known_ = false;
};

}  // namespace lockstep::model
