#include "properties/speed/harness_speed.hpp"

#include "properties/generators/sequences.hpp"
#include "properties/harness/fixture.hpp"
#include "properties/harness/rapidcheck_entry.hpp"

#include <ctime>
#include <memory>
#include <optional>
#include <utility>

namespace lockstep::properties {
namespace {

using Clock = std::chrono::steady_clock;

double thread_cpu_seconds() noexcept {
  timespec used{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &used);
  return static_cast<double>(used.tv_sec) + static_cast<double>(used.tv_nsec) / 1e9;
}

Status check_trace(const Trace& trace) {
  if (trace.error) return *trace.error;
  if (trace.violation) {
    return provider_error(
        "speed of the harness: expected a provider that conforms, found a "
        "violation of " +
        trace.violation->clause.text + ": " + trace.violation->observed);
  }
  return ok();
}

// A property's sequences follow one another at one provider, which has started long before and
// whose data path stands; so it is brought here.
Status bring_up(Provider& provider) {
  DataPath* const path = provider.data_path();
  if (path == nullptr) return ok();
  CreateVolumeRequest request;
  request.blocks = BlockCount{8};
  LOCKSTEP_TRY(const auto made, provider.invoke(request));
  if (!made.completed() || !made.target_element) return ok();
  LOCKSTEP_TRY(path->geometry(*made.target_element));
  LOCKSTEP_TRY(provider.invoke(ReturnToStoragePoolRequest{*made.target_element}));
  return ok();
}

// A provider of its own for each sequence: one that keeps a long list of finished jobs would make
// every look a long one.
struct Stage {
  std::unique_ptr<Provider> provider;
  std::shared_ptr<const Capabilities> capabilities;
  std::uint64_t sequence_numbers = 0;

  // `known`: the capabilities of the one before, or nullptr. Those of one service are shared, as
  // they are by the sequences of a property.
  [[nodiscard]] static Result<Stage> make(const ProviderFactory& factory,
                                          const std::shared_ptr<const Capabilities>& known) {
    Stage world;
    LOCKSTEP_TRY(world.provider, factory());
    LOCKSTEP_TRY(auto capabilities, world.provider->capabilities());
    const bool same = known != nullptr && *known == capabilities;
    world.capabilities =
        same ? known : std::make_shared<const Capabilities>(std::move(capabilities));
    LOCKSTEP_TRY(bring_up(*world.provider));
    return world;
  }
};

}  // namespace

Result<std::vector<Sequence>> sequences_of(const ProviderFactory& factory, std::size_t commands,
                                           std::size_t count) {
  constexpr std::uint64_t kSeed = 20;
  constexpr int kMostDrawn = 5000;
  LOCKSTEP_TRY(const auto provider, factory());
  World world;
  LOCKSTEP_TRY(world.capabilities, provider->capabilities());
  world.has_data_path = provider->data_path() != nullptr;
  world.max_operations = 2 * commands;
  std::vector<Sequence> chosen;
  RapidCheckRun run;
  run.id = "speed";
  run.seed = kSeed;
  run.cases = kMostDrawn;
  run.passes = [&](const Sequence& sequence) {
    if (chosen.size() < count && sequence.size() >= commands) {
      chosen.emplace_back(sequence.begin(),
                          sequence.begin() + static_cast<std::ptrdiff_t>(commands));
    }
    return true;
  };
  const auto drawn = run_rapidcheck(random_sequences(std::make_shared<const World>(world)), run);
  if (chosen.empty() || !drawn.trouble.empty()) {
    return internal_error("speed of the harness: expected sequences of " +
                          std::to_string(commands) + " commands, found none: " + drawn.trouble);
  }
  return chosen;
}

Result<RecordedSequences> record_sequences(const ProviderFactory& factory,
                                           const std::vector<Sequence>& sequences) {
  RecordedSequences recorded;
  std::shared_ptr<const Capabilities> known;
  for (const Sequence& sequence : sequences) {
    LOCKSTEP_TRY(auto world, Stage::make(factory, known));
    known = world.capabilities;
    Fixture fixture(*world.provider, world.capabilities, world.sequence_numbers, nullptr,
                    &recorded.histories.emplace_back());
    const Trace trace = fixture.run(sequence);
    LOCKSTEP_TRY(check_trace(trace));
    recorded.steps += trace.carried_out;
  }
  return recorded;
}

Result<JudgeSpeed> measure_judge(const RecordedSequences& recorded,
                                 std::chrono::milliseconds duration, Nearness nearness) {
  JudgeSpeed speed;
  const auto until = Clock::now() + duration;
  do {
    for (const History& history : recorded.histories) {
      std::optional<History> received;
      if (nearness == Nearness::JustReceived) received = received_anew(history);
      const double begin = thread_cpu_seconds();
      const Judgement judgement = judge(received ? *received : history);
      speed.cpu_seconds += thread_cpu_seconds() - begin;
      if (judgement.violation) {
        return internal_error(
            "speed of the harness: expected the recorded verdict, found a violation");
      }
      speed.judgements += judgements(history);
      speed.bytes += bytes_read(history);
    }
    speed.steps += recorded.steps;
  } while (Clock::now() < until);
  return speed;
}

Result<std::vector<double>> measure_sequences(const ProviderFactory& factory,
                                              const std::vector<Sequence>& sequences,
                                              std::chrono::milliseconds duration) {
  std::vector<double> seconds;
  std::shared_ptr<const Capabilities> known;
  const auto until = Clock::now() + duration;
  do {
    const Sequence& sequence = sequences[seconds.size() % sequences.size()];
    LOCKSTEP_TRY(auto world, Stage::make(factory, known));
    known = world.capabilities;
    Fixture fixture(*world.provider, world.capabilities, world.sequence_numbers, nullptr);
    const auto begin = Clock::now();
    const Trace trace = fixture.run(sequence);
    seconds.push_back(std::chrono::duration<double>(Clock::now() - begin).count());
    LOCKSTEP_TRY(check_trace(trace));
  } while (Clock::now() < until);
  return seconds;
}

}  // namespace lockstep::properties
