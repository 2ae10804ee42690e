// What the name of a benchmark says: "read/random/bs:4KiB/qd:16" has the parameters bs and qd.
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace lockstep::report {

struct Parameter {
  std::string name;   // "bs"
  std::string shown;  // "4KiB"
  double value = 0;   // 4096; above 0
};
// Those parts of the name that have a number, perhaps with a unit of bytes or "%", in their order.
[[nodiscard]] std::vector<Parameter> parameters_of(const std::string& benchmark);
[[nodiscard]] std::optional<Parameter> parameter_of(const std::string& benchmark,
                                                    const std::string& name);
// The name with `text` in place of the parameter's value.
[[nodiscard]] std::string with_value(const std::string& benchmark, const Parameter& parameter,
                                     const std::string& text);
// "4 KiB", "64 TiB", "500 B"
[[nodiscard]] std::string bytes_text(double bytes);

}  // namespace lockstep::report
