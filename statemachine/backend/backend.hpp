// Makes a Concern from a table: the only file that touches the Boost.MSM back-end, which is
// boost::msm::back with its default policy. `back11` loses rows depending on their order.
//
// A concern is a struct with kName and Lines.
#pragma once

#include "statemachine/backend/limits.hpp"
// limits.hpp comes before any header of Boost.MPL.
#include "statemachine/backend/concern.hpp"
#include "statemachine/backend/flags.hpp"
#include "statemachine/backend/restore.hpp"
#include "statemachine/backend/row.hpp"

#include <boost/describe/enumerators.hpp>
#include <boost/mp11/algorithm.hpp>
#include <boost/mpl/push_back.hpp>
#include <boost/mpl/vector.hpp>
#include <boost/msm/back/state_machine.hpp>
#include <boost/msm/front/functor_row.hpp>
#include <boost/msm/front/state_machine_def.hpp>

#include <cstddef>
#include <exception>
#include <string_view>
#include <type_traits>
#include <vector>

namespace lockstep::machine::table {

namespace mp = boost::mp11;
namespace msm = boost::msm;

template <class List>
struct AsMplVector;
template <class... T>
struct AsMplVector<mp::mp_list<T...>> {
  using type = boost::mpl::vector<T...>;
};

// A place as MSM's state, with its flags.
template <class P>
struct State : msm::front::state<> {
  static constexpr Place kPlace = P::kPlace;
  using flag_list = typename AsMplVector<FlagsOf<P>>::type;
};

template <class P>
struct ArrivesAt {
  template <class Trigger, class Fsm, class From, class To>
  bool operator()(const Trigger& trigger, Fsm&, From&, To&) const {
    return trigger.arrival == P::kPlace;
  }
};

template <class Line>
struct RememberId {
  template <class Trigger, class Fsm, class From, class To>
  void operator()(const Trigger&, Fsm& fsm, From&, To&) const {
    fsm.taken = Line::kId.view();
  }
};

template <class Line, class P>
struct Step {
  using FromLine = Line;
  using Arrival = P;
};

template <class Line>
using StepsOfLine = mp::mp_transform<Step, mp::mp_fill<typename Line::ArrivalPlaces, Line>,
                                     typename Line::ArrivalPlaces>;
template <class C>
using StepsOf = mp::mp_flatten<mp::mp_transform<StepsOfLine, typename C::Lines>>;

// Row number I of concern C, as MSM's functor row. A type of its own keeps the names that the
// compiler makes short: they would else spell out the whole table.
template <class C, std::size_t I, class S = mp::mp_at_c<StepsOf<C>, I>>
using FunctorRow = msm::front::Row<State<typename S::FromLine::Source>, typename S::FromLine::Event,
                                   State<typename S::Arrival>, RememberId<typename S::FromLine>,
                                   ArrivesAt<typename S::Arrival>>;
template <class C, std::size_t I>
struct NumberedRow : FunctorRow<C, I> {
  using Line = typename mp::mp_at_c<StepsOf<C>, I>::FromLine;
};

template <class C>
struct NumberRows {
  template <class I>
  using Of = NumberedRow<C, I::value>;
  using All = mp::mp_transform<Of, mp::mp_iota<mp::mp_size<StepsOf<C>>>>;
};

template <class Vector, class T>
using PushBack = typename boost::mpl::push_back<Vector, T>::type;

template <class C>
struct FrontEnd : msm::front::state_machine_def<FrontEnd<C>> {
  using AllRows = typename NumberRows<C>::All;
  struct transition_table : mp::mp_fold<AllRows, boost::mpl::vector0<>, PushBack> {};
  using initial_state = typename mp::mp_front<AllRows>::Source;

  std::string_view taken;

  // MSM asserts in both by default, which says nothing in a release build.
  template <class Fsm, class Trigger>
  void no_transition(const Trigger&, Fsm&, int) {
    taken = {};
  }
  template <class Fsm, class Trigger>
  void exception_caught(const Trigger&, Fsm&, std::exception&) {
    taken = {};
  }
};

template <class C>
using BackEnd = msm::back::state_machine<FrontEnd<C>>;

template <class R>
using SourceOf = typename R::Source;
template <class R>
using TargetOf = typename R::Target;
template <class R>
using TriggerOf = typename R::Evt;

template <class C>
using StatesOf =
    mp::mp_unique<mp::mp_append<mp::mp_transform<SourceOf, typename NumberRows<C>::All>,
                                mp::mp_transform<TargetOf, typename NumberRows<C>::All>>>;
template <class C>
bool put(BackEnd<C>& machine, Place place) {
  int number = -1;
  mp::mp_for_each<mp::mp_transform<mp::mp_identity, StatesOf<C>>>([&]<class S>(mp::mp_identity<S>) {
    if (S::kPlace == place) number = kStateNumber<BackEnd<C>, S>;
  });
  if (number < 0) return false;
  restore(machine, number);
  return true;
}

template <class C>
Place place_of(const BackEnd<C>& machine) {
  Place place;
  mp::mp_for_each<mp::mp_transform<mp::mp_identity, StatesOf<C>>>([&]<class S>(mp::mp_identity<S>) {
    if (machine.current_state()[0] == kStateNumber<BackEnd<C>, S>) place = S::kPlace;
  });
  return place;
}

template <class C>
Fired fire(Place from, Event event, Place arrival) {
  BackEnd<C> machine;
  if (!put<C>(machine, from)) return {{}, from};
  using Triggers = mp::mp_unique<mp::mp_transform<TriggerOf, typename NumberRows<C>::All>>;
  mp::mp_for_each<mp::mp_transform<mp::mp_identity, Triggers>>([&]<class T>(mp::mp_identity<T>) {
    if (T::kEvent == event) machine.process_event(T{arrival});
  });
  return {machine.taken, place_of<C>(machine)};
}

template <class C>
void append_rows(std::vector<TableRow>& rows) {
  mp::mp_for_each<mp::mp_transform<mp::mp_identity, typename NumberRows<C>::All>>(
      [&]<class R>(mp::mp_identity<R>) {
        rows.push_back({R::Line::kId.view(), R::Source::kPlace, R::Evt::kEvent, R::Target::kPlace,
                        R::Line::kCertainty});
      });
}

template <class C>
inline constexpr Concern kConcern{C::kName, &append_rows<C>, &fire<C>};

// Asks MSM for a flag of a place, on a concern whose table has every place.
template <class C, Nature N>
bool has_flag(CopyState place, Flag flag) {
  BackEnd<C> machine;
  if (!put<C>(machine, place)) return false;
  bool found = false;
  mp::mp_for_each<boost::describe::describe_enumerators<Flag>>([&](auto described) {
    if (described.value != flag) return;
    found = machine.template is_flag_active<NatureFlag<N, described.value>>();
  });
  return found;
}

}  // namespace lockstep::machine::table
