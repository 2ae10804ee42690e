#include "properties/generators/sequences.hpp"

#include "properties/commands/plan.hpp"
#include "properties/generators/draw_command.hpp"
#include "properties/generators/simplify.hpp"
#include "properties/generators/swarm.hpp"

#include <rapidcheck/seq/Create.h>
#include <rapidcheck/shrinkable/Create.h>

#include <algorithm>
#include <utility>

namespace lockstep::properties {
namespace {

Sequence draw_sequence(const rc::Random& random, int size, const World& world) {
  Draws draws(random);
  const Swarm swarm = draw_swarm(draws, world);
  Plan plan;
  Sequence sequence;
  const auto add = [&](Command command) {
    if (!plan.possible(command)) return;
    plan.apply(command);
    sequence.push_back(std::move(command));
  };
  const std::uint64_t volumes = 1 + draws.below(3);
  for (std::uint64_t i = 0; i < volumes; ++i) {
    add(CreateVolume{plan.fresh(HandleKind::Volume), swarm.volume_blocks, std::nullopt});
  }
  // Something on the first volume, so that a copy of it is not a copy of nothing.
  if (world.has_data_path && draws.chance(80)) {
    add(WriteBlocks{Handle{HandleKind::Volume, 1}, 0, 1 + draws.below(swarm.volume_blocks)});
  }
  const std::uint64_t most = std::max<std::uint64_t>(world.max_operations, 4);
  const auto scaled = static_cast<std::uint64_t>(std::clamp(size, 0, rc::kNominalSize));
  const std::uint64_t range = 1 + (most - 4) * scaled / rc::kNominalSize;
  const std::uint64_t count =
      std::min<std::uint64_t>(most, sequence.size() + 2 + draws.below(range));
  constexpr int kMostTries = 200;
  for (int tries = 0; tries < kMostTries && sequence.size() < count; ++tries) {
    Drawing with{draws, world, swarm, plan};
    if (auto command = draw_command(with)) add(std::move(*command));
  }
  return sequence;
}

rc::Seq<Drawn> shrinks(const Drawn& drawn) {
  std::vector<Drawn> candidates;
  for (Sequence& sequence : smaller(drawn.sequence)) {
    candidates.push_back(Drawn{std::move(sequence)});
  }
  return rc::seq::fromContainer(std::move(candidates));
}

struct RandomSequences {
  std::shared_ptr<const World> world;
  rc::Shrinkable<Drawn> operator()(const rc::Random& random, int size) const {
    return rc::shrinkable::shrinkRecur(Drawn{draw_sequence(random, size, *world)}, &shrinks);
  }
};

struct ThisSequence {
  Drawn drawn;
  rc::Shrinkable<Drawn> operator()(const rc::Random&, int) const {
    return rc::shrinkable::shrinkRecur(Drawn(drawn), &shrinks);
  }
};

}  // namespace

void showValue(const Drawn& drawn, std::ostream& out) {
  for (const Command& command : drawn.sequence) out << to_text(command) << '\n';
}

rc::Gen<Drawn> random_sequences(std::shared_ptr<const World> world) {
  return rc::Gen<Drawn>(RandomSequences{std::move(world)});
}

rc::Gen<Drawn> this_sequence(Sequence sequence) {
  return rc::Gen<Drawn>(ThisSequence{Drawn{std::move(sequence)}});
}

Sequence only_possible(const Sequence& sequence) {
  Plan plan;
  Sequence kept;
  for (const Command& command : sequence) {
    if (!plan.possible(command)) continue;
    plan.apply(command);
    kept.push_back(command);
  }
  return kept;
}

std::vector<Sequence> smaller(const Sequence& sequence) {
  std::vector<Sequence> candidates;
  const auto add = [&](const Sequence& candidate) {
    Sequence kept = only_possible(candidate);
    if (kept.empty() || kept == sequence) return;
    if (std::find(candidates.begin(), candidates.end(), kept) != candidates.end()) return;
    candidates.push_back(std::move(kept));
  };
  // From the back: what comes after the failure is never needed, what comes before may be.
  for (std::size_t length = sequence.size() / 2; length > 0; length /= 2) {
    for (std::size_t end = sequence.size(); end > 0; end -= std::min(end, length)) {
      const std::size_t begin = end - std::min(end, length);
      Sequence candidate(sequence.begin(), sequence.begin() + static_cast<std::ptrdiff_t>(begin));
      candidate.insert(candidate.end(), sequence.begin() + static_cast<std::ptrdiff_t>(end),
                       sequence.end());
      add(candidate);
    }
  }
  for (std::size_t i = 0; i < sequence.size(); ++i) {
    for (Command& simpler : simpler_commands(sequence[i])) {
      Sequence candidate = sequence;
      candidate[i] = std::move(simpler);
      add(candidate);
    }
  }
  return candidates;
}

}  // namespace lockstep::properties
