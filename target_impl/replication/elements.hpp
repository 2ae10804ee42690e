// Storage volumes: making and removing them, and what hosts may do with them.
#pragma once

#include "target_impl/replication/world.hpp"

#include <array>
#include <memory>
#include <optional>
#include <string>

namespace lockstep::replication {

struct NewElement {
  std::optional<std::string> name;  // NULL: a system name (CER-24, CLR-16)
  BlockCount blocks;
  BlockSize block_size;
  std::optional<SettingRef> setting;
};

// Longer names are refused rather than cut (CER-23).
inline constexpr std::size_t kLongestName = 256;

// nullptr when no LUN is free.
[[nodiscard]] ElementRecord* make_element(World& world, const PoolRecord& pool,
                                          const NewElement& wanted);
// The element that stands for a volume claimed on a peer as the target of `source`.
[[nodiscard]] ElementRecord& make_peer_element(World& world, const ElementRecord& source,
                                               std::shared_ptr<peer::PeerVolume> peer,
                                               std::size_t peer_number);
// In the world's change directory, followed by the element's number.
inline constexpr const char* kChangeRecordPrefix = "peer-changes-";
// From now on what changes on the peer is noted there first; `settled` as PairRecord has it.
void use_change_record(const World& world, const ElementRecord& element, peer::Generation settled);
// The logical unit of an element whose volume and identifier are known; hosts do not see it yet.
[[nodiscard]] std::shared_ptr<scsi::LogicalUnit> make_unit(
    const ElementRecord& element, const std::array<std::uint8_t, 16>& identifier);
// Of one on a peer, which hosts never see here.
[[nodiscard]] std::shared_ptr<scsi::LogicalUnit> make_peer_unit(const ElementRecord& element);
// It must be in no relationship. Groups lose it; a group left empty goes too, if it is to.
void remove_element(World& world, Id element);

// The pair of which the element is the target, or nullptr; there is at most one.
[[nodiscard]] PairRecord* pair_with_target(World& world, Id element);
[[nodiscard]] bool is_source(World& world, Id element);

// Host access follows from the states of the pairs that the element is part of.
void update_host_access(World& world, Id element);

}  // namespace lockstep::replication
