// The rules that the oracle judges by besides the methods' clauses and the state machines'
// transitions, in words: what must be true of the bytes (DS-), of groups (G-) and of progress
// (PS-).
#pragma once

#include <span>
#include <string_view>

namespace lockstep::model {

struct Rule {
  std::string_view id;         // "DS-MS-14"
  std::string_view applies;    // to what, and when
  std::string_view statement;  // what must be true then
  std::string_view basis;      // what it follows from
};

// By id.
[[nodiscard]] std::span<const Rule> rules() noexcept;
// nullptr: no such rule.
[[nodiscard]] const Rule* find_rule(std::string_view id) noexcept;

}  // namespace lockstep::model
