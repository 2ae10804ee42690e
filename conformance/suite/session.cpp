#include "conformance/suite/session.hpp"

#include "conformance/suite/pauses.hpp"
#include "model/vocab/names.hpp"

#include <algorithm>
#include <utility>

namespace lockstep::conformance {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::seconds kPatience{8};

std::string joined(const std::vector<std::string>& lines) {
  std::string text;
  for (const std::string& line : lines) text += (text.empty() ? "" : "; ") + line;
  return text;
}

std::string codes_text(const std::set<std::uint32_t>& codes) {
  std::string text;
  for (const std::uint32_t code : codes) text += (text.empty() ? "" : ", ") + std::to_string(code);
  return text;
}

}  // namespace

Session::Session(Setup setup) : setup_(std::move(setup)) {}

Instant Session::now() {
  const auto since = Clock::now().time_since_epoch();
  return Instant{std::chrono::duration_cast<std::chrono::nanoseconds>(since).count()};
}

void Session::begin() {
  setup_.ledger->doing("looking at the provider");
  auto inventory = look_quietly();
  if (!inventory) stop_with(report::Verdict::Error, inventory.error().message);
  seen_ = std::move(inventory).value();
  custody_ = Custody(objects_of(seen_));
  setup_.oracle->adopt(seen_);
}

std::string Session::unique_name() {
  constexpr std::size_t kLongestPrefix = 40;
  return setup_.name_prefix.substr(0, kLongestPrefix) + "-" + std::to_string(next_name_++);
}

AccessPointRef Session::known_access_point() {
  if (!setup_.known.local_access_point) not_testable("no access point of the provider is known");
  return *setup_.known.local_access_point;
}

SettingRef Session::known_setting_goal() {
  if (setup_.known.target_setting_goal) return *setup_.known.target_setting_goal;
  for (const ElementView& element : seen_.elements) {
    if (element.setting) return *element.setting;
  }
  not_testable("no setting goal of the provider is known");
}

void Session::check_abandoned() const {
  if (setup_.abandoned != nullptr && setup_.abandoned->load()) throw Stop{};
  if (ending_ || !setup_.stop_requested || !setup_.stop_requested()) return;
  if (setup_.stopped != nullptr) *setup_.stopped = true;
  throw Stop{};
}

void Session::stop_with(report::Verdict verdict, const std::string& message) {
  setup_.ledger->raise(verdict, message);
  throw Stop{};
}

void Session::not_supported(const std::string& reason) {
  stop_with(report::Verdict::NotSupported, reason);
}

void Session::not_testable(const std::string& reason) {
  stop_with(report::Verdict::NotTestable, reason);
}

void Session::inconclusive(const std::string& reason) {
  stop_with(report::Verdict::Inconclusive, reason);
}

void Session::take(const model::Findings& findings) {
  bool violated = false;
  for (const model::Finding& finding : findings) {
    if (finding.severity == model::Severity::Violation) {
      violated = true;
      setup_.ledger->violation(finding.clause.text, names_.shorten(finding.subject),
                               names_.shorten(finding.expected), names_.shorten(finding.observed));
    } else {
      setup_.ledger->warning(names_.shorten(finding.clause.text + ", " + finding.subject +
                                            ": expected " + finding.expected + ", observed " +
                                            finding.observed));
    }
  }
  if (violated && !ending_) throw Stop{};
}

Result<Inventory> Session::look_quietly() {
  setup_.ledger->call_leaves();
  auto inventory = setup_.provider->inventory();
  setup_.ledger->call_is_back();
  return inventory;
}

Inventory Session::look() {
  check_abandoned();
  auto inventory = look_quietly();
  if (!inventory) stop_with(report::Verdict::Error, inventory.error().message);
  seen_ = std::move(inventory).value();
  take(setup_.oracle->observed(seen_, now()));
  return seen_;
}

void Session::record_step(const Request& request, const Answer& answer, const std::string& model) {
  report::StepRecord step;
  step.operation = names_.text(request);
  step.answered = names_.text(answer);
  step.expected = setup_.oracle->allowed(request).text();
  step.model = model;
  setup_.ledger->step(std::move(step));
}

// The answer; without one, the case ends.
Answer Session::ask(const Request& request) {
  setup_.ledger->call_leaves();
  auto answer = setup_.provider->invoke(request);
  setup_.ledger->call_is_back();
  if (answer) return std::move(answer).value();
  setup_.ledger->step({names_.text(request), "no answer: " + answer.error().message, "", "", true});
  // A call that a guard kept back was never made.
  const bool kept_back = answer.error().origin == Origin::Usage;
  stop_with(kept_back ? report::Verdict::NotTestable : report::Verdict::Error,
            answer.error().message);
}

Outcome Session::call(const Request& request) {
  check_abandoned();
  setup_.ledger->doing(names_.text(request));
  const Instant issued = now();
  const Answer answer = ask(request);
  return finish_call(request, answer, issued, now());
}

Outcome Session::finish_call(const Request& request, const Answer& answer, Instant issued,
                             Instant answered) {
  custody_.answered(request, answer);
  // The step states what was allowed before the oracle has followed the answer.
  record_step(request, answer, "");
  auto after = look_quietly();
  if (!after) stop_with(report::Verdict::Error, after.error().message);
  seen_ = std::move(after).value();
  custody_.seen(seen_);
  Outcome outcome;
  outcome.method = method_of(request);
  outcome.answer = answer;
  outcome.after = seen_;
  if (answer.job) {
    if (const JobView* job = seen_.find(*answer.job)) outcome.job = *job;
  }
  const auto findings = setup_.oracle->answered(request, answer, {issued, answered}, seen_);
  if (model::has_violation(findings)) {
    setup_.ledger->step(
        {"the model holds", names_.shorten(joined(setup_.oracle->describe())), "", "", false});
  }
  take(findings);
  return outcome;
}

Outcome Session::perform(const Request& request) {
  Outcome outcome = call(request);
  await_job(outcome);
  return outcome;
}

bool Session::out_of_time(Clock::time_point since) const {
  const auto present = Clock::now();
  return present - since > kPatience || present > setup_.deadline;
}

void Session::await_job(Outcome& outcome) {
  if (!outcome.answer.started_job() || outcome.job_awaited) return;
  if (!outcome.answer.job) {
    outcome.job_awaited = true;  // GEN-05 is the oracle's to report.
    return;
  }
  const JobRef ref = *outcome.answer.job;
  setup_.ledger->doing("waiting for job " + names_.of(ref));
  const auto since = Clock::now();
  Pauses pauses;
  for (;;) {
    if (outcome.job && outcome.job->finished()) break;
    if (out_of_time(since)) {
      stop_with(report::Verdict::Error, "job " + names_.of(ref) + ": expected to end within " +
                                            std::to_string(kPatience.count()) + " s, still " +
                                            (outcome.job ? to_text(outcome.job->state) : "unseen"));
    }
    pauses.pause();
    const Inventory inventory = look();
    const JobView* job = inventory.find(ref);
    if (job == nullptr) {
      if (outcome.job) {
        setup_.ledger->warning("GEN-12, job " + names_.of(ref) +
                               ": expected to stay readable after its end, it is gone");
      }
      outcome.job.reset();
      break;
    }
    outcome.job = *job;
  }
  outcome.job_awaited = true;
  outcome.after = look();
  custody_.seen(outcome.after);
  report::StepRecord step;
  step.operation = "wait for " + names_.of(ref);
  step.answered = outcome.job ? to_text(outcome.job->state) : "gone";
  setup_.ledger->step(std::move(step));
}

Outcome Session::probe(const Request& request) {
  check_abandoned();
  const Instant issued = now();
  const Answer given = ask(request);
  const Instant answered = now();
  const auto allowed = setup_.oracle->allowed(request);
  const auto verdict = allowed.judge(given);
  if (given.accepted() || given.job) {
    Outcome outcome = finish_call(request, given, issued, answered);
    await_job(outcome);
    return outcome;
  }
  if (verdict == model::AllowedCodes::Verdict::Violation) {
    record_step(request, given, "");
    const std::string clause = allowed.clauses.empty() ? "GEN-01" : allowed.clauses.front().text;
    setup_.ledger->violation(clause, names_.text(request), "one of " + allowed.text(),
                             code_text(given));
    throw Stop{};
  }
  if (verdict == model::AllowedCodes::Verdict::Tolerated) {
    setup_.ledger->warning(names_.text(request) + ": " + code_text(given) + " is only tolerated");
  }
  Outcome outcome;
  outcome.method = method_of(request);
  outcome.answer = given;
  return outcome;
}

std::optional<RelationshipView> Session::await_state(const std::string& clause,
                                                     const RelationshipRef& relationship,
                                                     const std::set<CopyState>& states) {
  setup_.ledger->doing("waiting for a state of " + names_.of(relationship));
  const auto since = Clock::now();
  Pauses pauses;
  for (;;) {
    const Inventory inventory = look();
    const RelationshipView* view = inventory.find(relationship);
    if (view == nullptr) return std::nullopt;
    if (view->copy_state && states.contains(*view->copy_state)) {
      setup_.ledger->step({"wait for a state of " + names_.of(relationship),
                           to_text(*view->copy_state), "", "", false});
      return *view;
    }
    if (out_of_time(since)) {
      if (clause.empty()) {
        inconclusive(names_.of(relationship) + " did not reach the state that the case builds on");
      }
      std::string wanted;
      for (const CopyState state : states) wanted += (wanted.empty() ? "" : ", ") + to_text(state);
      const std::string found = view->copy_state ? to_text(*view->copy_state) : "no CopyState";
      if (!expect(clause, false,
                  names_.of(relationship) + " in one of " + wanted + " within " +
                      std::to_string(kPatience.count()) + " s",
                  found)) {
        return *view;
      }
    }
    pauses.pause();
  }
}

ElementRef Session::volume(BlockCount blocks) {
  CreateVolumeRequest request;
  request.element_name = unique_name();
  request.blocks = blocks;
  const Outcome outcome = perform(request);
  if (outcome.succeeded() && outcome.answer.target_element) return *outcome.answer.target_element;
  if (outcome.answer.code == ReturnCode::NotSupported) {
    not_testable("the provider cannot make volumes: " + outcome_text(outcome));
  }
  inconclusive("a volume of " + std::to_string(blocks.value) +
               " blocks could not be made: " + outcome_text(outcome));
}

std::vector<ElementRef> Session::volumes(std::size_t count, BlockCount blocks) {
  std::vector<ElementRef> made;
  for (std::size_t i = 0; i < count; ++i) made.push_back(volume(blocks));
  return made;
}

Level Session::level_of(const std::string& clause) {
  const bool listed =
      std::find(setup_.clauses.begin(), setup_.clauses.end(), clause) != setup_.clauses.end();
  const Clause* known = find_clause(clause);
  if (listed && known != nullptr) return known->level;
  stop_with(report::Verdict::Error, "clause " + clause +
                                        ": expected one that the case lists and the catalogue "
                                        "holds; correct the case");
}

bool Session::expect(const std::string& clause, bool condition, const std::string& expected,
                     const std::string& observed) {
  const Level level = level_of(clause);
  if (condition) return true;
  if (is_binding(level)) {
    setup_.ledger->violation(clause, "what was seen", expected, observed);
    if (!ending_) throw Stop{};
    return false;
  }
  setup_.ledger->warning(clause + " (" + to_text(level) + "): expected " + expected +
                         ", observed " + observed);
  setup_.ledger->last_step_differs();
  return false;
}

void Session::expect_code(const std::string& clause, Outcome& outcome) {
  static_cast<void>(level_of(clause));
  await_job(outcome);
  const Clause& known = *find_clause(clause);
  switch (standing(known, outcome)) {
    case Standing::Strict:
      return;
    case Standing::Tolerated:
      setup_.ledger->warning(clause + ": expected " + set_text(known) + ", observed " +
                             outcome_text(outcome));
      return;
    case Standing::Outside:
      expect(clause, false, set_text(known), outcome_text(outcome));
  }
}

void Session::expect_one_of(const std::string& clause, const Outcome& outcome,
                            const std::set<std::uint32_t>& strict,
                            const std::set<std::uint32_t>& tolerated) {
  const std::uint32_t code = number_of(outcome.answer.code);
  const bool answered = !outcome.answer.cim_status;
  if (!answered && !strict.contains(0)) {
    setup_.ledger->warning(clause + ": refused with " + outcome_text(outcome));
    return;
  }
  if (answered && tolerated.contains(code)) {
    setup_.ledger->warning(clause + ": " + outcome_text(outcome) + " is only tolerated");
    return;
  }
  const std::string expected = "one of " + codes_text(strict) +
                               (tolerated.empty() ? "" : "; tolerated " + codes_text(tolerated));
  expect(clause, answered && strict.contains(code), expected, outcome_text(outcome));
}

void Session::need(const Outcome& outcome) {
  const bool good = outcome.job_awaited ? outcome.succeeded() : outcome.accepted();
  if (!good) {
    inconclusive("the case builds on " + to_text(outcome.method) +
                 ", which was refused: " + outcome_text(outcome));
  }
}

}  // namespace lockstep::conformance
