// lockstep explain: what an id means and who tests it.
#include "cli/commands.hpp"
#include "cli/console.hpp"
#include "cli/exit_codes.hpp"
#include "conformance/clauses/catalogue.hpp"
#include "conformance/providers/factory.hpp"
#include "conformance/suite/runner.hpp"
#include "model/core/rules.hpp"
#include "model/vocab/names.hpp"
#include "statemachine/machine.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

namespace lockstep::cli {
namespace {

std::string token_text(const conformance::Token& token) {
  using Kind = conformance::Token::Kind;
  switch (token.kind) {
    case Kind::Code:
      return fmt::format("{} {}", token.number, to_text(static_cast<ReturnCode>(token.number)));
    case Kind::CimStatus:
      return fmt::format("CIM status {}", token.number);
    case Kind::JobSucceeds:
      return "4096 and the job succeeds";
    case Kind::JobFails:
      return "4096 and the job fails";
    case Kind::Vendor:
      return "a vendor code";
    case Kind::AnyLegal:
      return "any code of the method";
    case Kind::AnyFailure:
      return "any failing code";
    case Kind::Any:
      break;
  }
  return "any outcome";
}

std::string tokens_text(const std::vector<conformance::Token>& tokens) {
  std::string text;
  for (const conformance::Token& token : tokens)
    text += (text.empty() ? "" : "; ") + token_text(token);
  return text.empty() ? "-" : text;
}

void print_planted_bugs(const std::string& id) {
  for (const conformance::FaultyProvider& faulty : conformance::faulty_providers()) {
    if (std::ranges::find(faulty.clauses, id) != faulty.clauses.end()) {
      print(fmt::format("  planted bug  faulty:{}: {}", faulty.name, faulty.description));
    }
  }
}

bool explain_rule(const std::string& id) {
  const model::Rule* rule = model::find_rule(id);
  if (rule == nullptr) return false;
  print(fmt::format("{}  (rule of the oracle)\n  {}: {}\n", coloured(Colour::Bold, id),
                    rule->applies, rule->statement));
  print(fmt::format("  source       {}", rule->basis));
  print_planted_bugs(id);
  return true;
}

bool explain_clause(const std::string& id) {
  const conformance::Clause* clause = conformance::find_clause(id);
  if (clause == nullptr) return false;
  print(fmt::format("{}  ({})\n  {}\n", coloured(Colour::Bold, clause->id),
                    conformance::to_text(clause->level), clause->statement));
  print(fmt::format("  conforming   {}", tokens_text(clause->strict)));
  print(fmt::format("  tolerated    {}", tokens_text(clause->tolerated)));
  print(fmt::format("  seen in      {}", clause->observable));
  print(fmt::format("  source       {}", clause->source));
  print(fmt::format("  freedom      {}", clause->freedom));
  if (!clause->untestable.empty()) print(fmt::format("  untestable   {}", clause->untestable));
  for (const conformance::CaseInfo& info : conformance::list_cases()) {
    if (std::ranges::find(info.clauses, id) != info.clauses.end()) {
      print(fmt::format("  case         {}: {}", info.id, info.does));
    }
  }
  print_planted_bugs(id);
  return true;
}

bool explain_case(const std::string& id) {
  for (const conformance::CaseInfo& info : conformance::list_cases()) {
    if (info.id != id) continue;
    print(fmt::format("{}  ({})", coloured(Colour::Bold, info.id), info.level));
    print(fmt::format("  does      {}", info.does));
    print(fmt::format("  requires  {}", info.requires_text));
    for (const std::string& clause : info.clauses) {
      const conformance::Clause* found = conformance::find_clause(clause);
      print(fmt::format("  {:<8}  {}", clause, found != nullptr ? found->statement : ""));
    }
    print(fmt::format("  run it    lockstep conform {}", info.id));
    return true;
  }
  return false;
}

std::string place_text(const machine::Place& place) { return place ? to_text(*place) : "(none)"; }

bool explain_transition(const std::string& id) {
  bool found = false;
  for (const machine::MachineKind kind : all_values<machine::MachineKind>()) {
    for (const machine::Row& row : machine::rows(kind)) {
      if (row.id != id) continue;
      found = true;
      print(fmt::format("{} {:<14} {} --{}--> {}{}", row.id, to_text(kind), place_text(row.from),
                        to_text(row.event), place_text(row.to),
                        row.certainty == machine::Certainty::Either ? "  (either)" : ""));
    }
  }
  return found;
}

bool explain_provider(const std::string& id) {
  for (const conformance::FaultyProvider& faulty : conformance::faulty_providers()) {
    if (faulty.name != id && "faulty:" + faulty.name != id) continue;
    print(fmt::format("{}\n  {}", coloured(Colour::Bold, "faulty:" + faulty.name),
                      faulty.description));
    for (const std::string& clause : faulty.clauses) print("  caught by  " + clause);
    print(fmt::format("  see it     lockstep check --provider faulty:{}", faulty.name));
    return true;
  }
  return false;
}

std::vector<std::string> known_ids() {
  std::vector<std::string> ids;
  for (const conformance::Clause& clause : conformance::catalogue()) ids.push_back(clause.id);
  for (const model::Rule& rule : model::rules()) ids.emplace_back(rule.id);
  for (const conformance::CaseInfo& info : conformance::list_cases()) ids.push_back(info.id);
  for (const conformance::FaultyProvider& faulty : conformance::faulty_providers())
    ids.push_back(faulty.name);
  return ids;
}

}  // namespace

int run(const ExplainOptions& options) {
  if (explain_clause(options.id) || explain_rule(options.id) || explain_case(options.id) ||
      explain_transition(options.id) || explain_provider(options.id)) {
    return kAsExpected;
  }
  print_error(fmt::format(
      "explain: expected the id of a clause, rule, case, transition or faulty provider, found "
      "'{}'; did you mean '{}'? `lockstep list clauses`, `list rules` and `list cases` show them "
      "all",
      options.id, nearest(options.id, known_ids())));
  return kUsage;
}

}  // namespace lockstep::cli
