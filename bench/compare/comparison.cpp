#include "bench/compare/comparison.hpp"

#include "bench/measure.hpp"

#include <algorithm>
#include <cmath>
#include <optional>
#include <span>

namespace lockstep::bench::compare {
namespace {

constexpr std::size_t kMostSamples = 200;

const report::BenchmarkRecord* find(const report::Run& run, const std::string& name) {
  const auto found = std::ranges::find(run.benchmarks, name, &report::BenchmarkRecord::name);
  return found == run.benchmarks.end() ? nullptr : &*found;
}

// What was measured of one figure; empty when it was not, or when logarithms make no sense of it.
std::vector<double> samples_of(const report::BenchmarkRecord* record, const std::string& figure) {
  if (record == nullptr || !record->error.empty()) return {};
  const auto found = record->samples.find(figure);
  if (found == record->samples.end() || found->second.size() > kMostSamples) return {};
  const auto usable = [](double value) { return std::isfinite(value) && value > 0; };
  return std::ranges::all_of(found->second, usable) ? found->second : std::vector<double>{};
}

Change change_between(const std::vector<double>& base, const std::vector<double>& fresh,
                      bool in_turn) {
  return in_turn && base.size() == fresh.size() ? change_of_rounds(base, fresh)
                                                : change_of_runs(base, fresh);
}

// How far the same build is from itself.
double noise_between(const std::vector<double>& base, const std::vector<double>& again,
                     bool in_turn) {
  if (!again.empty()) return std::abs(change_between(base, again, in_turn).log_ratio);
  std::vector<double> even;
  std::vector<double> odd;
  for (std::size_t at = 0; at < base.size(); ++at) (at % 2 == 0 ? even : odd).push_back(base[at]);
  return odd.empty() ? 0 : std::abs(change_of_runs(even, odd).log_ratio);
}

// Both runs of the base build as one: of each round the geometric mean, or all samples.
std::vector<double> whole_base(std::vector<double> base, const std::vector<double>& again,
                               bool in_turn) {
  if (!in_turn) {
    base.insert(base.end(), again.begin(), again.end());
    base.resize(std::min(base.size(), kMostSamples));
  } else if (again.size() == base.size()) {
    for (std::size_t round = 0; round < base.size(); ++round) {
      base[round] = std::sqrt(base[round] * again[round]);
    }
  }
  return base;
}

Status same_machine(const report::Run& one, const report::Run& other) {
  if (one.header.host == other.header.host) return ok();
  for (const char* what : {"cpu", "cores", "kernel"}) {
    const auto text = [&](const report::Run& run) {
      const auto found = run.header.host.find(what);
      return found == run.header.host.end() ? std::string("nothing") : found->second;
    };
    if (text(one) == text(other)) continue;
    return config_error("runs " + one.header.run_id + " and " + other.header.run_id +
                        ": expected one machine, found " + what + " '" + text(one) + "' and '" +
                        text(other) + "'; measure both on one machine");
  }
  return config_error("runs " + one.header.run_id + " and " + other.header.run_id +
                      ": expected one machine, found different descriptions of it");
}

struct Sides {
  const report::BenchmarkRecord* base;
  const report::BenchmarkRecord* fresh;
  const report::BenchmarkRecord* again;
};

// Everything but the verdicts that depend on p, which is adjusted once all rows are there.
Row measured_row(const Sides& sides, const std::string& name, const Thresholds::Limit& limit,
                 const CompareOptions& options) {
  Row row;
  row.benchmark = name;
  row.figure = limit.figure;
  row.worse_percent = limit.worse_percent;
  const auto base = samples_of(sides.base, limit.figure);
  const auto fresh = samples_of(sides.fresh, limit.figure);
  row.base_median = median(base);
  row.new_median = median(fresh);
  if (base.empty()) {
    row.note = "the base run has no repetitions of it to compare with";
    return row;
  }
  if (fresh.empty()) {
    row.verdict = Verdict::Missing;
    row.note = "the new run has no such figure";
    return row;
  }
  const auto again = samples_of(sides.again, limit.figure);
  row.change = change_between(whole_base(base, again, options.in_turn), fresh, options.in_turn);
  row.noise = noise_between(base, again, options.in_turn);
  return row;
}

// The row of a benchmark whose presence or failure is already the verdict.
std::optional<Row> row_by_presence(const Sides& sides, const std::string& name) {
  Row row;
  row.benchmark = name;
  row.figure = report::kRealTimeNs;
  const bool base_failed = sides.base != nullptr && !sides.base->error.empty();
  if (sides.fresh == nullptr) {
    row.verdict = Verdict::Missing;
    row.note = "the new run has no such benchmark";
  } else if (!sides.fresh->error.empty()) {
    row.verdict = base_failed ? Verdict::Undecided : Verdict::NewlyFailing;
    row.note = (base_failed ? "fails on both sides: " : "") + sides.fresh->error;
  } else if (sides.base == nullptr || base_failed) {
    row.verdict = Verdict::New;
    if (base_failed) row.note = "the base run failed: " + sides.base->error;
  } else {
    return std::nullopt;
  }
  return row;
}

void judge(Row& row, double least_p, double alpha) {
  if (row.verdict == Verdict::Missing || !row.note.empty()) return;
  if (least_p > alpha) {
    row.note = "too few repetitions to rule chance out";
    return;
  }
  const double limit = std::max(std::log1p(row.worse_percent / 100), row.noise);
  const bool more_is_worse = !more_is_better(row.figure);
  const double worsening = more_is_worse ? row.change.log_ratio : -row.change.log_ratio;
  const double worst_case = more_is_worse ? row.change.high : -row.change.low;
  if (row.change.p <= alpha && std::abs(worsening) > limit) {
    row.verdict = worsening > 0 ? Verdict::Worse : Verdict::Better;
  } else if (worst_case > limit) {
    row.note = "may be worse than the limit; measure more often or on a quieter machine";
  } else {
    row.verdict = Verdict::Same;
  }
}

}  // namespace

const char* to_text(Verdict verdict) noexcept {
  switch (verdict) {
    case Verdict::Better:
      return "better";
    case Verdict::Same:
      return "same";
    case Verdict::Worse:
      return "worse";
    case Verdict::New:
      return "new";
    case Verdict::Missing:
      return "missing";
    case Verdict::NewlyFailing:
      return "newly failing";
    case Verdict::Undecided:
      return "undecided";
  }
  return "undecided";
}

std::size_t Comparison::count(Verdict verdict) const {
  return static_cast<std::size_t>(std::ranges::count(rows, verdict, &Row::verdict));
}

bool Comparison::fails() const {
  return count(Verdict::Worse) + count(Verdict::Missing) + count(Verdict::NewlyFailing) > 0;
}

bool Comparison::is_green() const {
  return !rows.empty() && !fails() && count(Verdict::Undecided) == 0 &&
         count(Verdict::New) < rows.size();
}

Result<Comparison> compare_runs(const report::Run& base, const report::Run& fresh,
                                const report::Run* again, const Thresholds& thresholds,
                                const CompareOptions& options) {
  LOCKSTEP_TRY(same_machine(base, fresh));
  if (again != nullptr) {
    LOCKSTEP_TRY(same_machine(base, *again));
  }
  std::vector<std::string> names;
  for (const report::Run* run : {&base, &fresh}) {
    for (const report::BenchmarkRecord& record : run->benchmarks) {
      if (std::ranges::find(names, record.name) == names.end()) names.push_back(record.name);
    }
  }
  Comparison comparison;
  comparison.in_turn = options.in_turn;
  comparison.alpha = options.alpha;
  std::vector<std::size_t> measured;
  std::vector<double> p_values;
  for (const std::string& name : names) {
    const Sides sides{find(base, name), find(fresh, name),
                      again == nullptr ? nullptr : find(*again, name)};
    if (auto row = row_by_presence(sides, name)) {
      comparison.rows.push_back(std::move(*row));
      continue;
    }
    for (const Thresholds::Limit& limit : thresholds.limits_of(name)) {
      measured.push_back(comparison.rows.size());
      comparison.rows.push_back(measured_row(sides, name, limit, options));
      p_values.push_back(comparison.rows.back().change.p);
    }
  }
  adjust_for_number(p_values);
  for (std::size_t at = 0; at < measured.size(); ++at) {
    Row& row = comparison.rows[measured[at]];
    row.change.p = p_values[at];
    const auto base_count = samples_of(find(base, row.benchmark), row.figure).size();
    const auto new_count = samples_of(find(fresh, row.benchmark), row.figure).size();
    const double least = options.in_turn && base_count == new_count
                             ? least_p_of_rounds(base_count)
                             : least_p_of_runs(base_count, new_count);
    judge(row, least * static_cast<double>(measured.size()), options.alpha);
  }
  return comparison;
}

}  // namespace lockstep::bench::compare
