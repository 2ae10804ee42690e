// What the oracle has to say about an answer, an observation or a block.
#pragma once

#include "model/vocab/ids.hpp"

#include <string>
#include <vector>

namespace lockstep::model {

enum class Severity : std::uint8_t {
  Warning,    // tolerated by the specification or only inferred; conforms
  Violation,  // does not conform
};

struct Finding {
  Severity severity = Severity::Violation;
  ClauseId clause;  // "CER-34", "DS-SN-01", "MRS-04", "T-010"
  std::string
      subject;  // "CreateElementReplica(SyncType=9)", "relationship r1", "volume v2, LBA 17"
  std::string expected;  // "one of 1, 5"
  std::string observed;  // "0 Success"
  friend bool operator==(const Finding&, const Finding&) = default;
};
using Findings = std::vector<Finding>;

[[nodiscard]] bool has_violation(const Findings& findings) noexcept;

}  // namespace lockstep::model
