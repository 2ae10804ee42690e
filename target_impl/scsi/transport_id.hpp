// TransportIDs of iSCSI initiator ports (SPC-4 7.6.4.6).
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace lockstep::scsi {

// Of format 01b: name and ISID. `initiator_port` as in Nexus.
void append_transport_id(std::vector<std::byte>& out, const std::string& initiator_port);

struct ParsedTransportId {
  std::string initiator_port;
  std::size_t bytes = 0;  // that it took
};
// From the front of `from`. Only initiator ports (format 01b) are accepted; nullopt: something
// else.
[[nodiscard]] std::optional<ParsedTransportId> parse_transport_id(std::span<const std::byte> from);

// The portal group tag at the end of a target port's name, which is the port's relative identifier;
// 1 if there is none.
[[nodiscard]] std::uint16_t relative_target_port(const std::string& target_port) noexcept;
// The name of the target port that has this tag.
[[nodiscard]] std::string target_port_name(const std::string& target_name, std::uint16_t tag);

}  // namespace lockstep::scsi
