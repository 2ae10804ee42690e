#include "conformance/suite/outcome.hpp"

#include "model/vocab/names.hpp"

#include <algorithm>

namespace lockstep::conformance {
namespace {

bool matches(const Token& token, const Outcome& outcome) noexcept {
  const Answer& answer = outcome.answer;
  const std::uint32_t code = number_of(answer.code);
  switch (token.kind) {
    case Token::Kind::Any:
      return true;
    case Token::Kind::CimStatus:
      return answer.cim_status && number_of(*answer.cim_status) == token.number;
    case Token::Kind::AnyFailure:
      return !answer.accepted();
    case Token::Kind::Code:
      return !answer.cim_status && code == token.number;
    case Token::Kind::Vendor:
      return !answer.cim_status && code >= kFirstVendorValue && code <= 0xFFFFU;
    case Token::Kind::AnyLegal:
      return !answer.cim_status && legal_return(outcome.method, code);
    case Token::Kind::JobSucceeds:
      return answer.started_job() && !outcome.job_failed();
    case Token::Kind::JobFails:
      return answer.started_job() && (outcome.job_failed() || !outcome.job_awaited);
  }
  return false;
}

std::string token_text(const Token& token) {
  switch (token.kind) {
    case Token::Kind::Any:
      return "any answer";
    case Token::Kind::CimStatus:
      return "CIM status " + std::to_string(token.number);
    case Token::Kind::AnyFailure:
      return "any refusal";
    case Token::Kind::Code:
      return std::to_string(token.number);
    case Token::Kind::Vendor:
      return "a vendor code";
    case Token::Kind::AnyLegal:
      return "a code of the method's set";
    case Token::Kind::JobSucceeds:
      return "4096 with a job that succeeds";
    case Token::Kind::JobFails:
      return "4096 with a job that fails";
  }
  return {};
}

std::string list_text(const std::vector<Token>& tokens) {
  std::string text;
  for (const Token& token : tokens) {
    if (!text.empty()) text += ", ";
    text += token_text(token);
  }
  return text;
}

bool any_matches(const std::vector<Token>& tokens, const Outcome& outcome) noexcept {
  return std::any_of(tokens.begin(), tokens.end(),
                     [&](const Token& token) { return matches(token, outcome); });
}

}  // namespace

bool ended_well(const JobView& job) noexcept {
  const auto& status = job.operational_status;
  return job.state == JobState::Completed &&
         std::find(status.begin(), status.end(), OperationalStatus::Error) == status.end();
}

bool Outcome::succeeded() const noexcept {
  if (answer.completed()) return true;
  return answer.started_job() && job_awaited && (!job || ended_well(*job));
}

bool Outcome::job_failed() const noexcept {
  return answer.started_job() && job_awaited && job && !ended_well(*job);
}

Standing standing(const Clause& clause, const Outcome& outcome) noexcept {
  if (any_matches(clause.strict, outcome)) return Standing::Strict;
  if (any_matches(clause.tolerated, outcome)) return Standing::Tolerated;
  return Standing::Outside;
}

std::string set_text(const Clause& clause) {
  std::string text = "one of " + list_text(clause.strict);
  if (!clause.tolerated.empty()) text += "; tolerated " + list_text(clause.tolerated);
  return text;
}

std::string outcome_text(const Outcome& outcome) {
  std::string text = code_text(outcome.answer);
  if (!outcome.answer.started_job() || !outcome.job_awaited) return text;
  if (!outcome.job) return text + ", the job can no longer be found";
  text += ", the job ended in " + to_text(outcome.job->state);
  if (outcome.job->state == JobState::Completed && !ended_well(*outcome.job)) text += " with error";
  if (outcome.job->error_text) text += " (" + *outcome.job->error_text + ")";
  return text;
}

}  // namespace lockstep::conformance
