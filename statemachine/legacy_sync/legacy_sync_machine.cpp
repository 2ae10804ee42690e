// Instantiates the machine of the legacy SyncState and answers from it.
#include "statemachine/backend/limits.hpp"
// limits.hpp comes before any header of Boost.MPL.
#include "statemachine/backend/restore.hpp"
#include "statemachine/legacy_sync/legacy_sync.hpp"
#include "statemachine/legacy_sync/legacy_sync_rows.hpp"

#include <boost/mp11/algorithm.hpp>
#include <boost/mpl/push_back.hpp>
#include <boost/mpl/vector.hpp>
#include <boost/msm/back/state_machine.hpp>
#include <boost/msm/front/functor_row.hpp>
#include <boost/msm/front/state_machine_def.hpp>

#include <algorithm>
#include <cstddef>
#include <exception>
#include <iterator>

namespace lockstep::machine {
namespace {

namespace mp = boost::mp11;
namespace msm = boost::msm;
using table::legacy::LegacyRows;

template <LegacyEvent E>
struct Happens {
  static constexpr LegacyEvent kEvent = E;
  CopyType copy_type;
  LegacyPlace arrival;
};

template <class P>
struct State : msm::front::state<> {
  static constexpr LegacyPlace kPlace = P::kPlace;
};

template <class CopyTypes, class P>
struct ArrivesAs {
  template <class Trigger, class Fsm, class From, class To>
  bool operator()(const Trigger& trigger, Fsm&, From&, To&) const {
    return trigger.arrival == P::kPlace &&
           std::ranges::find(CopyTypes::kTypes, trigger.copy_type) != std::end(CopyTypes::kTypes);
  }
};

struct Remember {
  template <class Trigger, class Fsm, class From, class To>
  void operator()(const Trigger&, Fsm& fsm, From&, To&) const {
    fsm.taken = true;
  }
};

template <class Line, class P>
struct Step {
  using Lines = Line;
  using Arrival = P;
};
template <class Line>
using StepsOf = mp::mp_transform<Step, mp::mp_fill<typename Line::ArrivalPlaces, Line>,
                                 typename Line::ArrivalPlaces>;
using Steps = mp::mp_flatten<mp::mp_transform<StepsOf, LegacyRows>>;

// Numbered, so that names stay short.
template <class I, class S = mp::mp_at<Steps, I>, class Line = typename S::Lines>
using FunctorRow =
    msm::front::Row<State<typename Line::Source>, Happens<Line::kEvent>, State<typename S::Arrival>,
                    Remember, ArrivesAs<typename Line::CopyTypes, typename S::Arrival>>;
template <class I>
struct NumberedRow : FunctorRow<I> {
  using CopyTypes = typename mp::mp_at<Steps, I>::Lines::CopyTypes;
};
using AllRows = mp::mp_transform<NumberedRow, mp::mp_iota<mp::mp_size<Steps>>>;
template <class Vector, class T>
using PushBack = typename boost::mpl::push_back<Vector, T>::type;

struct FrontEnd : msm::front::state_machine_def<FrontEnd> {
  using initial_state = State<table::legacy::Nowhere>;
  struct transition_table : mp::mp_fold<AllRows, boost::mpl::vector0<>, PushBack> {};

  bool taken = false;

  // MSM asserts in both by default, which says nothing in a release build.
  template <class Fsm, class Trigger>
  void no_transition(const Trigger&, Fsm&, int) {
    taken = false;
  }
  template <class Fsm, class Trigger>
  void exception_caught(const Trigger&, Fsm&, std::exception&) {
    taken = false;
  }
};
using BackEnd = msm::back::state_machine<FrontEnd>;

template <class R>
using SourceOf = typename R::Source;
template <class R>
using TargetOf = typename R::Target;
template <class R>
using TriggerOf = typename R::Evt;

}  // namespace

const std::vector<LegacyRow>& legacy_rows() {
  static const auto rows = [] {
    std::vector<LegacyRow> found;
    mp::mp_for_each<mp::mp_transform<mp::mp_identity, AllRows>>([&]<class R>(mp::mp_identity<R>) {
      for (const CopyType type : R::CopyTypes::kTypes) {
        found.push_back({type, R::Source::kPlace, R::Evt::kEvent, R::Target::kPlace});
      }
    });
    return found;
  }();
  return rows;
}

bool legacy_steps(const LegacyRow& step) {
  using States = mp::mp_unique<
      mp::mp_append<mp::mp_transform<SourceOf, AllRows>, mp::mp_transform<TargetOf, AllRows>>>;
  using Triggers = mp::mp_unique<mp::mp_transform<TriggerOf, AllRows>>;
  BackEnd machine;
  bool known = false;
  mp::mp_for_each<mp::mp_transform<mp::mp_identity, States>>([&]<class S>(mp::mp_identity<S>) {
    if (S::kPlace != step.from) return;
    table::restore(machine, table::kStateNumber<BackEnd, S>);
    known = true;
  });
  if (!known) return false;
  mp::mp_for_each<mp::mp_transform<mp::mp_identity, Triggers>>([&]<class T>(mp::mp_identity<T>) {
    if (T::kEvent == step.event) machine.process_event(T{step.copy_type, step.to});
  });
  return machine.taken;
}

std::set<CopyState> copy_states_beside(SyncState state) {
  switch (state) {
    case SyncState::Initialized:
    case SyncState::PrepareInProgress:
      return {CopyState::Initialized};
    case SyncState::Prepared:
      return {CopyState::Prepared};
    case SyncState::ResyncInProgress:
    case SyncState::CopyInProgress:
      return {CopyState::Unsynchronized};
    case SyncState::Synchronized:
    case SyncState::FractureInProgress:
    case SyncState::QuiesceInProgress:
    case SyncState::Frozen:
      return {CopyState::Synchronized};
    case SyncState::Quiesced:
      return {CopyState::Suspended};
    case SyncState::RestoreInProgress:
      return {CopyState::Synchronized, CopyState::Restored};
    case SyncState::Idle:
      return {CopyState::Inactive};
    case SyncState::Broken:
      return {CopyState::Broken};
    case SyncState::Fractured:
      return {CopyState::Fractured};
    case SyncState::Unknown:
      break;
  }
  return {};
}

}  // namespace lockstep::machine
