// What the fixture's own files share.
#pragma once

#include "model/port/data_path.hpp"
#include "model/vocab/ids.hpp"
#include "model/vocab/units.hpp"
#include "properties/harness/fixture.hpp"

namespace lockstep::properties {

[[nodiscard]] Instant now() noexcept;

// One write, as the thread that made it noted it down.
struct Fixture::Written {
  ElementRef element;
  std::uint64_t first = 0;
  std::uint64_t blocks = 0;
  std::uint64_t sequence = 0;
  DataAnswer answer;
  Instant issued;
  Instant answered;
};

}  // namespace lockstep::properties
