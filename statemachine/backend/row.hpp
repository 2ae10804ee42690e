// How a line of a table is written: transition id, source, event, and one or more places at which
// the event may arrive.
//
// A Row is expected to be legal in its source; an Either is conforming both when it is accepted and
// when it is refused. These are lists of types and cost nothing; concern.hpp makes Boost.MSM
// functor rows from them, one per arrival.
#pragma once

#include "statemachine/backend/on.hpp"
#include "statemachine/backend/places.hpp"
#include "statemachine/machine.hpp"

#include <boost/mp11/algorithm.hpp>
#include <boost/mp11/list.hpp>

#include <cstddef>
#include <string_view>

namespace lockstep::machine::table {

// "T-010" as a template argument.
struct TransitionId {
  char text[6];
  // NOLINTNEXTLINE(google-explicit-constructor): a string literal is what a table line carries
  consteval TransitionId(const char (&literal)[6]) : text{} {
    for (std::size_t i = 0; i < 6; ++i) text[i] = literal[i];
  }
  [[nodiscard]] constexpr std::string_view view() const { return {text, 5}; }
};

template <TransitionId Id, class SourcePlace, class Trigger, class... Arrivals>
struct Row {
  static constexpr const TransitionId& kId = Id;
  static constexpr Certainty kCertainty = Certainty::Expected;
  using Source = SourcePlace;
  using Event = Trigger;
  using ArrivalPlaces = boost::mp11::mp_list<Arrivals...>;
};

template <TransitionId Id, class SourcePlace, class Trigger, class... Arrivals>
struct Either : Row<Id, SourcePlace, Trigger, Arrivals...> {
  static constexpr Certainty kCertainty = Certainty::Either;
};

template <class... Lines>
using Rows = boost::mp11::mp_list<Lines...>;

// The lines of several tables, one after the other.
template <class... Tables>
using Join = boost::mp11::mp_append<Tables...>;

}  // namespace lockstep::machine::table
