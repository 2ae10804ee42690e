// The sections of the characterization page, each as a text that is empty where the runs have
// nothing of the kind. Internal.
#pragma once

#include "reports/html/loads.hpp"
#include "reports/record/record.hpp"

#include <string>
#include <vector>

namespace lockstep::report::html {

using Runs = std::vector<Run>;

// The few figures that say most, large; and the switches of paths, targets and runs.
[[nodiscard]] std::string highlights(const Loads& loads);
[[nodiscard]] std::string switches(const Loads& loads);
// Plots.
[[nodiscard]] std::string by_depth(const Loads& loads);
[[nodiscard]] std::string by_size(const Loads& loads);
[[nodiscard]] std::string distributions(const Loads& loads);
[[nodiscard]] std::string over_time(const Loads& loads);
[[nodiscard]] std::string copies_over_time(const Runs& runs);
[[nodiscard]] std::string growths(const Runs& runs);
// Bars.
[[nodiscard]] std::string shares_of_limits(const Runs& runs, const Loads& loads);
[[nodiscard]] std::string costs(const Loads& loads);
[[nodiscard]] std::string copies(const Runs& runs);
// Every record, to look at and to take away.
[[nodiscard]] std::string raw_data(const Runs& runs);

}  // namespace lockstep::report::html
