#include "bench/peers/series.hpp"

#include "bench/measure.hpp"

#include <algorithm>
#include <utility>

namespace lockstep::bench::peers {

Series::Rows& Series::rows_of(const std::string& target) {
  const auto found = std::find_if(rows_.begin(), rows_.end(),
                                  [&](const Rows& rows) { return rows.target == target; });
  if (found != rows_.end()) return *found;
  rows_.push_back({target, {}, {}, 0, {}});
  return rows_.back();
}

void Series::add(const std::string& target, Figures figures, std::uint64_t iterations,
                 double iteration_ns) {
  Rows& rows = rows_of(target);
  rows.rounds.push_back(std::move(figures));
  rows.iteration_ns.push_back(iteration_ns);
  rows.iterations += iterations;
}

void Series::fail(const std::string& target, const std::string& why) {
  rows_of(target).error = why;
}

void Series::add_ratios(const Rows& rows, report::BenchmarkRecord& record) const {
  for (const std::string& name : references_) {
    if (name == rows.target) return;
    const auto reference =
        std::find_if(rows_.begin(), rows_.end(), [&](const Rows& r) { return r.target == name; });
    if (reference != rows_.end()) add_ratios(rows, *reference, record);
  }
}

void Series::add_ratios(const Rows& rows, const Rows& reference,
                        report::BenchmarkRecord& record) const {
  for (const std::string& name : compared_) {
    std::vector<double> ratios;
    for (std::size_t i = 0; i < std::min(rows.rounds.size(), reference.rounds.size()); ++i) {
      const auto ours = rows.rounds[i].find(name);
      const auto theirs = reference.rounds[i].find(name);
      if (ours == rows.rounds[i].end() || theirs == reference.rounds[i].end()) continue;
      if (theirs->second > 0) ratios.push_back(ours->second / theirs->second);
    }
    if (ratios.empty()) continue;
    const std::string key = name + "_vs_" + reference.target;
    record.counters[key + "_min"] = *std::min_element(ratios.begin(), ratios.end());
    record.counters[key + "_max"] = *std::max_element(ratios.begin(), ratios.end());
    record.counters[key] = median(std::move(ratios));
  }
}

std::vector<report::BenchmarkRecord> Series::records() const {
  std::vector<report::BenchmarkRecord> records;
  for (const Rows& rows : rows_) {
    report::BenchmarkRecord record;
    record.name = name_ + "/target:" + rows.target;
    record.group = "peers";
    record.error = rows.error;
    record.iterations = rows.iterations;
    record.repetitions = static_cast<std::uint32_t>(rows.rounds.size());
    record.real_time_ns = median(rows.iteration_ns);
    std::map<std::string, std::vector<double>> by_name;
    for (const Figures& figures : rows.rounds) {
      for (const auto& [name, value] : figures) by_name[name].push_back(value);
    }
    for (auto& [name, values] : by_name) record.counters[name] = median(std::move(values));
    if (rows.error.empty()) add_ratios(rows, record);
    records.push_back(std::move(record));
  }
  return records;
}

}  // namespace lockstep::bench::peers
