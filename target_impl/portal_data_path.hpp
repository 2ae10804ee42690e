// A door into this room for conformance: the bytes of an outside provider's volumes, reached as
// LUNs of iSCSI targets.
#pragma once

#include "model/port/data_path.hpp"
#include "model/vocab/error.hpp"

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace lockstep {

// The NAA identifier (VPD page 83h, hex) of an element, or why there is none. Called from any
// thread.
using NaaOf = std::function<Result<std::string>(const ElementRef&)>;

// `portals` are iscsi://host[:port]/iqn, without a LUN: malformed ones are Origin::Usage. Nothing
// is connected before the first call. A volume is found by its identifier on whichever target shows
// it, and looked for again when it is no longer where it was.
[[nodiscard]] Result<std::unique_ptr<DataPath>> make_portal_data_path(
    const std::vector<std::string>& portals, NaaOf naa_of);

// The URL of an element's LUN, iscsi://host[:port]/iqn/lun, or why there is none. Called from any
// thread, before each command.
using UrlOf = std::function<Result<std::string>(const ElementRef&)>;

// For providers that say of each volume where it is. Nothing is connected before the first call.
[[nodiscard]] std::unique_ptr<DataPath> make_url_data_path(UrlOf url_of);

}  // namespace lockstep
