// Goal: the state machines and step() say the same about every combination there is. Method: the
// whole product of kinds, places, events and arrivals, no randomness; the machine is fired, not
// only listed.
#include "model/core/step.hpp"
#include "model/vocab/names.hpp"
#include "statemachine/machine.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <tuple>

namespace lockstep {
namespace {

using machine::Certainty;
using machine::Event;
using machine::MachineKind;
using machine::Place;
using model::Reaction;

std::vector<Place> all_places() {
  std::vector<Place> places{machine::kNowhere};
  for (const CopyState state : all_values<CopyState>()) places.emplace_back(state);
  return places;
}

std::string place_text(const Place& place) { return place ? to_text(*place) : "nowhere"; }

std::string combination(MachineKind kind, const Place& from, Event event, const Place& to) {
  return to_text(kind) + " " + place_text(from) + " --" + to_text(event) + "--> " + place_text(to);
}

bool is_legal(Reaction reaction) {
  return reaction == Reaction::Accept || reaction == Reaction::Either ||
         reaction == Reaction::Happens;
}

TEST(RowsAndStep, AgreeOverTheWholeProduct) {
  const auto places = all_places();
  std::size_t legal = 0;
  std::size_t checked = 0;
  for (const MachineKind kind : all_values<MachineKind>()) {
    const auto machine = machine::make_machine(kind);
    for (const Place& from : places) {
      for (const Event event : all_values<Event>()) {
        const auto verdict = model::step(kind, from, event);
        for (const Place& to : places) {
          const bool says_step = is_legal(verdict.reaction) && verdict.next.contains(to);
          machine->put(from);
          const auto id = machine->fire(event, to);
          ASSERT_EQ(!id.empty(), says_step)
              << combination(kind, from, event, to) << " is " << to_text(verdict.reaction)
              << " to step(), and '" << id << "' to the machine";
          if (!id.empty()) {
            ASSERT_EQ(machine->place(), to) << combination(kind, from, event, to);
            ASSERT_EQ(id, model::transition_id(kind, from, event, to))
                << combination(kind, from, event, to);
          }
          legal += says_step ? 1 : 0;
          ++checked;
        }
      }
    }
  }
  EXPECT_GT(legal, 500U);
  EXPECT_GT(checked, 80'000U);
}

TEST(RowsAndStep, AgreeOnWhatIsExpectedAndWhatIsLeftOpen) {
  for (const MachineKind kind : all_values<MachineKind>()) {
    for (const machine::Row& row : machine::rows(kind)) {
      const Reaction reaction = model::step(kind, row.from, row.event).reaction;
      if (machine::kind_of(row.event) != machine::EventKind::Operation) continue;
      EXPECT_EQ(reaction == Reaction::Either, row.certainty == Certainty::Either)
          << row.id << " " << combination(kind, row.from, row.event, row.to);
    }
  }
}

}  // namespace
}  // namespace lockstep
