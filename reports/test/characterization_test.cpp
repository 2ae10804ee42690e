// Goal: the characterization page says what the records say, is whole in itself and well formed.
// Method: made-up runs; every value that the page marks as recorded is looked up, plots are checked
// against the heights of their marks, and the records are taken out of the page again.
#include "reports/record/store.hpp"
#include "reports/render.hpp"
#include "reports/test/sample_runs.hpp"
#include "reports/text/benchmark_name.hpp"
#include "reports/text/growth.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <numeric>
#include <regex>
#include <set>
#include <string>

namespace lockstep::report {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

BenchmarkRecord load(const std::string& path, bool writes, double bytes, double depth,
                     double speed) {
  BenchmarkRecord record;
  record.name = path + (writes ? "/write" : "/read") + (depth == 16 ? "/sequential" : "/random") +
                "/bs:" + std::to_string(static_cast<int>(bytes / 1024)) +
                "KiB/qd:" + std::to_string(static_cast<int>(depth));
  record.group = path.substr(0, path.find('/'));
  const double io = 40'000 * speed * std::pow(depth, 0.6) * std::pow(4096 / bytes, 0.4);
  const double p50 = depth / io * 1e6;
  record.real_time_ns = 1e9 / io;
  record.iterations = 1000;
  record.repetitions = 3;
  record.counters = {{"io_per_second", io},
                     {"bytes_per_second", io * bytes},
                     {"p50_us", p50},
                     {"p99_us", p50 * 2.5},
                     {"cpu_s_per_gib_target", 0.3 / speed},
                     {"cpu_s_per_gib_initiator", 0.2},
                     {"syscalls_per_io_target", 1 / depth},
                     {"switches_per_io_target", 0.01},
                     {kShareOfLimit, 0.3 * speed}};
  record.limit = "limit/tcp_stream/bs:4KiB";
  for (const char* percent : {"1", "50", "90", "99", "99.9", "100"}) {
    record.percentiles_us[percent] = p50 * (1 + std::stod(percent) / 80);
  }
  record.progress_interval_ms = 10;
  for (int i = 0; i < 30; ++i) record.progress.push_back(io * bytes / 100 * (1 + 0.1 * (i % 3)));
  return record;
}

Run measured_run(const std::string& id, double speed) {
  Run run = benchmark_run();
  run.header.run_id = id;
  run.benchmarks.clear();
  for (const char* path : {"data_path", "wire/tcp", "wire/bypass"}) {
    speed *= 1.7;
    for (const bool writes : {false, true}) {
      for (const double depth : {1.0, 4.0, 64.0}) {
        run.benchmarks.push_back(load(path, writes, 4096, depth, speed));
      }
      for (const double kib : {4.0, 16.0, 64.0, 256.0}) {
        run.benchmarks.push_back(load(path, writes, kib * 1024, 16, speed));
      }
    }
  }
  for (const double sessions : {1.0, 8.0, 64.0}) {
    BenchmarkRecord record;
    record.name = "scaling/sessions:" + std::to_string(static_cast<int>(sessions)) + "/read";
    record.group = "scaling";
    record.real_time_ns = 1000 * std::pow(sessions, 1.5);
    run.benchmarks.push_back(record);
  }
  BenchmarkRecord copy;
  copy.name = "copy/memcpy/bs:256KiB";
  copy.group = "copy";
  copy.counters["bytes_per_second"] = 4e9;
  copy.progress_interval_ms = 5;
  copy.progress = {20e6, 22e6, 21e6, 3e6};
  run.benchmarks.push_back(copy);
  copy.name = "copy/through_initiator/bs:256KiB/qd:8";
  copy.counters["bytes_per_second"] = 2e9 * speed;
  copy.progress = {8e6, 12e6, 11e6, 10e6, 12e6, 13e6};
  run.benchmarks.push_back(copy);
  BenchmarkRecord failed;
  failed.name = "copy/through_initiator/bs:1MiB/qd:4";
  failed.group = "copy";
  failed.error = "wrong data <b> written";
  run.benchmarks.push_back(failed);
  return run;
}

std::string unescaped(std::string text) {
  for (const auto& [from, to] : std::map<std::string, std::string>{
           {"&lt;", "<"}, {"&gt;", ">"}, {"&quot;", "\""}, {"&#39;", "'"}}) {
    for (std::size_t at = 0; (at = text.find(from, at)) != std::string::npos;) {
      text.replace(at, from.size(), to);
    }
  }
  for (std::size_t at = 0; (at = text.find("&amp;", at)) != std::string::npos; ++at) {
    text.replace(at, 5, "&");
  }
  return text;
}

double recorded_value(const BenchmarkRecord& record, const std::string& figure) {
  if (figure == kRealTimeNs) return record.real_time_ns;
  if (figure.starts_with("percentile ")) return record.percentiles_us.at(figure.substr(11));
  if (figure.starts_with("progress ")) return record.progress.at(std::stoul(figure.substr(9)));
  if (figure.starts_with("copied in ")) {
    const auto end = record.progress.begin() + std::stol(figure.substr(10));
    return std::accumulate(record.progress.begin(), end, 0.0);
  }
  return record.counters.at(figure);
}

struct Shown {
  double value;
  std::string run, benchmark, figure;
  double height = 0;  // of a mark, 0 at the top
};

std::vector<Shown> shown_in(const std::string& page, const std::string& before) {
  const std::regex pattern(
      before + R"re("([^"]*)" data-run="(\d+)" data-benchmark="([^"]*)" data-figure="([^"]*)")re");
  std::vector<Shown> all;
  for (std::sregex_iterator at(page.begin(), page.end(), pattern), end; at != end; ++at) {
    all.push_back({std::stod((*at)[1]), (*at)[2], unescaped((*at)[3]), (*at)[4]});
  }
  return all;
}

// How many values the page shows, each of them looked up.
std::size_t compare_with_records(const std::string& page, const std::vector<Run>& runs,
                                 const std::string& before, std::set<std::string>* figures) {
  const auto all = shown_in(page, before);
  for (const Shown& one : all) {
    const auto& records = runs.at(std::stoul(one.run)).benchmarks;
    const auto found = std::ranges::find(records, one.benchmark, &BenchmarkRecord::name);
    if (found == records.end()) {
      ADD_FAILURE() << "no record of " << one.benchmark;
      continue;
    }
    EXPECT_EQ(one.value, recorded_value(*found, one.figure)) << one.benchmark << ' ' << one.figure;
    figures->insert(one.figure);
  }
  return all.size();
}

TEST(Characterization, AgreesWithTheRecords) {
  const std::vector<report::Run> runs{measured_run("run-1", 1), measured_run("run-2", 1.1)};
  const std::string page = to_characterization(runs);
  std::set<std::string> figures;
  EXPECT_GT(compare_with_records(page, runs, "<data value=", &figures), 200U);
  EXPECT_GT(compare_with_records(page, runs, "data-value=", &figures), 200U);
  for (const char* figure :
       {"io_per_second", "bytes_per_second", "p50_us", "p99_us", "cpu_s_per_gib_target",
        "cpu_s_per_gib_initiator", "syscalls_per_io_target", "switches_per_io_target",
        kShareOfLimit, kRealTimeNs, "percentile 99.9", "copied in 6"}) {
    EXPECT_TRUE(figures.contains(figure)) << figure;
  }
}

// Within one plot, more is always higher up.
TEST(Characterization, DrawsMarksAtTheirHeights) {
  const std::string page = to_characterization({measured_run("run-1", 1)});
  const std::regex pattern(R"re(data-y="([^"]*)" data-value="([^"]*)")re");
  std::size_t plots = 0;
  for (std::size_t at = 0; (at = page.find("<svg", at)) != std::string::npos; ++at) {
    const std::string svg = page.substr(at, page.find("</svg>", at) - at);
    std::map<double, double> by_value;
    for (std::sregex_iterator mark(svg.begin(), svg.end(), pattern), end; mark != end; ++mark) {
      by_value[std::stod((*mark)[2])] = std::stod((*mark)[1]);
    }
    if (by_value.size() > 1) ++plots;
    double last = 1e9;
    for (const auto& [value, height] : by_value) {
      EXPECT_LE(height, last) << value;
      last = height;
    }
  }
  EXPECT_GE(plots, 12U);
}

TEST(Characterization, GivesTheRecordsBack) {
  const report::Run run = measured_run("run-1", 1);
  const std::string page = to_characterization({run});
  const std::string start = "href=\"data:application/x-ndjson;charset=utf-8,";
  const std::size_t begin = page.find(start) + start.size();
  const std::string encoded = page.substr(begin, page.find('"', begin) - begin);
  std::string lines;
  for (std::size_t at = 0; at < encoded.size(); ++at) {
    if (encoded[at] == '%') {
      lines += static_cast<char>(std::stoi(encoded.substr(at + 1, 2), nullptr, 16));
      at += 2;
    } else {
      lines += encoded[at];
    }
  }
  std::vector<Line> expected{Line{run.header}};
  for (const BenchmarkRecord& record : run.benchmarks) expected.emplace_back(record);
  expected.emplace_back(*run.summary);
  std::size_t at = 0;
  for (const Line& line : expected) {
    const std::size_t end = lines.find('\n', at);
    const auto parsed = parse_json_line(lines.substr(at, end - at));
    ASSERT_TRUE(parsed) << parsed.error().message;
    EXPECT_EQ(to_json_line(parsed.value()), to_json_line(line));
    at = end + 1;
  }
  EXPECT_EQ(at, lines.size());
}

TEST(Characterization, SaysWhatFailedAndWhatGrowsTooFast) {
  const std::string page = to_characterization({measured_run("run-1", 1)});
  EXPECT_THAT(page, HasSubstr("wrong data &lt;b&gt; written"));
  EXPECT_THAT(page, HasSubstr("✗ worse than linear"));
  EXPECT_THAT(page, HasSubstr("1.50"));
}

TEST(Characterization, WarnsOfDifferentMachines) {
  report::Run other = measured_run("run-2", 1);
  other.header.host["cpu"] = "another";
  EXPECT_THAT(to_characterization({measured_run("run-1", 1), other}),
              HasSubstr("cannot be compared"));
  EXPECT_THAT(to_characterization({measured_run("run-1", 1), measured_run("run-2", 1)}),
              Not(HasSubstr("cannot be compared")));
}

TEST(Growths, FitAPowerOfTheParameter) {
  const auto growths = growths_of(measured_run("run-1", 1).benchmarks);
  const auto sessions = std::ranges::find(growths, "scaling/sessions:*/read", &Growth::name);
  ASSERT_NE(sessions, growths.end());
  EXPECT_NEAR(sessions->exponent, 1.5, 1e-9);
  EXPECT_TRUE(sessions->is_worse_than_linear());
  EXPECT_EQ(sessions->points.size(), 3U);
  const auto sizes =
      std::ranges::find(growths, "wire/tcp/read/sequential/bs:*/qd:16", &Growth::name);
  ASSERT_NE(sizes, growths.end());
  EXPECT_NEAR(sizes->exponent, 0.4, 1e-9);
  EXPECT_FALSE(sizes->is_worse_than_linear());
}

TEST(Growths, NeedThreePointsAndAFactorOfFour) {
  std::vector<BenchmarkRecord> records(3);
  const auto named = [&](const char* a, const char* b, const char* c) {
    records[0].name = a;
    records[1].name = b;
    records[2].name = c;
    for (auto& record : records) record.real_time_ns = 1;
    return growths_of(records).size();
  };
  EXPECT_EQ(named("a/n:1", "a/n:2", "a/n:4"), 1U);
  EXPECT_EQ(named("a/n:1", "a/n:2", "a/n:3"), 0U);
  EXPECT_EQ(named("a/n:1", "a/n:2", "b/n:4"), 0U);
  EXPECT_EQ(named("a/n:1", "a/n:x", "a/n:4"), 0U);
}

TEST(BenchmarkNames, HaveParameters) {
  const auto all = parameters_of("scaling/volume:64TiB/read/dirty:25%/bs:4KiB/target:tgtd/qd:0");
  ASSERT_EQ(all.size(), 3U);
  EXPECT_EQ(all[0].value, 64.0 * 1099511627776);
  EXPECT_EQ(all[1].value, 25);
  EXPECT_EQ(all[2].value, 4096);
  EXPECT_EQ(with_value("x/bs:4KiB/qd:4", {"qd", "4", 4}, "*"), "x/bs:4KiB/qd:*");
  EXPECT_EQ(bytes_text(4096), "4 KiB");
  EXPECT_EQ(bytes_text(512), "512 B");
  EXPECT_THAT((std::vector{bytes_text(64.0 * 1099511627776), bytes_text(1536)}),
              ElementsAre("64 TiB", "1.50 KiB"));
}

}  // namespace
}  // namespace lockstep::report
