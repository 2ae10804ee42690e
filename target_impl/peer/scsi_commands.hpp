// The commands with which a logical unit of a peer is claimed (PERSISTENT RESERVE, SPC-4 5.13) and
// looked at; each waits for its answer on the session's own loop.
#pragma once

#include "model/vocab/error.hpp"
#include "target_impl/initiator/initiator.hpp"

#include <cstddef>
#include <cstdint>

namespace lockstep::peer {

enum class Reserved : std::uint8_t { Ours, ByAnother };

// How many registrations there are. 0: nobody has claimed it.
[[nodiscard]] Result<std::size_t> registrations(initiator::Session& session, std::uint16_t lun);
// Registers this nexus under the key, whatever it had before; 0: registers it no more, and a
// reservation of its own goes too.
[[nodiscard]] Status register_key(initiator::Session& session, std::uint16_t lun,
                                  std::uint64_t key);
// Write Exclusive: others may read, this nexus alone may write.
[[nodiscard]] Result<Reserved> reserve(initiator::Session& session, std::uint16_t lun,
                                       std::uint64_t key);
[[nodiscard]] Status release(initiator::Session& session, std::uint16_t lun, std::uint64_t key);
// WCE of the caching mode page (SBC-3 6.4.5); false where there is no such page.
[[nodiscard]] Result<bool> has_write_cache(initiator::Session& session, std::uint16_t lun);

}  // namespace lockstep::peer
