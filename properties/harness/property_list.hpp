// The properties of this room as data: their ids, and the clauses that each can find violated.
#pragma once

#include <string>
#include <vector>

namespace lockstep::properties {

struct PropertyInfo {
  std::string id;
  std::vector<std::string> clauses;
  std::string does;
  std::string requires_text;
};

// P-REGRESSIONS, P-SMALL-SCOPE, P-LOCKSTEP; in the order in which they run.
[[nodiscard]] const std::vector<PropertyInfo>& list_properties();
[[nodiscard]] const PropertyInfo& property_info(const std::string& id);

}  // namespace lockstep::properties
