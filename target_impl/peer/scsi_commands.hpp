// The commands with which a logical unit of a peer is claimed (PERSISTENT RESERVE, SPC-4 5.13) and
// looked at; each waits for its answer on the session's own loop.
#pragma once

#include "model/vocab/error.hpp"
#include "target_impl/initiator/initiator.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
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
// Fills `out`, which is whole blocks.
[[nodiscard]] Status read_blocks(initiator::Session& session, std::uint16_t lun, Lba first,
                                 BlockCount count, std::span<std::byte> out);
// What has to be known of a logical unit to change it.
struct Medium {
  bool write_cache = false;  // WCE of the caching mode page (SBC-3 6.4.5), if there is one
  bool unmaps = false;       // unmapped blocks read as zeros: LBPME and LBPRZ (SBC-3 5.16.2)
};
[[nodiscard]] Result<Medium> look_at_medium(initiator::Session& session, std::uint16_t lun);

}  // namespace lockstep::peer
