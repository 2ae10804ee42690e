// A file of expected results, as every run with --baseline reads it. What can be read can be
// written, and reads the same again.
#include "conformance/suite/baseline.hpp"
#include "target_impl/fuzz/input.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t bytes) {
  using namespace lockstep;
  using fuzz::expect;
  fuzz::Input input(data, bytes);
  const auto read = conformance::parse_baseline(fuzz::as_text(input.take(bytes)), "fuzz");
  if (!read) return 0;
  const std::string written = conformance::to_text(read.value());
  const auto again = conformance::parse_baseline(written, "fuzz");
  expect(again.has_value(), "a baseline that was written can be read");
  expect(again.value().entries.size() == read.value().entries.size(), "no entry is lost");
  expect(conformance::to_text(again.value()) == written, "a baseline reads as it was written");
  return 0;
}
