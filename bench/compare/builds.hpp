// Two builds of the project's own sources, for comparing a working tree with a revision.
#pragma once

#include "model/vocab/error.hpp"

#include <functional>
#include <string>

namespace lockstep::bench::compare {

struct Builds {
  std::string base_program;
  std::string new_program;
};

struct BuildOptions {
  std::string sources = ".";  // inside the clone; the new build is of what stands there
  std::string revision;       // the base build: anything that git takes for a commit
  std::string folder;         // for the base revision's sources and build, and logs; must exist
  std::function<void(const std::string&)> progress;
};

// Builds both with the release preset. The clone's own build folder is used for the new one; the
// base revision is checked out inside `folder`, and the clone forgets about it when this returns.
// No clone, no such revision, a build that fails: Origin::Config, naming the step and its output.
[[nodiscard]] Result<Builds> build_both(const BuildOptions& options);

}  // namespace lockstep::bench::compare
