// Reads and writes by the suite's own initiator (bench/load), over TCP and over shared memory: the
// target is measured, not libiscsi, and the system calls of both ends are counted.
#include "bench/case.hpp"
#include "bench/ends.hpp"
#include "bench/environment.hpp"
#include "bench/load/traffic.hpp"
#include "bench/measure.hpp"

#include <benchmark/benchmark.h>

#include <algorithm>
#include <optional>
#include <utility>

namespace lockstep::bench {
namespace {

using load::LastCommand;
using load::Sample;
using load::Traffic;
using load::Work;

constexpr std::chrono::milliseconds kWarmUp{20};

// Empty: each place holds what one of the last commands wrote, or gave what stands there.
std::string verify(const Work& work, const std::vector<LastCommand>& commands,
                   Environment& environment) {
  if (!environment.is_filled()) return {};
  std::vector<std::byte> held(work.block_bytes);
  for (const LastCommand& command : commands) {
    const Lba first{command.offset / kBlockSize.bytes};
    bool good = true;
    if (work.writes) {
      const Status read = environment.read_scratch(command.offset, held);
      if (!read) return read.error().message;
      good = std::ranges::any_of(commands, [&](const LastCommand& other) {
        return other.offset == command.offset && std::ranges::equal(other.data, held);
      });
    } else {
      for (std::size_t at = 0; good && at < command.data.size(); at += kBlockSize.bytes) {
        good = is_block(command.data.subspan(at, kBlockSize.bytes),
                        first + BlockCount{at / kBlockSize.bytes});
      }
    }
    if (!good) {
      return std::string("wrong data ") + (work.writes ? "written" : "read") + " at LBA " +
             std::to_string(first.value);
    }
  }
  return {};
}

Result<Sample> run_once(benchmark::State& state, Environment& environment, Work work, bool bypass) {
  LOCKSTEP_TRY(load::Address place, work.writes ? environment.scratch() : environment.source());
  place.bypass = bypass;
  LOCKSTEP_TRY(const auto traffic, Traffic::open(place));
  if (bypass && !traffic->uses_bypass()) {
    return target_error("expected shared memory from the target at " + place.portal +
                        ", found TCP only");
  }
  work.most_bytes = Environment::kVolumeBytes;
  work.warm_up = std::min(kWarmUp, environment.duration);
  work.duration = environment.duration;
  std::optional<Ends> ends;
  work.begun = [&] { ends.emplace(environment); };
  work.ended = [&] { ends->stop(); };
  LOCKSTEP_TRY(const auto sample, traffic->run(work));
  if (const auto problem = verify(work, traffic->last_commands(), environment); !problem.empty()) {
    return target_error(problem);
  }
  ends->set(state, static_cast<double>(sample.commands), sample.bytes, Ends::Initiator::Own);
  return sample;
}

// One iteration is one command; their number is what the time allows.
void run_load(benchmark::State& state, Environment& environment, const Work& work, bool bypass) {
  for (auto _ : state) {
    const auto found = run_once(state, environment, work, bypass);
    if (!found) return state.SkipWithError(found.error().message.c_str());
    const Sample& sample = found.value();
    const auto commands = static_cast<double>(sample.commands);
    state.SetIterationTime(sample.seconds / commands);
    state.counters["bytes_per_second"] = sample.bytes / sample.seconds;
    state.counters["io_per_second"] = commands / sample.seconds;
    state.counters["p50_us"] = sample.p50_us;
    state.counters["p99_us"] = sample.p99_us;
    state.counters["p99_9_us"] = sample.p99_9_us;
    environment.detail = {sample.percentiles_us, sample.progress};
  }
}

}  // namespace

std::vector<Case> wire_cases() {
  std::vector<Case> cases;
  const auto add = [&](bool bypass, bool writes, bool random, std::uint32_t bytes,
                       std::uint32_t depth) {
    Work work;
    work.writes = writes;
    work.random = random;
    work.block_bytes = bytes;
    work.depth = depth;
    cases.push_back(
        needing(writes ? Needs::WritableLun : Needs::Lun,
                Case{std::string("wire/") + (bypass ? "bypass/" : "tcp/") +
                         (writes ? "write/" : "read/") + (random ? "random" : "sequential") +
                         "/bs:" + size_text(bytes) + "/qd:" + std::to_string(depth),
                     [work, bypass](benchmark::State& state, Environment& environment) {
                       run_load(state, environment, work, bypass);
                     },
                     1, true}));
  };
  for (const bool bypass : {false, true}) {
    for (const bool writes : {false, true}) {
      for (const std::uint32_t depth : {1U, 4U, 16U, 64U}) add(bypass, writes, true, 4096, depth);
      for (const std::uint32_t kib : {4U, 16U, 64U, 256U, 1024U}) {
        add(bypass, writes, false, kib * 1024, 16);
      }
    }
  }
  return cases;
}

}  // namespace lockstep::bench
