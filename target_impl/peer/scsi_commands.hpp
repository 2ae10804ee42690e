// The commands with which a logical unit of a peer is claimed (PERSISTENT RESERVE, SPC-4 5.13) and
// looked at; each waits for its answer on the session's own loop.
#pragma once

#include "model/vocab/error.hpp"
#include "target_impl/initiator/initiator.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace lockstep::peer {

enum class Reserved : std::uint8_t { Ours, ByAnother };
// Whom a reservation keeps out: Write Exclusive, or Exclusive Access.
enum class KeepsOut : std::uint8_t { Writers, Readers };

// The keys under which initiators have registered, at most 64 of them. None: nobody has claimed it.
[[nodiscard]] Result<std::vector<std::uint64_t>> registrations(initiator::Session& session,
                                                               std::uint16_t lun);
// Registers this nexus under the key, whatever it had before, to outlive a loss of power (APTPL)
// where the target offers that; 0: registers it no more, and a reservation of its own goes too.
[[nodiscard]] Status register_key(initiator::Session& session, std::uint16_t lun,
                                  std::uint64_t key);
// This nexus alone may write, and read if readers are kept out.
[[nodiscard]] Result<Reserved> reserve(initiator::Session& session, std::uint16_t lun,
                                       std::uint64_t key, KeepsOut keeps_out);
// Of the same kind.
[[nodiscard]] Status release(initiator::Session& session, std::uint16_t lun, std::uint64_t key,
                             KeepsOut keeps_out);
struct Holder {
  std::uint64_t key = 0;
  std::string initiator_port;  // name and ISID; empty: the target does not say
  friend bool operator==(const Holder&, const Holder&) = default;
};
// Who has reserved it; nothing: nobody.
[[nodiscard]] Result<std::optional<Holder>> holder_of(initiator::Session& session,
                                                      std::uint16_t lun);
// What is registered under `victim` is so no more, its commands have ended, and what it had
// reserved this nexus has, which is registered under `key`.
[[nodiscard]] Result<Reserved> preempt(initiator::Session& session, std::uint16_t lun,
                                       std::uint64_t key, std::uint64_t victim, KeepsOut keeps_out);

// Fills `out`, which is whole blocks.
[[nodiscard]] Status read_blocks(initiator::Session& session, std::uint16_t lun, Lba first,
                                 BlockCount count, std::span<std::byte> out);
// `bytes` are whole blocks.
[[nodiscard]] Status write_blocks(initiator::Session& session, std::uint16_t lun, Lba first,
                                  BlockSize block_size, std::span<const std::byte> bytes);
// Whatever was written is where a write cache cannot lose it.
[[nodiscard]] Status synchronize(initiator::Session& session, std::uint16_t lun);
// What has to be known of a logical unit to change it. Aligned for atomics without a library.
struct alignas(2) Medium {
  bool write_cache = false;  // WCE of the caching mode page (SBC-3 6.4.5), if there is one
  bool unmaps = false;       // unmapped blocks read as zeros: LBPME and LBPRZ (SBC-3 5.16.2)
};
[[nodiscard]] Result<Medium> look_at_medium(initiator::Session& session, std::uint16_t lun);

}  // namespace lockstep::peer
