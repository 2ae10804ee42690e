// The lines between harness and adapter, both sides. What can be read can be written, and reads the
// same again.
//
// Input: a byte that chooses what the line answers (or that it is a call), one that chooses a
// method, then the line.
#include "model/vocab/names.hpp"
#include "model/wire/fields.hpp"
#include "model/wire/lines/messages.hpp"
#include "target_impl/fuzz/input.hpp"

namespace {

using namespace lockstep;
using fuzz::expect;

void read_call(std::string_view line) {
  const auto read = lines::read_call(line);
  const auto* call = std::get_if<lines::NumberedCall>(&read);
  if (call == nullptr) return;
  const auto written = lines::write_call(*call);
  expect(written.has_value(), "a call that was read can be written");
  const auto again = lines::read_call(written.value());
  const auto* same = std::get_if<lines::NumberedCall>(&again);
  expect(same != nullptr && *same == *call, "a call reads as it was written");
}

void read_answer(std::string_view line, const lines::Call& call) {
  constexpr std::uint64_t kId = 7;
  const auto read = lines::read_answer(line, {kId, call});
  if (!read) return;
  const auto* told = std::get_if<lines::Told>(&read.value());
  if (told == nullptr) return;
  const std::string written = lines::write_answer(kId, call, *told);
  const auto again = lines::read_answer(written, {kId, call});
  expect(again.has_value(), "an answer that was written can be read");
  const auto* same = std::get_if<lines::Told>(&again.value());
  expect(same != nullptr && *same == *told, "an answer reads as it was written");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t bytes) {
  fuzz::Input input(data, bytes);
  const std::uint8_t choice = input.byte();
  const auto methods = all_values<Method>();
  const Method method = methods[input.byte() % methods.size()];
  const std::string_view line = fuzz::as_text(input.take(input.left()));
  switch (choice % 6) {
    case 0:
      read_call(line);
      break;
    case 1:
      read_answer(line, lines::HelloCall{});
      break;
    case 2:
      read_answer(line, lines::CapabilitiesCall{});
      break;
    case 3:
      read_answer(line, lines::InventoryCall{});
      break;
    case 4:
      read_answer(line, lines::InvokeCall{wire::empty_request(method)});
      break;
    default:
      read_answer(line, lines::InjectCall{});
  }
  return 0;
}
