// A program for the gate to judge: it measures the real data path as `lockstep bench` does, and
// burns LOCKSTEP_PLANTED_PERCENT of each measurement's time on top. Only the trials of the gate run
// it.
//
// Takes the arguments with which the gate calls a build: bench --filter F --min-time-s S
// --repetitions N --out DIR. Exits as `lockstep bench` does.
#include "bench/load/traffic.hpp"
#include "bench/measure.hpp"
#include "bench/peers/contender.hpp"
#include "reports/record/store.hpp"

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <map>
#include <string>
#include <sys/utsname.h>
#include <tuple>
#include <utility>
#include <vector>

namespace lockstep::bench {
namespace {

using Clock = std::chrono::steady_clock;

constexpr double kPlanted = LOCKSTEP_PLANTED_PERCENT / 100.0;

void burn(std::chrono::nanoseconds duration) {
  const auto until = Clock::now() + duration;
  while (Clock::now() < until) {
  }
}

// Nanoseconds of one command.
Result<double> measure(const peers::Contender& target, load::Work work,
                       std::chrono::milliseconds duration) {
  LOCKSTEP_TRY(const auto traffic,
               load::Traffic::open({target.portal, target.target_name, target.first_lun}));
  work.warm_up = std::chrono::milliseconds{1};
  work.duration = duration;
  LOCKSTEP_TRY(const auto sample, traffic->run(work));
  const auto begin = Clock::now();
  burn(std::chrono::nanoseconds(static_cast<std::int64_t>(sample.seconds * kPlanted * 1e9)));
  const double burnt = std::chrono::duration<double>(Clock::now() - begin).count();
  return (sample.seconds + burnt) * 1e9 / static_cast<double>(sample.commands);
}

Result<std::vector<report::BenchmarkRecord>> run_subject(
    std::map<std::string, std::string>& arguments) {
  constexpr std::uint64_t kVolumeBytes = 8 << 20;
  constexpr std::uint32_t kSpinUs = 50;
  const auto duration = std::chrono::milliseconds(
      static_cast<std::int64_t>(1000 * std::stod(arguments["--min-time-s"])));
  const auto repetitions = static_cast<std::uint32_t>(std::stoul(arguments["--repetitions"]));
  LOCKSTEP_TRY(const auto target, peers::start_own_target(kVolumeBytes, kSpinUs));
  LOCKSTEP_TRY(const auto filling,
               load::Traffic::open({target.portal, target.target_name, target.first_lun}));
  LOCKSTEP_TRY(filling->fill());
  std::vector<report::BenchmarkRecord> records;
  for (const auto& [name, bytes, depth] :
       {std::tuple{"bs:4KiB/qd:16", 4096U, 16U}, std::tuple{"bs:4KiB/qd:1", 4096U, 1U},
        std::tuple{"bs:64KiB/qd:16", 65'536U, 16U}}) {
    load::Work work;
    work.random = true;
    work.block_bytes = bytes;
    work.depth = depth;
    report::BenchmarkRecord record;
    record.name = std::string("subject/read/") + name;
    record.repetitions = repetitions;
    for (std::uint32_t i = 0; i < repetitions; ++i) {
      LOCKSTEP_TRY(const double ns, measure(target, work, duration));
      record.samples[report::kRealTimeNs].push_back(ns);
    }
    record.real_time_ns = median(record.samples[report::kRealTimeNs]);
    records.push_back(std::move(record));
  }
  return records;
}

Status write(const std::string& out, const std::vector<report::BenchmarkRecord>& records) {
  report::RunHeader header;
  header.run_id = "subject";
  header.command = "bench";
  utsname kernel{};
  if (::uname(&kernel) == 0) header.host["kernel"] = kernel.release;
  LOCKSTEP_TRY(const auto writer, report::RecordWriter::create(out + "/latest"));
  LOCKSTEP_TRY(writer->append(report::Line{header}));
  for (const auto& record : records) {
    LOCKSTEP_TRY(writer->append(report::Line{record}));
  }
  return ok();
}

int run(int argc, char** argv) {
  constexpr int kOurBug = 70;
  std::map<std::string, std::string> arguments;
  for (int i = 2; i + 1 < argc; i += 2) arguments[argv[i]] = argv[i + 1];
  const auto records = run_subject(arguments);
  const Status written = records ? write(arguments["--out"], records.value()) : records.error();
  if (written) return 0;
  std::fprintf(stderr, "%s\n", written.error().message.c_str());
  return kOurBug;
}

}  // namespace
}  // namespace lockstep::bench

int main(int argc, char** argv) { return lockstep::bench::run(argc, argv); }
