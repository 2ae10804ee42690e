// Histories, as `lockstep replay --history` reads them. What can be read can be written, reads the
// same again, and can be judged, whatever it says.
#include "properties/history/history_file.hpp"
#include "target_impl/fuzz/input.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t bytes) {
  using namespace lockstep;
  using fuzz::expect;
  const auto read = properties::parse_history(std::string(fuzz::as_text({data, bytes})), "input");
  if (!read) {
    expect(read.error().origin == Origin::Config, "a bad history is the file's fault");
    return 0;
  }
  const auto written = properties::history_text(read.value());
  expect(written.has_value(), "a history that was read can be written");
  const auto again = properties::parse_history(written.value(), "written");
  expect(again.has_value(), "a history that was written can be read");
  expect(properties::history_text(again.value()).value() == written.value(),
         "a history reads as it was written");
  static_cast<void>(properties::judge(read.value().history));
  return 0;
}
