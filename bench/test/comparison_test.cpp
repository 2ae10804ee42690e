// The gate's verdicts over made-up runs: noise of the kind a shared machine has, drawn from a seed.
#include "bench/compare/comparison.hpp"

#include "bench/measure.hpp"
#include "bench/test/noise.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <random>

namespace lockstep::bench::compare {
namespace {

using testing::HasSubstr;

// Times around one nanosecond value, one in eight half as long again because something else ran.
// A figure is the median of three, as the figure of a round is.
class Machine {
 public:
  explicit Machine(std::uint64_t seed) : random_(seed) {}

  report::BenchmarkRecord measure(const std::string& name, double ns, std::size_t repetitions,
                                  double spread = 0.05) {
    report::BenchmarkRecord record;
    record.name = name;
    record.repetitions = static_cast<std::uint32_t>(repetitions);
    for (std::size_t at = 0; at < repetitions; ++at) {
      std::vector<double> three;
      for (int i = 0; i < 3; ++i) {
        const double disturbed = random_() % 8 == 0 ? 1.5 : 1;
        three.push_back(ns * disturbed * std::exp(spread * normal_noise(random_)));
      }
      record.samples[report::kRealTimeNs].push_back(median(three));
    }
    return record;
  }

 private:
  std::mt19937_64 random_;
};

report::Run run_of(std::vector<report::BenchmarkRecord> benchmarks) {
  report::Run run;
  run.header.run_id = "run-1";
  run.header.host = {{"cpu", "a cpu"}, {"cores", "2"}, {"kernel", "Linux 6"}};
  run.benchmarks = std::move(benchmarks);
  return run;
}

constexpr std::size_t kRounds = 16;

Comparison compare(const report::Run& base, const report::Run& fresh, const report::Run* again,
                   bool in_turn = true) {
  auto compared =
      compare_runs(base, fresh, again, Thresholds(), {.alpha = 0.01, .in_turn = in_turn});
  EXPECT_TRUE(compared) << compared.error().message;
  return compared ? std::move(compared).value() : Comparison();
}

// Verdicts over many benchmarks of one machine, each a trial of its own.
struct Trials {
  int worse = 0;
  int same = 0;
  int other = 0;
};

Trials trials(double ratio, std::size_t rounds, bool in_turn = true) {
  Trials counted;
  for (std::uint64_t seed = 1; seed <= 100; ++seed) {
    Machine machine(seed);
    const auto base = run_of({machine.measure("a", 1000, rounds)});
    const auto again = run_of({machine.measure("a", 1000, rounds)});
    const auto fresh = run_of({machine.measure("a", 1000 * ratio, rounds)});
    const auto compared = compare(base, fresh, &again, in_turn);
    const Verdict verdict = compared.rows.at(0).verdict;
    (verdict == Verdict::Worse  ? counted.worse
     : verdict == Verdict::Same ? counted.same
                                : counted.other)++;
    EXPECT_EQ(compared.fails(), verdict == Verdict::Worse);
    EXPECT_EQ(compared.is_green(), verdict == Verdict::Same || verdict == Verdict::Better);
  }
  return counted;
}

TEST(Comparison, CatchesATenth) {
  EXPECT_GE(trials(1.10, kRounds).worse, 80);
  EXPECT_EQ(trials(1.10, kRounds).same, 0);
  EXPECT_GE(trials(1.10, 2 * kRounds).worse, 98);
  EXPECT_GE(trials(1.10, kRounds, false).worse, 80);
}

TEST(Comparison, RaisesNoAlarmWhereNothingChanged) {
  EXPECT_EQ(trials(1.00, kRounds).worse, 0);
  EXPECT_GE(trials(1.00, 2 * kRounds).same, 95);
  EXPECT_EQ(trials(1.00, kRounds, false).worse, 0);
}

TEST(Comparison, LeavesChangesBelowTheLimitAlone) {
  EXPECT_LE(trials(1.02, kRounds).worse, 1);
  EXPECT_GE(trials(1.02, 3 * kRounds).same, 75);
}

TEST(Comparison, SeesWhatBecameFaster) {
  Machine machine(3);
  const auto base = run_of({machine.measure("a", 1000, kRounds)});
  const auto fresh = run_of({machine.measure("a", 700, kRounds)});
  const auto again = run_of({machine.measure("a", 1000, kRounds)});
  const auto compared = compare(base, fresh, &again);
  EXPECT_EQ(compared.rows.at(0).verdict, Verdict::Better);
  EXPECT_TRUE(compared.is_green());
  EXPECT_NEAR(std::exp(compared.rows.at(0).change.log_ratio), 0.7, 0.05);
}

TEST(Comparison, RatesAreBetterWhenTheyGrow) {
  auto base = run_of({Machine(1).measure("a", 1000, kRounds)});
  auto fresh = base;
  for (report::Run* run : {&base, &fresh}) {
    auto& samples = run->benchmarks[0].samples;
    samples["io_per_second"] = Machine(run == &base ? 4 : 5)
                                   .measure("", run == &base ? 1e6 : 8e5, kRounds)
                                   .samples[report::kRealTimeNs];
  }
  const auto thresholds = Thresholds::parse(
      "[[rule]]\nname = \"a\"\nfigure = \"io_per_second\"\nworse_percent = 5\n", "limits.toml");
  const auto compared = compare_runs(base, fresh, &base, thresholds.value(), {.in_turn = true});
  ASSERT_EQ(compared.value().rows.size(), 2U);
  EXPECT_EQ(compared.value().rows[0].verdict, Verdict::Same);
  EXPECT_EQ(compared.value().rows[1].verdict, Verdict::Worse);
}

TEST(Comparison, IsUndecidedWithTooFewRepetitions) {
  Machine machine(4);
  const auto base = run_of({machine.measure("a", 1000, 3)});
  const auto fresh = run_of({machine.measure("a", 2000, 3)});
  const auto compared = compare(base, fresh, nullptr, false);
  EXPECT_EQ(compared.rows.at(0).verdict, Verdict::Undecided);
  EXPECT_THAT(compared.rows.at(0).note, HasSubstr("too few repetitions"));
  EXPECT_FALSE(compared.fails());
  EXPECT_FALSE(compared.is_green());
}

TEST(Comparison, IsUndecidedWhereItMayBeWorse) {
  Machine machine(5);
  const auto base = run_of({machine.measure("a", 1000, kRounds, 0.5)});
  const auto again = run_of({machine.measure("a", 1000, kRounds, 0.5)});
  const auto fresh = run_of({machine.measure("a", 1000, kRounds, 0.5)});
  EXPECT_EQ(compare(base, fresh, &again).rows.at(0).verdict, Verdict::Undecided);
}

TEST(Comparison, NamesWhatIsMissingNewAndFailing) {
  Machine machine(6);
  auto base = run_of({machine.measure("kept", 10, kRounds, 0.005),
                      machine.measure("gone", 10, kRounds, 0.005),
                      machine.measure("broke", 10, kRounds, 0.005),
                      machine.measure("broken", 10, kRounds, 0.005)});
  auto fresh = run_of(
      {machine.measure("kept", 10, kRounds, 0.005), machine.measure("broke", 10, kRounds, 0.005),
       machine.measure("broken", 10, kRounds, 0.005), machine.measure("came", 10, kRounds, 0.005)});
  base.benchmarks[3].error = "no connection";
  fresh.benchmarks[1].error = fresh.benchmarks[2].error = "no connection";
  const auto compared = compare(base, fresh, &base);
  std::map<std::string, Verdict> verdicts;
  for (const Row& row : compared.rows) verdicts[row.benchmark] = row.verdict;
  EXPECT_EQ(verdicts["kept"], Verdict::Same);
  EXPECT_EQ(verdicts["gone"], Verdict::Missing);
  EXPECT_EQ(verdicts["broke"], Verdict::NewlyFailing);
  EXPECT_EQ(verdicts["broken"], Verdict::Undecided);
  EXPECT_EQ(verdicts["came"], Verdict::New);
  EXPECT_TRUE(compared.fails());
}

TEST(Comparison, IsNotGreenOverNothing) {
  EXPECT_FALSE(compare(run_of({}), run_of({}), nullptr).is_green());
  EXPECT_FALSE(
      compare(run_of({}), run_of({Machine(1).measure("a", 10, kRounds)}), nullptr).is_green());
}

TEST(Comparison, RefusesRunsOfDifferentMachines) {
  const auto base = run_of({});
  auto fresh = base;
  fresh.header.host["cpu"] = "another cpu";
  const auto compared = compare_runs(base, fresh, nullptr, Thresholds(), {});
  ASSERT_FALSE(compared);
  EXPECT_THAT(compared.error().message, HasSubstr("cpu 'a cpu' and 'another cpu'"));
}

TEST(Comparison, SkipsSamplesThatAreNoMeasurements) {
  Machine machine(7);
  const auto base = run_of({machine.measure("a", 10, kRounds)});
  auto fresh = base;
  fresh.benchmarks[0].samples[report::kRealTimeNs][3] = -1;
  EXPECT_EQ(compare(base, fresh, &base).rows.at(0).verdict, Verdict::Missing);
}

}  // namespace
}  // namespace lockstep::bench::compare
