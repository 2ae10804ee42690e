// The facts behind step(), as data: one entry per operation and per other event.
#pragma once

#include "model/core/place_set.hpp"
#include "statemachine/events.hpp"

#include <array>
#include <cstdint>
#include <span>
#include <string_view>

namespace lockstep::model {

using machine::Event;
using machine::MachineKind;

// Kinds whose tables are equal: for Snapshot and Clone no source says what Mode changes.
enum class Family : std::uint8_t { Mirror, Snapshot, Clone, TokenizedClone };
inline constexpr std::size_t kFamilies = 4;
[[nodiscard]] Family family_of(MachineKind kind) noexcept;

// Where carrying an operation out leads to. An empty id: the operation does not belong to the
// family.
struct Arrival {
  std::string_view id;
  PlaceSet to;
  bool same = false;  // the place may also stay what it was
};

struct OperationFacts {
  Event event;
  // Per family one letter per state, in the order of kVerdictOrder: A accept, e either, r refuse,
  // u unsupported, '.' no such state.
  std::array<std::string_view, kFamilies> verdicts;
  std::array<Arrival, kFamilies> arrivals;
};

inline constexpr std::array kVerdictOrder{
    CopyState::Initialized, CopyState::Unsynchronized, CopyState::Synchronized,
    CopyState::Broken,      CopyState::Fractured,      CopyState::Split,
    CopyState::Inactive,    CopyState::Suspended,      CopyState::Failedover,
    CopyState::Prepared,    CopyState::Aborted,        CopyState::Skewed,
    CopyState::Partitioned, CopyState::Invalid,        CopyState::Restored};

// A create, or an event nobody asks for.
struct EventFacts {
  Event event;
  std::string_view id;
  std::uint8_t kinds;  // bit n: MachineKind n
  PlaceSet from;
  PlaceSet to;
  bool same = false;
};

[[nodiscard]] const OperationFacts* operation_facts(Event event) noexcept;
[[nodiscard]] std::span<const EventFacts> event_facts() noexcept;

}  // namespace lockstep::model
