#include "model/vocab/names.hpp"

namespace lockstep {

std::string number_text(std::uint64_t number) {
  std::string text = std::to_string(number);
  if (number >= kFirstVendorValue && number <= 0xFFFF) text += " (vendor specific)";
  return text;
}

}  // namespace lockstep
