// How fast the harness itself is: the judge alone, and whole sequences in lockstep with a provider.
#pragma once

#include "model/vocab/error.hpp"
#include "properties/commands/command.hpp"
#include "properties/harness/check.hpp"
#include "properties/history/history.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace lockstep::properties {

// Random sequences of exactly that many commands, always the same ones for the same provider.
// Faults are left out.
[[nodiscard]] Result<std::vector<Sequence>> sequences_of(const ProviderFactory& factory,
                                                         std::size_t commands, std::size_t count);

// Sequences carried out once and noted down; what is left of them is the judge's part.
struct RecordedSequences {
  std::vector<History> histories;
  std::uint64_t steps = 0;  // commands carried out, each with the look after it
};
// A violation or an error of the provider: Origin::Provider.
[[nodiscard]] Result<RecordedSequences> record_sequences(const ProviderFactory& factory,
                                                         const std::vector<Sequence>& sequences);

struct JudgeSpeed {
  std::uint64_t steps = 0;
  std::uint64_t judgements = 0;  // answers, looks, writes and reads: several to a step
  std::uint64_t bytes = 0;       // of volumes, read and checked
  double cpu_seconds = 0;        // of the one thread
};
// Where what is judged comes from: memory that the caches have lost meanwhile, or, as in a run, it
// has been received just before; receiving it is not counted.
enum class Nearness : std::uint8_t { Afar, JustReceived };
// Judges them again and again, on the calling thread, for about so long. A verdict that differs
// from the recorded one: Origin::Internal.
[[nodiscard]] Result<JudgeSpeed> measure_judge(const RecordedSequences& recorded,
                                               std::chrono::milliseconds duration,
                                               Nearness nearness = Nearness::Afar);

// Seconds of each sequence: its commands, the settling at its end and the reads of every volume,
// but not the cleaning up after it. One after the other, for about so long, at least one.
[[nodiscard]] Result<std::vector<double>> measure_sequences(const ProviderFactory& factory,
                                                            const std::vector<Sequence>& sequences,
                                                            std::chrono::milliseconds duration);

}  // namespace lockstep::properties
