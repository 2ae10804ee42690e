// DataPath over libiscsi: elements are reached as LUNs of one iSCSI target.
#pragma once

#include "model/port/data_path.hpp"
#include "target_impl/initiator/initiator.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace lockstep::initiator {

// Which LUN an element is, at the moment of the call. Thread-safe.
using LunOf = std::function<std::optional<std::uint16_t>(const ElementRef&)>;

// Keeps up to `max_sessions` sessions, one per thread that has a call under way, made on demand and
// remade after a loss.
[[nodiscard]] std::unique_ptr<DataPath> make_lun_data_path(std::string portal,
                                                           std::string target_name, LunOf lun_of,
                                                           SessionOptions options = {},
                                                           std::size_t max_sessions = 8);

}  // namespace lockstep::initiator
