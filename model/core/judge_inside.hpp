// The parts of the judge. Each public method of Judge is a few calls to these.
#pragma once

#include "model/core/content.hpp"
#include "model/core/coverage_notes.hpp"
#include "model/core/judge.hpp"
#include "model/core/reporter.hpp"
#include "model/core/world.hpp"

namespace lockstep::model {

struct Judge::Inside {
  explicit Inside(std::shared_ptr<const Capabilities> given) : world(std::move(given)) {}

  World world;
  Content content;
  CoverageNotes coverage;
  Instant latest = kEver;  // the latest instant the judge has been told of
  Instant looked = kEver;  // when the last look was taken

  void heard(Instant at) {
    if (latest < at) latest = at;
  }
};

}  // namespace lockstep::model
