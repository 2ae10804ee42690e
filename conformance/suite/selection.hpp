// Which cases run: what people type, as a value, and the cases that it chooses.
#pragma once

#include "model/vocab/error.hpp"

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace lockstep::conformance {

struct Case;

// A selector is a case id, a clause id, a section ("CER"), the name of a method, a prefix or glob
// of an id, or KEY:VALUE, where KEY is case, clause, method, section, level, feature or tag and
// VALUE may be a glob.
struct Selection {
  std::vector<std::string> select{};  // any of these; empty: everything
  // Of each of these lists, too, any selector must choose the case.
  std::vector<std::vector<std::string>> narrow{};
  // Only these cases, by id: those of an earlier run.
  std::optional<std::vector<std::string>> only{};
  std::vector<std::string> exclude{};  // chosen all the same, and recorded as Disabled
  // Part `shard` of `shards` parts: every shards-th of the chosen cases, from the shard-th on.
  std::size_t shard = 1;
  std::size_t shards = 1;
};

struct Chosen {
  const Case* subject = nullptr;
  bool disabled = false;
  std::size_t index = 0;  // among all that the selection chooses, whatever the shard
};

// In the order of `cases`, which they borrow. Nothing chosen, or a selector that chooses nothing:
// Origin::Usage, naming it and the nearest that exist. A selector that cannot be read:
// Origin::Config.
[[nodiscard]] Result<std::vector<Chosen>> choose(const std::vector<Case>& cases,
                                                 const Selection& selection);

// Each "@FILE" replaced by the selectors in that file: one a line, `#` begins a comment, blank
// lines count for nothing. Not readable, larger than 1 MiB, or naming a file itself:
// Origin::Config.
[[nodiscard]] Result<std::vector<std::string>> with_files(
    const std::vector<std::string>& selectors);

// The names that `feature:` knows the case by: what it needs of the provider.
[[nodiscard]] std::vector<std::string> features_of(const Case& subject);
// Its own tags, "bytes" when it reads or writes volumes, "faults" when it needs faults.
[[nodiscard]] std::vector<std::string> tags_of(const Case& subject);

}  // namespace lockstep::conformance
