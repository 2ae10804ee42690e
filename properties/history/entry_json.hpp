// Entries of a history as JSON values, one a line. Internal.
#pragma once

#include "properties/history/history.hpp"

#include <boost/json/object.hpp>

#include <string>

namespace lockstep::properties {

[[nodiscard]] boost::json::value capabilities_to_json(const Capabilities& capabilities);
[[nodiscard]] Result<Capabilities> capabilities_from_json(const boost::json::value& line,
                                                          const std::string& where);
[[nodiscard]] Result<boost::json::object> entry_to_json(const History::Entry& entry);
[[nodiscard]] Result<History::Entry> entry_from_json(const boost::json::value& line,
                                                     const std::string& where);

}  // namespace lockstep::properties
