// The version of the suite; a change of any verdict raises it.
#pragma once

namespace lockstep::cli {
inline constexpr const char* kVersion = "0.1.0";
// What was built: "6807a12c03d1", "6807a12c03d1-dirty", or "unknown" outside a git repository.
extern const char* const kRevision;
// The member of a run's configuration that holds it.
inline constexpr const char* kRevisionMember = "revision";
}  // namespace lockstep::cli
