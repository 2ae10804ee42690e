// Saved cases, as `lockstep replay` reads them. What can be read can be written, and reads the same
// again; its operations are possible in their order.
#include "properties/commands/plan.hpp"
#include "properties/harness/saved_case.hpp"
#include "target_impl/fuzz/input.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t bytes) {
  using namespace lockstep;
  using fuzz::expect;
  const std::string text(fuzz::as_text({data, bytes}));
  const auto read = properties::parse_case(text, "input");
  if (!read) {
    expect(read.error().origin == Origin::Config, "a bad case is the file's fault");
    return 0;
  }
  properties::Plan plan;
  for (const properties::Command& command : read.value().operations) {
    expect(plan.possible(command), "operations are possible in their order");
    plan.apply(command);
  }
  const auto again = properties::parse_case(properties::case_text(read.value()), "written");
  expect(again.has_value(), "a case that was written can be read");
  expect(again.value() == read.value(), "a case reads as it was written");
  return 0;
}
