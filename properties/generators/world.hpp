// What a generator knows of the provider: what it says it can do, and which faults it takes.
#pragma once

#include "model/port/fault_port.hpp"
#include "model/vocab/capabilities.hpp"

#include <set>

namespace lockstep::properties {

struct World {
  Capabilities capabilities;
  std::set<FaultKind> faults;
  bool has_data_path = true;
  std::size_t max_operations = 20;
};

}  // namespace lockstep::properties
