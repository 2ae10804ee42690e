// Collects findings, with the severity that the clause's level demands.
#pragma once

#include "model/core/findings.hpp"

#include <cstddef>
#include <string>
#include <string_view>

namespace lockstep::model {

// The clause is only inferred ("shall^i") or a recommendation ("should"): a breach is a warning.
[[nodiscard]] bool is_weak(std::string_view clause) noexcept;

class Reporter {
 public:
  explicit Reporter(Findings& out) : out_(&out) {}

  // A breach: Violation, or Warning when the clause is weak.
  void breach(std::string_view clause, std::string subject, std::string expected,
              std::string observed);
  // Conforms, but is worth saying.
  void warn(std::string_view clause, std::string subject, std::string expected,
            std::string observed);

  // How often something was said, kept or not.
  [[nodiscard]] std::size_t said() const noexcept { return said_; }

 private:
  void add(Severity severity, std::string_view clause, std::string subject, std::string expected,
           std::string observed);

  Findings* out_;
  std::size_t said_ = 0;
};

}  // namespace lockstep::model
