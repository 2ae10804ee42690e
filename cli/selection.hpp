// The options that select cases, as the suite's Selection.
#pragma once

#include "cli/options.hpp"
#include "conformance/suite/selection.hpp"
#include "model/vocab/error.hpp"

namespace lockstep::cli {

// Reads the files and the earlier run that the options name. Cases of that run which this lockstep
// does not have are named on standard error. An earlier run without such a verdict, or a file
// without selectors: Origin::Usage.
[[nodiscard]] Result<conformance::Selection> selection_of(const SelectionOptions& options);

// Prints an error of selection_of or select_cases and returns its exit code: that of Usage is
// "nothing ran".
[[nodiscard]] int fail_selection(const Error& error);

}  // namespace lockstep::cli
