// What happens to a mirror besides what is asked, and what its mode changes. Source: T-012..T-014,
// T-017, T-049.
#pragma once

#include "statemachine/backend/row.hpp"

namespace lockstep::machine::table::mirror {

// clang-format off
using TargetWrittenRows = Rows<
//       id        source         event               arrives at
//      +-------+--------------+-------------------+----------------------+
    Row <"T-017" , Inactive     , on::TargetWritten , Skewed, Inactive     >,
    Row <"T-017" , Synchronized , on::TargetWritten , Skewed, Synchronized >,
    Row <"T-017" , Fractured    , on::TargetWritten , Skewed, Fractured    >,
    Row <"T-017" , Split        , on::TargetWritten , Skewed, Split        >,
    Row <"T-017" , Aborted      , on::TargetWritten , Skewed, Aborted      >>;

using SynchronousRows = Rows<
//       id        source         event               arrives at
//      +-------+--------------+-------------------+--------------+
    Row <"T-013" , Synchronized , on::SourceWritten , Synchronized >>;

using AsynchronousRows = Rows<
//       id        source         event               arrives at
//      +-------+--------------+-------------------+------------------------------+
    Row <"T-012" , Synchronized , on::SourceWritten , Synchronized, Unsynchronized >>;

using SkewRows = Rows<
//       id        source           event              arrives at
//      +-------+----------------+------------------+------------------------------+
    Row <"T-014" , Unsynchronized , on::SkewExceeded , Synchronized, Unsynchronized >,
    Row <"T-014" , Synchronized   , on::SkewExceeded , Synchronized, Unsynchronized >>;

using LinkRows = Rows<
//       id        source       event                   arrives at
//      +-------+------------+-----------------------+---------------------------------+
    Row <"T-049" , Fractured  , on::LinkLostSeparated , Fractured, Broken, Partitioned  >,
    Row <"T-049" , Split      , on::LinkLostSeparated , Split, Broken, Partitioned      >,
    Row <"T-049" , Failedover , on::LinkLostSeparated , Failedover, Broken, Partitioned >,
    Row <"T-049" , Aborted    , on::LinkLostSeparated , Aborted, Broken, Partitioned    >,
    Row <"T-049" , Skewed     , on::LinkLostSeparated , Skewed, Broken, Partitioned     >>;
// clang-format on

}  // namespace lockstep::machine::table::mirror
