// Swarm testing: every sequence enables a random part of the commands, with random weights, and
// random parts of the values. What is left out matters as much as what is in: many bugs hide when
// everything is mixed evenly.
#pragma once

#include "model/vocab/capabilities.hpp"
#include "properties/generators/draws.hpp"
#include "properties/generators/world.hpp"

#include <array>
#include <cstdint>
#include <vector>

namespace lockstep::properties {

enum class Choice : std::uint8_t {
  Volume,
  Element,
  List,
  Group,
  StorageManagement,
  Attach,
  Modify,
  ModifyList,
  MakeGroup,
  DropGroup,
  ExtendGroup,
  ReduceGroup,
  Write,
  Unmap,
  Read,
  Await,
  ChangeJob,
  Look,
  Disturb,
  DropVolume,
};
inline constexpr std::size_t kChoices = 20;

struct Swarm {
  std::array<std::uint32_t, kChoices> weights{};
  std::vector<ReplicationKind> kinds;  // of the supported local ones; not empty if any exists
  std::uint64_t invalid_percent = 0;   // how often a call is made wrong on purpose
  std::uint64_t wait_percent = 0;
  std::uint64_t meanwhile_percent = 0;
  std::uint64_t target_percent = 0;  // how often an existing target is given
  std::uint64_t wild_percent = 0;    // how often an operation is asked wherever it is
  std::uint64_t volume_blocks = 128;

  [[nodiscard]] std::uint32_t weight(Choice choice) const {
    return weights[static_cast<std::size_t>(choice)];
  }
};

[[nodiscard]] Swarm draw_swarm(Draws& draws, const World& world);

}  // namespace lockstep::properties
