#include "model/core/coverage_notes.hpp"

#include "model/vocab/names.hpp"

#include <algorithm>
#include <optional>
#include <string>

namespace lockstep::model {
namespace {

std::uint32_t packed(MachineKind kind, Place from, std::optional<Event> event, Place to) {
  constexpr std::uint32_t kOther = 0xFF;
  const auto byte = [=](Place place) {
    if (!place) return std::uint32_t{0};
    return std::min(static_cast<std::uint32_t>(number_of(*place)), kOther);
  };
  constexpr std::uint32_t kUnasked = 0xFF;
  const std::uint32_t asked = event ? static_cast<std::uint32_t>(*event) : kUnasked;
  return static_cast<std::uint32_t>(kind) << 24 | byte(from) << 16 | asked << 8 | byte(to);
}

}  // namespace

bool CoverageNotes::note(MachineKind kind, Place from, Event event, Place to) {
  const std::uint32_t key = packed(kind, from, event, to);
  const auto at = std::ranges::lower_bound(noted_, key);
  if (at != noted_.end() && *at == key) return true;
  const auto id = transition_id(kind, from, event, to);
  if (id.empty()) return false;
  noted_.insert(at, key);
  entries_.insert({to_text(kind), std::string(id), from ? to_text(*from) : "nowhere", text_of(to)});
  return true;
}

void CoverageNotes::note_unasked(MachineKind kind, Place from, Place to) {
  const std::uint32_t key = packed(kind, from, std::nullopt, to);
  const auto at = std::ranges::lower_bound(noted_, key);
  if (at != noted_.end() && *at == key) return;
  noted_.insert(at, key);
  for (int event = static_cast<int>(Event::ResetToAdaptive) + 1;
       event <= static_cast<int>(Event::ElementKnownAgain); ++event) {
    if (note(kind, from, static_cast<Event>(event), to)) return;
  }
}

}  // namespace lockstep::model
