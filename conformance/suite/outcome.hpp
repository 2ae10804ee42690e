// What became of a call: the answer, the job it started, and what could be seen afterwards.
#pragma once

#include "conformance/clauses/catalogue.hpp"
#include "model/vocab/answers.hpp"
#include "model/vocab/methods.hpp"
#include "model/vocab/observations.hpp"

#include <optional>
#include <string>

namespace lockstep::conformance {

struct Outcome {
  Method method = Method::CreateElementReplica;
  Answer answer;
  // The job as last seen. Empty when none was started, or when it cannot be found any more.
  std::optional<JobView> job;
  bool job_awaited = false;  // the job was followed to its end (or to its disappearance)
  // Right after the answer, or right after the job's end when it was awaited.
  Inventory after;

  [[nodiscard]] bool accepted() const noexcept { return answer.accepted(); }
  // Finished at once, or by a job that succeeded. A job that has vanished counts as a success here;
  // its disappearance is judged elsewhere (GEN-12).
  [[nodiscard]] bool succeeded() const noexcept;
  [[nodiscard]] bool job_failed() const noexcept;
};

// GEN-11: Completed, and OperationalStatus does not say Error.
[[nodiscard]] bool ended_well(const JobView& job) noexcept;

// How the outcome stands to the outcome set of a clause.
enum class Standing : std::uint8_t { Strict, Tolerated, Outside };
[[nodiscard]] Standing standing(const Clause& clause, const Outcome& outcome) noexcept;

// "one of 5, CIM status 4; tolerated 1, 2, 4"
[[nodiscard]] std::string set_text(const Clause& clause);
// "0 Success", "4096 JobStarted, the job ended in Exception"
[[nodiscard]] std::string outcome_text(const Outcome& outcome);

}  // namespace lockstep::conformance
