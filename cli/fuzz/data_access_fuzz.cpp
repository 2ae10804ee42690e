// Rules of data access, as a run reads them: whatever is taken for a rule has what it needs.
#include "conformance/providers/data_access/rules.hpp"
#include "target_impl/fuzz/input.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t bytes) {
  using namespace lockstep;
  using fuzz::expect;
  using By = conformance::DataAccessRule::By;
  fuzz::Input input(data, bytes);
  const auto read = conformance::parse_data_access_rules(fuzz::as_text(input.take(bytes)), "fuzz");
  if (!read) return 0;
  expect(read.value().command_time.count() > 0, "a command has time");
  for (const auto& rule : read.value().rules) {
    expect(!rule.volumes.empty(), "a rule is for some volumes");
    expect((rule.by == By::Name) == !rule.url.empty(), "a URL goes by name");
    expect((rule.by == By::Command) == !rule.command.empty(), "a command has a program");
  }
  expect(!conformance::to_text(read.value().rules).empty(), "rules have words");
  return 0;
}
