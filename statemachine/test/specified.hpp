// The rows that the data file data/transitions.json specifies, expanded the plain way; what the
// machines' own rows are compared with.
#pragma once

#include "statemachine/machine.hpp"

#include <set>
#include <string>
#include <tuple>
#include <vector>

namespace lockstep::machine {

struct SpecifiedRow {
  std::string id;
  MachineKind machine;
  Place from;
  Event event;
  Place to;
  Certainty certainty;

  [[nodiscard]] auto key() const { return std::tie(machine, from, event, to, id, certainty); }
  friend bool operator<(const SpecifiedRow& a, const SpecifiedRow& b) { return a.key() < b.key(); }
  friend bool operator==(const SpecifiedRow& a, const SpecifiedRow& b) {
    return a.key() == b.key();
  }
};

// Throws when the file cannot be read: a broken checkout, not a finding.
[[nodiscard]] std::vector<SpecifiedRow> specified_rows();
// Nowhere and the states that the data file gives to that machine.
[[nodiscard]] std::vector<Place> specified_places(MachineKind machine);

[[nodiscard]] std::string place_text(Place place);
void PrintTo(const SpecifiedRow& row, std::ostream* out);

}  // namespace lockstep::machine
