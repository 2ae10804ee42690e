// The transitions that a provider is known to have taken. Most are taken again and again, and
// nobody asks before the end, so their texts are made only then.
#pragma once

#include "model/core/judge.hpp"
#include "model/core/step.hpp"

#include <cstdint>
#include <set>
#include <vector>

namespace lockstep::model {

class CoverageNotes {
 public:
  // False: the event does not lead from there to there.
  bool note(MachineKind kind, Place from, Event event, Place to);
  // The same for what happens by itself, whichever event it was.
  void note_unasked(MachineKind kind, Place from, Place to);

  [[nodiscard]] std::set<Judge::Coverage> entries() const;

 private:
  void add(std::uint32_t key);

  std::vector<std::uint32_t> noted_;  // packed, in ascending order
};

}  // namespace lockstep::model
