// Whether the gate, on this machine and with whatever else that does, sees a tenth more time and
// sees nothing where there is nothing: trials of two programs that measure the real data path, one
// of which burns a tenth on top (gate_subject.cpp). It takes half an hour, and minutes more on a
// machine that is busy.
//
// usage: gate_trials SUBJECT SLOWER_SUBJECT [slower|same] [TRIALS]
//   Without the third word, both. Exits with 1 where more than one trial in 20 ended wrong.
#include "bench/compare/comparison.hpp"
#include "bench/compare/in_turn.hpp"
#include "bench/process/child.hpp"

#include <cstdio>
#include <cstdlib>
#include <optional>
#include <string>

namespace lockstep::bench::compare {
namespace {

constexpr int kTrials = 20;
constexpr int kUsage = 64;

// As `lockstep gate --programs` judges, with its defaults.
Result<Comparison> judge(const std::string& base, const std::string& fresh) {
  LOCKSTEP_TRY(const auto folder, ScratchFolder::make());
  const Thresholds thresholds;
  const CompareOptions options{.in_turn = true};
  const auto judged = [&](const Runs& runs) {
    return compare_runs(runs.base, runs.fresh, &runs.again, thresholds, options);
  };
  InTurnOptions in_turn;
  in_turn.base_program = base;
  in_turn.new_program = fresh;
  in_turn.folder = folder.path();
  in_turn.is_enough = [&](const Runs& runs) {
    const auto comparison = judged(runs);
    return !comparison || comparison.value().count(Verdict::Undecided) == 0;
  };
  LOCKSTEP_TRY(const auto runs, measure_in_turn(in_turn));
  return judged(runs);
}

// How many of the trials end with an alarm, each told as it ends; nothing: one could not be made.
std::optional<int> alarms_in(int trials, const char* what, const std::string& base,
                             const std::string& fresh) {
  int alarms = 0;
  for (int trial = 1; trial <= trials; ++trial) {
    const auto comparison = judge(base, fresh);
    if (!comparison) {
      std::fprintf(stderr, "%s\n", comparison.error().message.c_str());
      return std::nullopt;
    }
    if (comparison.value().fails()) ++alarms;
    std::printf("%s, trial %d of %d:", what, trial, trials);
    for (const Row& row : comparison.value().rows) {
      std::printf("  %s %+.1f %%", to_text(row.verdict), row.change.log_ratio * 100);
    }
    std::printf("; alarms so far: %d\n", alarms);
    std::fflush(stdout);
  }
  return alarms;
}

int run(int count, char** words) {
  const std::string which = count > 3 ? words[3] : "";
  const int trials = count > 4 ? std::atoi(words[4]) : kTrials;
  if (count < 3 || trials < 1 || (count > 3 && which != "slower" && which != "same")) {
    std::fprintf(stderr, "usage: gate_trials SUBJECT SLOWER_SUBJECT [slower|same] [TRIALS]\n");
    return kUsage;
  }
  const int most_wrong = (trials + kTrials - 1) / kTrials;
  bool good = true;
  if (which != "same") {
    const auto alarms = alarms_in(trials, "a tenth slower", words[1], words[2]);
    good = alarms && *alarms >= trials - most_wrong;
  }
  if (which != "slower") {
    const auto alarms = alarms_in(trials, "the same", words[1], words[1]);
    good = good && alarms && *alarms <= most_wrong;
  }
  return good ? 0 : 1;
}

}  // namespace
}  // namespace lockstep::bench::compare

int main(int count, char** words) { return lockstep::bench::compare::run(count, words); }
