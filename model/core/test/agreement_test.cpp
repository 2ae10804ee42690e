// Two statements of the specification, written independently, agree on every combination of kind,
// place and event: the state machines' rows (from the transition table) and step() (from the
// verdict matrix).
#include "model/core/step.hpp"
#include "model/vocab/names.hpp"
#include "statemachine/events.hpp"
#include "statemachine/job.hpp"
#include "statemachine/machine.hpp"

#include <gtest/gtest.h>

#include <map>
#include <tuple>

namespace lockstep::model {
namespace {

struct Cell {
  PlaceSet to;
  bool expected = false;
  bool either = false;
  std::map<std::string_view, PlaceSet> ids;
};
using Key = std::tuple<MachineKind, Place, Event>;

std::map<Key, Cell> cells_of_rows() {
  std::map<Key, Cell> cells;
  for (const MachineKind kind : all_values<MachineKind>()) {
    for (const machine::Row& row : machine::rows(kind)) {
      Cell& cell = cells[{kind, row.from, row.event}];
      cell.to.add(row.to);
      (row.certainty == machine::Certainty::Expected ? cell.expected : cell.either) = true;
      cell.ids[row.id].add(row.to);
    }
  }
  return cells;
}

std::string name_of_cell(const Key& key) {
  const auto& [kind, from, event] = key;
  return to_text(kind) + ", " + (from ? to_text(*from) : "nowhere") + ", " + to_text(event);
}

std::vector<Place> every_place() {
  std::vector<Place> places{machine::kNowhere};
  for (const CopyState state : all_values<CopyState>()) places.push_back(state);
  return places;
}

TEST(Agreement, RowsAndStepLeadToTheSamePlaces) {
  const auto cells = cells_of_rows();
  std::size_t compared = 0;
  for (const MachineKind kind : all_values<MachineKind>()) {
    for (const Place from : every_place()) {
      for (const Event event : all_values<Event>()) {
        const Key key{kind, from, event};
        const auto found = cells.find(key);
        const PlaceSet rows = found == cells.end() ? PlaceSet{} : found->second.to;
        EXPECT_EQ(rows, arrivals(kind, from, event))
            << name_of_cell(key) << ": rows " << text_of(rows) << ", step "
            << text_of(arrivals(kind, from, event));
        ++compared;
      }
    }
  }
  EXPECT_EQ(compared, 6U * 18U * all_values<Event>().size());
}

TEST(Agreement, RowsAndStepAreEquallyCertain) {
  for (const auto& [key, cell] : cells_of_rows()) {
    const auto& [kind, from, event] = key;
    const Reaction reaction = reaction_of(kind, from, event);
    if (machine::kind_of(event) == machine::EventKind::Operation) {
      EXPECT_EQ(reaction, cell.expected ? Reaction::Accept : Reaction::Either)
          << name_of_cell(key) << ": " << to_text(reaction);
    } else {
      EXPECT_TRUE(reaction == Reaction::Accept || reaction == Reaction::Happens)
          << name_of_cell(key) << ": " << to_text(reaction);
    }
  }
}

TEST(Agreement, RowsAndStepNameTheSameTransitions) {
  for (const auto& [key, cell] : cells_of_rows()) {
    const auto& [kind, from, event] = key;
    for (const auto& [id, places] : cell.ids) {
      places.for_each([&, kind = kind, from = from, event = event, id = id](Place to) {
        EXPECT_EQ(transition_id(kind, from, event, to), id)
            << name_of_cell(key) << " -> " << text_of(to);
      });
    }
  }
}

}  // namespace
}  // namespace lockstep::model
