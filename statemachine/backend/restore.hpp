// Puts an MSM machine into a state the way MSM itself restores a saved one. Include it after
// limits.hpp.
#pragma once

#include <boost/msm/back/state_machine.hpp>
#include <boost/serialization/base_object.hpp>

#include <type_traits>

namespace lockstep::machine::table {

// The archive that MSM reads its current state from.
struct RestoredState {
  int number;
  template <class T>
  void operator&(T& saved) const {
    if constexpr (std::is_array_v<T>) saved[0] = number;
  }
};

template <class BackEnd>
void restore(BackEnd& machine, int state_number) {
  RestoredState state{state_number};
  machine.serialize(state, 0);
}

template <class BackEnd, class State>
inline constexpr int kStateNumber =
    boost::msm::back::get_state_id<typename BackEnd::stt, State>::type::value;

}  // namespace lockstep::machine::table
