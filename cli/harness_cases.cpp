#include "cli/harness_cases.hpp"

#include "properties/speed/harness_speed.hpp"
#include "target_impl/reference.hpp"

#include <algorithm>
#include <memory>
#include <optional>
#include <utility>

namespace lockstep::cli {
namespace {

constexpr std::size_t kCommands = 20;
constexpr std::size_t kSequences = 50;

Result<std::unique_ptr<Provider>> reference() {
  LOCKSTEP_TRY(auto made, make_reference());
  return std::unique_ptr<Provider>(std::move(made));
}

// Drawn and recorded by the first repetition, kept for the others.
struct Prepared {
  std::optional<std::vector<properties::Sequence>> sequences;
  std::optional<properties::RecordedSequences> recorded;
  properties::RecordedSequences without_reads;
};

Result<const std::vector<properties::Sequence>*> sequences_in(Prepared& prepared) {
  if (!prepared.sequences) {
    LOCKSTEP_TRY(prepared.sequences, properties::sequences_of(reference, kCommands, kSequences));
  }
  const std::vector<properties::Sequence>* const found = &*prepared.sequences;
  return found;
}

// What the judge costs: of answers, looks and writes alone, or of all that is read, too.
Result<bench::OutsideSample> judge(Prepared& prepared, bool with_reads,
                                   properties::Nearness nearness,
                                   std::chrono::milliseconds duration) {
  if (!prepared.recorded) {
    LOCKSTEP_TRY(const auto* sequences, sequences_in(prepared));
    LOCKSTEP_TRY(prepared.recorded, properties::record_sequences(reference, *sequences));
    prepared.without_reads = *prepared.recorded;
    for (properties::History& history : prepared.without_reads.histories) {
      history = properties::without_reads(history);
    }
  }
  LOCKSTEP_TRY(const auto speed,
               properties::measure_judge(with_reads ? *prepared.recorded : prepared.without_reads,
                                         duration, nearness));
  const auto steps = static_cast<double>(speed.steps);
  return bench::OutsideSample{
      speed.cpu_seconds / steps,
      {{"steps_per_second", steps / speed.cpu_seconds},
       {"judgements_per_second", static_cast<double>(speed.judgements) / speed.cpu_seconds},
       {"bytes_per_second", static_cast<double>(speed.bytes) / speed.cpu_seconds}}};
}

Result<bench::OutsideSample> lockstep_sequence(Prepared& prepared,
                                               std::chrono::milliseconds duration) {
  LOCKSTEP_TRY(const auto* sequences, sequences_in(prepared));
  LOCKSTEP_TRY(auto seconds, properties::measure_sequences(reference, *sequences, duration));
  std::ranges::sort(seconds);
  const double median = seconds[seconds.size() / 2];
  double total = 0;
  for (const double one : seconds) total += one;
  return bench::OutsideSample{
      median,
      {{"sequences_per_second", static_cast<double>(seconds.size()) / total},
       {"p50_us", median * 1e6},
       {"p99_us", seconds[seconds.size() * 99 / 100] * 1e6}}};
}

}  // namespace

std::vector<bench::OutsideCase> harness_cases() {
  const auto prepared = std::make_shared<Prepared>();
  const std::string commands = "/operations:" + std::to_string(kCommands);
  const auto judging = [prepared](bool with_reads, properties::Nearness nearness) {
    return [=](std::chrono::milliseconds duration) {
      return judge(*prepared, with_reads, nearness, duration);
    };
  };
  using properties::Nearness;
  return {{"harness/judge" + commands, judging(false, Nearness::Afar)},
          {"harness/judge_just_received" + commands, judging(false, Nearness::JustReceived)},
          {"harness/judge_with_reads" + commands, judging(true, Nearness::Afar)},
          {"harness/lockstep_sequence" + commands, [prepared](std::chrono::milliseconds duration) {
             return lockstep_sequence(*prepared, duration);
           }}};
}

}  // namespace lockstep::cli
