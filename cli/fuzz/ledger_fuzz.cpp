// The ledger of what a run made on somebody else's array, as sweep reads it: nothing may be read
// that the lines do not say.
#include "conformance/providers/guarded/resource_ledger.hpp"
#include "target_impl/fuzz/input.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t bytes) {
  using namespace lockstep;
  using fuzz::expect;
  fuzz::Input input(data, bytes);
  const std::string text(fuzz::as_text(input.take(bytes)));
  const auto read = conformance::parse_resources(text, "fuzz");
  if (!read) return 0;
  const conformance::ResourceState& state = read.value();
  expect(!state.header.run_id.empty(), "a ledger is of a run");
  for (const auto& [element, name] : state.names) {
    expect(state.made.elements.contains(element), "a name is of something that was made");
  }
  for (const auto& [number, call] : state.unanswered) {
    expect(number <= state.last_call, "no call is later than the last");
  }
  // Half a line at the end says nothing.
  const auto cut = conformance::parse_resources(text.substr(0, text.rfind('\n') + 1), "fuzz");
  expect(cut.has_value(), "the whole lines of a ledger are a ledger");
  expect(cut.value().made == state.made, "half a line takes nothing away");
  return 0;
}
