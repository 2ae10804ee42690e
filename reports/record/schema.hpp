// What a line of records.jsonl may be, for programs of others.
#pragma once

#include <string>

namespace lockstep::report {

// JSON Schema (draft 2020-12), pretty-printed; docs/records.schema.json holds the same. Members may
// be added without a new version, and readers pass over those that they do not know.
[[nodiscard]] std::string schema();

}  // namespace lockstep::report
