#include "model/core/reporter.hpp"

#include <algorithm>
#include <array>
#include <cstdint>

namespace lockstep::model {
namespace {

constexpr std::array<std::string_view, 43> kWeak{
    "GEN-06", "GEN-08", "GEN-10", "GEN-13", "GEN-15", "GEN-19", "CER-42", "CER-43", "CER-44",
    "CER-45", "CER-46", "CER-50", "CLR-13", "CLR-40", "CLR-48", "CLR-49", "CLR-50", "CGE-56",
    "MCR-38", "MCR-39", "MCR-40", "ATT-19", "ATT-20", "ATT-21", "ATT-22", "ATT-23", "ATT-28",
    "ATT-29", "MLS-07", "AMB-05", "GAT-02", "GAT-08", "GRR-03", "GRR-05", "CAP-04", "CAP-06",
    "CAP-19", "CAP-20", "JOB-10", "LCS-13", "SMR-02",
    // What this model calls the inferred tables of progress and percentages.
    "PS-01", "PS-02"};

// Short texts as numbers, which compare faster.
constexpr std::uint64_t packed(std::string_view text) {
  std::uint64_t number = 0;
  for (const char letter : text) number = number << 8 | static_cast<unsigned char>(letter);
  return number;
}

constexpr auto kWeakPacked = [] {
  std::array<std::uint64_t, kWeak.size()> numbers{};
  std::ranges::transform(kWeak, numbers.begin(), packed);
  std::ranges::sort(numbers);
  return numbers;
}();

// A provider that lies about everything must not drown the run.
constexpr std::size_t kMostFindings = 200;

}  // namespace

bool is_weak(std::string_view clause) noexcept {
  return clause.size() <= sizeof(std::uint64_t) &&
         std::ranges::binary_search(kWeakPacked, packed(clause));
}

void Reporter::add(Severity severity, std::string_view clause, std::string subject,
                   std::string expected, std::string observed) {
  ++said_;
  if (out_->size() >= kMostFindings) return;
  Finding finding{severity, ClauseId{std::string(clause)}, std::move(subject), std::move(expected),
                  std::move(observed)};
  if (std::ranges::find(*out_, finding) == out_->end()) out_->push_back(std::move(finding));
}

void Reporter::breach(std::string_view clause, std::string subject, std::string expected,
                      std::string observed) {
  add(is_weak(clause) ? Severity::Warning : Severity::Violation, clause, std::move(subject),
      std::move(expected), std::move(observed));
}

void Reporter::warn(std::string_view clause, std::string subject, std::string expected,
                    std::string observed) {
  add(Severity::Warning, clause, std::move(subject), std::move(expected), std::move(observed));
}

}  // namespace lockstep::model
