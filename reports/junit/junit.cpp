// JUnit XML, as CI systems read it: counts at both levels, skips that are skips, and an error for a
// run that nobody should take for green (nothing ran, or cut off).
#include "reports/render.hpp"
#include "reports/text/escape.hpp"
#include "reports/text/grouping.hpp"
#include "reports/text/words.hpp"

#include <fmt/format.h>

#include <cmath>

namespace lockstep::report {
namespace {

constexpr std::size_t kMaxSteps = 200;

struct Suite {
  std::string name;
  std::string cases = {};
  std::uint64_t tests = 0;
  std::uint64_t failures = 0;
  std::uint64_t errors = 0;
  std::uint64_t skipped = 0;
  double seconds = 0;
};

std::string attribute(std::string_view name, std::string_view value) {
  return fmt::format(" {}=\"{}\"", name, escape_attribute(value));
}

std::string counts(const Suite& suite) {
  return fmt::format(" tests=\"{}\" failures=\"{}\" errors=\"{}\" skipped=\"{}\" time=\"{:.6f}\"",
                     suite.tests, suite.failures, suite.errors, suite.skipped, suite.seconds);
}

std::string body_of(const CaseRecord& record) {
  std::string text;
  const auto add = [&](std::string_view name, const std::string& value) {
    if (!value.empty()) text += fmt::format("{}: {}\n", name, value);
  };
  add("does", record.does);
  add("requires", record.requires_text);
  add("violated clause", record.violated_clause);
  add("expected", record.expected);
  add("observed", record.observed);
  text += steps_text(record, kMaxSteps);
  add("replay", record.replay);
  return text;
}

// One failure, error or skipped element.
std::string outcome(std::string_view element, std::string_view type, std::string_view message,
                    const std::string& body) {
  return fmt::format("      <{}{}{}>{}</{}>\n", element, attribute("type", type),
                     attribute("message", message), escape(body), element);
}

void add_case(Suite& suite, const CaseRecord& record) {
  const double seconds = static_cast<double>(record.duration_us) / 1e6;
  ++suite.tests;
  suite.seconds += seconds;
  suite.cases += fmt::format("    <testcase{}{} time=\"{:.6f}\">\n", attribute("name", record.id),
                             attribute("classname", suite.name), seconds);
  const char* verdict = to_text(record.verdict);
  const std::string message = record.message.empty() ? "no reason was recorded" : record.message;
  if (!record.excuse.empty()) {
    // As CI systems have it: an expected failure is neither red nor green.
    ++suite.skipped;
    suite.cases += fmt::format(
        "      <skipped{}/>\n",
        attribute("message", fmt::format("expected {}: {}; {}", verdict, record.excuse, message)));
  } else if (record.verdict == Verdict::Fail) {
    ++suite.failures;
    const std::string& clause = record.violated_clause;
    suite.cases += outcome("failure", clause.empty() ? verdict : clause, message, body_of(record));
  } else if (is_skip(record.verdict)) {
    ++suite.skipped;
    suite.cases += fmt::format("      <skipped{}/>\n",
                               attribute("message", fmt::format("{}: {}", verdict, message)));
  } else if (!is_pass(record.verdict)) {
    ++suite.errors;
    suite.cases += outcome("error", verdict, message, body_of(record));
  }
  std::string notes = record.verdict == Verdict::Warning ? "warning: " + record.message + "\n" : "";
  for (const std::string& note : record.notes) notes += note + "\n";
  if (!notes.empty())
    suite.cases += fmt::format("      <system-out>{}</system-out>\n", escape(notes));
  suite.cases += "    </testcase>\n";
}

void add_benchmark(Suite& suite, const BenchmarkRecord& record) {
  const double seconds = std::isfinite(record.real_time_ns) ? record.real_time_ns / 1e9 : 0;
  ++suite.tests;
  suite.seconds += seconds;
  suite.cases += fmt::format("    <testcase{}{} time=\"{:.9f}\">\n", attribute("name", record.name),
                             attribute("classname", suite.name), seconds);
  if (!record.error.empty()) {
    ++suite.errors;
    suite.cases += outcome("error", "benchmark", record.error, "");
  }
  suite.cases += "    </testcase>\n";
}

// Of the run itself: CI must not see green where there is nothing to see.
Suite run_suite(const Run& run) {
  Suite suite{.name = "run"};
  const auto add = [&](std::string_view name, std::string_view message) {
    ++suite.tests;
    ++suite.errors;
    suite.cases += fmt::format("    <testcase{} classname=\"run\" time=\"0\">\n{}    </testcase>\n",
                               attribute("name", name), outcome("error", name, message, ""));
  };
  if (!run.summary) add("cut-off", "the run was cut off before its end");
  if (run.summary) {
    for (const std::string& problem : run.summary->problems) add("baseline", problem);
  }
  if (run.benchmarks.empty() && summarise(run.cases).overall == Overall::NothingRan) {
    add("nothing-ran", "no case was carried out");
  }
  return suite;
}

std::vector<Suite> suites_of(const Run& run) {
  std::vector<Suite> suites;
  for (const Section& section : sections_of(run)) {
    Suite& suite = suites.emplace_back(Suite{.name = section.title});
    for (const CaseRecord* record : section.cases) add_case(suite, *record);
  }
  if (!run.benchmarks.empty()) {
    Suite& suite = suites.emplace_back(Suite{.name = "benchmarks"});
    for (const BenchmarkRecord& record : run.benchmarks) add_benchmark(suite, record);
  }
  Suite last = run_suite(run);
  if (last.tests > 0) suites.push_back(std::move(last));
  return suites;
}

std::string properties_of(const RunHeader& header) {
  std::string text = "    <properties>\n";
  const auto add = [&](std::string_view name, std::string_view value) {
    if (value.empty()) return;
    text +=
        fmt::format("      <property{}{}/>\n", attribute("name", name), attribute("value", value));
  };
  add("run", header.run_id);
  add("command", header.command);
  add("provider", header.provider_spec);
  add("provider.organisation", header.provider_organisation);
  add("provider.product", header.provider_product);
  add("provider.version", header.provider_version);
  add("suite.version", header.suite_version);
  add("seed", fmt::format("{}", header.seed));
  for (const auto& [name, value] : header.configuration) add("configuration." + name, value);
  for (const auto& [name, value] : header.host) add("host." + name, value);
  return text + "    </properties>\n";
}

}  // namespace

std::string to_junit(const Run& run) {
  const std::vector<Suite> suites = suites_of(run);
  Suite total;
  std::string body;
  const std::string properties = properties_of(run.header);
  for (const Suite& suite : suites) {
    total.tests += suite.tests;
    total.failures += suite.failures;
    total.errors += suite.errors;
    total.skipped += suite.skipped;
    total.seconds += suite.seconds;
    body += fmt::format("  <testsuite{}{}{}>\n{}{}  </testsuite>\n", attribute("name", suite.name),
                        attribute("timestamp", run.header.started_utc), counts(suite), properties,
                        suite.cases);
  }
  return fmt::format(
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites{}{}>\n{}</testsuites>\n",
      attribute("name", "lockstep " + run.header.command), counts(total), body);
}

}  // namespace lockstep::report
