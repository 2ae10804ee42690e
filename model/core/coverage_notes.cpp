#include "model/core/coverage_notes.hpp"

#include "model/vocab/names.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <string>

namespace lockstep::model {
namespace {

constexpr std::uint32_t kUnasked = 0xFF;

std::uint32_t packed(MachineKind kind, Place from, std::optional<Event> event, Place to) {
  constexpr std::uint32_t kOther = 0xFF;
  const auto byte = [=](Place place) {
    if (!place) return std::uint32_t{0};
    return std::min(static_cast<std::uint32_t>(number_of(*place)), kOther);
  };
  const std::uint32_t asked = event ? static_cast<std::uint32_t>(*event) : kUnasked;
  return static_cast<std::uint32_t>(kind) << 24 | byte(from) << 16 | asked << 8 | byte(to);
}

std::uint32_t byte_of(std::uint32_t key, unsigned index) { return key >> (8 * index) & 0xFF; }

Place place_in(std::uint32_t key, unsigned index) {
  const std::uint32_t number = byte_of(key, index);
  return number == 0 ? machine::kNowhere : Place(static_cast<CopyState>(number));
}

// Of what happens by itself, the first that leads from there to there.
std::optional<Event> find_unasked(MachineKind kind, Place from, Place to) {
  for (int number = static_cast<int>(Event::ResetToAdaptive) + 1;
       number <= static_cast<int>(Event::ElementKnownAgain); ++number) {
    const auto event = static_cast<Event>(number);
    if (arrivals(kind, from, event).contains(to)) return event;
  }
  return std::nullopt;
}

using ToEach = std::array<std::optional<Event>, kPlaces>;
using UnaskedEvents = std::array<std::array<ToEach, kPlaces>, kMachineKinds>;

UnaskedEvents unasked_events() {
  UnaskedEvents events{};
  for (std::size_t kind = 0; kind < kMachineKinds; ++kind) {
    PlaceSet::all().for_each([&](Place from) {
      ToEach& to_each = events[kind][PlaceSet::index_of(from)];
      PlaceSet::all().for_each([&](Place to) {
        to_each[PlaceSet::index_of(to)] = find_unasked(static_cast<MachineKind>(kind), from, to);
      });
    });
  }
  return events;
}

std::optional<Event> unasked_event(MachineKind kind, Place from, Place to) {
  static const UnaskedEvents kEvents = unasked_events();
  const PlaceSet places = PlaceSet::all();
  if (!places.contains(from) || !places.contains(to)) return std::nullopt;
  return kEvents[static_cast<std::size_t>(kind)][PlaceSet::index_of(from)][PlaceSet::index_of(to)];
}

}  // namespace

void CoverageNotes::add(std::uint32_t key) {
  constexpr std::size_t kUsual = 32;
  if (noted_.capacity() == 0) noted_.reserve(kUsual);
  noted_.insert(std::ranges::lower_bound(noted_, key), key);
}

bool CoverageNotes::note(MachineKind kind, Place from, Event event, Place to) {
  const std::uint32_t key = packed(kind, from, event, to);
  const auto at = std::ranges::lower_bound(noted_, key);
  if (at != noted_.end() && *at == key) return true;
  if (!arrivals(kind, from, event).contains(to)) return false;
  add(key);
  return true;
}

void CoverageNotes::note_unasked(MachineKind kind, Place from, Place to) {
  const std::uint32_t key = packed(kind, from, std::nullopt, to);
  const auto at = std::ranges::lower_bound(noted_, key);
  if (at != noted_.end() && *at == key) return;
  add(key);
  if (const auto event = unasked_event(kind, from, to)) note(kind, from, *event, to);
}

std::set<Judge::Coverage> CoverageNotes::entries() const {
  std::set<Judge::Coverage> entries;
  for (const std::uint32_t key : noted_) {
    if (byte_of(key, 1) == kUnasked) continue;
    const auto kind = static_cast<MachineKind>(byte_of(key, 3));
    const auto event = static_cast<Event>(byte_of(key, 1));
    const Place from = place_in(key, 2);
    const Place to = place_in(key, 0);
    entries.insert({to_text(kind), std::string(transition_id(kind, from, event, to)),
                    from ? to_text(*from) : "nowhere", text_of(to)});
  }
  return entries;
}

}  // namespace lockstep::model
