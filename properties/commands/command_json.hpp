// Commands as JSON, both ways. The reader takes nothing for granted: every member must be known,
// have the right type and lie within bounds, and an error names the member at fault.
#pragma once

#include "model/vocab/error.hpp"
#include "properties/commands/command.hpp"

#include <boost/json/fwd.hpp>

namespace lockstep::properties {

[[nodiscard]] boost::json::value to_json(const Command& command);

// `where` is the member's place in the document, "operations[3]". Errors: Origin::Config.
[[nodiscard]] Result<Command> command_from_json(const boost::json::value& value,
                                                const std::string& where);

}  // namespace lockstep::properties
