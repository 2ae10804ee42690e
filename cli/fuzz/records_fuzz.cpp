// A run's records, line by line, as every report reads them. What can be read can be written, and
// reads the same again.
#include "reports/record/store.hpp"
#include "target_impl/fuzz/input.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t bytes) {
  using namespace lockstep;
  using fuzz::expect;
  fuzz::Input input(data, bytes);
  while (!input.empty()) {
    const auto read = report::parse_json_line(fuzz::as_text(input.take_until('\n')));
    if (!read) continue;
    const std::string written = report::to_json_line(read.value());
    expect(written.find('\n') == std::string::npos, "a record is one line");
    const auto again = report::parse_json_line(written);
    expect(again.has_value(), "a record that was written can be read");
    expect(report::to_json_line(again.value()) == written, "a record reads as it was written");
  }
  return 0;
}
