// Instantiates the machine of a job and answers from it.
#include "statemachine/backend/limits.hpp"
// limits.hpp comes before any header of Boost.MPL.
#include "model/vocab/names.hpp"
#include "statemachine/backend/restore.hpp"
#include "statemachine/job.hpp"
#include "statemachine/job/job_rows.hpp"

#include <boost/mp11/algorithm.hpp>
#include <boost/mpl/push_back.hpp>
#include <boost/mpl/vector.hpp>
#include <boost/msm/back/state_machine.hpp>
#include <boost/msm/front/functor_row.hpp>
#include <boost/msm/front/state_machine_def.hpp>

#include <exception>
#include <set>

namespace lockstep::machine {
namespace {

namespace mp = boost::mp11;
namespace msm = boost::msm;
using table::job::JobRows;

// The job was seen in another state.
struct Moves {
  JobState arrival;
};

template <class S>
struct State : msm::front::state<> {
  static constexpr JobState kState = S::kState;
};

template <class S>
struct ArrivesAt {
  template <class Fsm, class From, class To>
  bool operator()(const Moves& moves, Fsm&, From&, To&) const {
    return moves.arrival == S::kState;
  }
};

struct Remember {
  template <class Fsm, class From, class To>
  void operator()(const Moves&, Fsm& fsm, From&, To&) const {
    fsm.taken = true;
  }
};

template <class R>
using FunctorRow = msm::front::Row<State<typename R::Source>, Moves, State<typename R::Target>,
                                   Remember, ArrivesAt<typename R::Target>>;
using FunctorRows = mp::mp_transform<FunctorRow, JobRows>;
template <class Vector, class T>
using PushBack = typename boost::mpl::push_back<Vector, T>::type;

struct FrontEnd : msm::front::state_machine_def<FrontEnd> {
  using initial_state = State<table::job::New>;
  struct transition_table : mp::mp_fold<FunctorRows, boost::mpl::vector0<>, PushBack> {};

  bool taken = false;

  // MSM asserts in both by default, which says nothing in a release build.
  template <class Fsm>
  void no_transition(const Moves&, Fsm&, int) {
    taken = false;
  }
  template <class Fsm>
  void exception_caught(const Moves&, Fsm&, std::exception&) {
    taken = false;
  }
};
using BackEnd = msm::back::state_machine<FrontEnd>;

template <class R>
using SourceOf = typename R::Source;
template <class R>
using TargetOf = typename R::Target;
using States = mp::mp_unique<mp::mp_append<mp::mp_transform<SourceOf, FunctorRows>,
                                           mp::mp_transform<TargetOf, FunctorRows>>>;

bool put(BackEnd& machine, JobState state) {
  bool found = false;
  mp::mp_for_each<mp::mp_transform<mp::mp_identity, States>>([&]<class S>(mp::mp_identity<S>) {
    if (S::kState != state) return;
    table::restore(machine, table::kStateNumber<BackEnd, S>);
    found = true;
  });
  return found;
}

// Every state that can come after `from`, itself included.
std::set<JobState> states_after(JobState from) {
  std::set<JobState> reached{from};
  for (bool grew = true; grew;) {
    grew = false;
    for (const JobState here : std::set<JobState>(reached)) {
      for (const JobState next : all_values<JobState>()) {
        if (job_steps(here, next)) grew |= reached.insert(next).second;
      }
    }
  }
  return reached;
}

}  // namespace

const std::vector<JobRow>& job_rows() {
  static const auto rows = [] {
    std::vector<JobRow> found;
    mp::mp_for_each<FunctorRows>([&]<class R>(R) {
      found.push_back({R::Source::kState, R::Target::kState});
    });
    return found;
  }();
  return rows;
}

bool job_steps(JobState from, JobState to) {
  BackEnd machine;
  if (!put(machine, from)) return false;
  machine.process_event(Moves{to});
  return machine.taken;
}

bool is_terminal(JobState state) noexcept {
  return state >= JobState::Completed && state <= JobState::Exception;
}

bool job_can_reach(JobState from, JobState to) {
  if (from == to) return true;
  if (is_terminal(from) || to == JobState::New) return false;
  if (!name_of(from) || !name_of(to)) return true;
  return states_after(from).contains(to);
}

}  // namespace lockstep::machine
