// What is true in a place, as MSM flags. A mirror's target follows the source; a replica's
// (Snapshot, Clone, TokenizedClone) holds one instant of it, so the two natures differ.
//
// HostMayWriteTarget stands where the specification foresees such writes at all (T-016, T-017, and
// a failed-over target); whether an array allows them is its own affair. The source of a
// Failedover, Partitioned or Invalid relationship may be out of reach, so nothing is promised of
// it.
#pragma once

#include "statemachine/backend/places.hpp"
#include "statemachine/machine.hpp"

#include <boost/mp11/algorithm.hpp>
#include <boost/mp11/list.hpp>
#include <boost/mp11/map.hpp>

#include <cstdint>
#include <type_traits>

namespace lockstep::machine::table {

enum class Nature : std::uint8_t { Mirror, Replica };

// MSM knows flags as types.
template <Nature N, Flag F>
struct NatureFlag {};

template <Flag... F>
using MirrorHas = boost::mp11::mp_list<NatureFlag<Nature::Mirror, F>...>;
template <Flag... F>
using ReplicaHas = boost::mp11::mp_list<NatureFlag<Nature::Replica, F>...>;

template <class P, class... Has>
using PlaceFlags = boost::mp11::mp_list<P, boost::mp11::mp_append<Has...>>;

namespace detail {
using enum Flag;
// clang-format off
using FlagTable = boost::mp11::mp_list<
    PlaceFlags<Initialized    , MirrorHas  <HostMayWriteSource>,
                                ReplicaHas <HostMayWriteSource>>,
    PlaceFlags<Prepared       , MirrorHas  <HostMayWriteSource>,
                                ReplicaHas <HostMayWriteSource>>,
    PlaceFlags<Inactive       , MirrorHas  <HostMayWriteSource, HostMayWriteTarget>,
                                ReplicaHas <HostMayWriteSource, HostMayWriteTarget>>,
    PlaceFlags<Unsynchronized , MirrorHas  <HostMayWriteSource, DataFlows>,
                                ReplicaHas <HostMayWriteSource, DataFlows>>,
    PlaceFlags<Synchronized   , MirrorHas  <HostMayWriteSource, HostMayWriteTarget, DataFlows, TargetEqualsSource>,
                                ReplicaHas <HostMayWriteSource, HostMayWriteTarget, TargetIsPointInTime>>,
    PlaceFlags<Fractured      , MirrorHas  <HostMayWriteSource, HostMayWriteTarget, ChangesRemembered>,
                                ReplicaHas <HostMayWriteSource, ChangesRemembered>>,
    PlaceFlags<Split          , MirrorHas  <HostMayWriteSource, HostMayWriteTarget, ChangesRemembered>,
                                ReplicaHas <HostMayWriteSource, ChangesRemembered>>,
    PlaceFlags<Suspended      , MirrorHas  <HostMayWriteSource>,
                                ReplicaHas <HostMayWriteSource>>,
    PlaceFlags<Failedover     , MirrorHas  <HostMayWriteTarget>>,
    PlaceFlags<Aborted        , MirrorHas  <HostMayWriteSource, HostMayWriteTarget>,
                                ReplicaHas <HostMayWriteSource>>,
    PlaceFlags<Broken         , MirrorHas  <HostMayWriteSource>,
                                ReplicaHas <HostMayWriteSource>>,
    PlaceFlags<Skewed         , MirrorHas  <HostMayWriteSource, HostMayWriteTarget>,
                                ReplicaHas <HostMayWriteSource, HostMayWriteTarget>>,
    PlaceFlags<Restored       , MirrorHas  <HostMayWriteSource>,
                                ReplicaHas <HostMayWriteSource>>>;
// clang-format on

template <class P>
using Found = boost::mp11::mp_map_find<FlagTable, P>;
}  // namespace detail

template <class P>
using FlagsOf = typename boost::mp11::mp_if<
    std::is_void<detail::Found<P>>, boost::mp11::mp_identity<boost::mp11::mp_list<>>,
    boost::mp11::mp_defer<boost::mp11::mp_second, detail::Found<P>>>::type;

}  // namespace lockstep::machine::table
