// Where a volume of the reference is found by an outside initiator.
#pragma once

#include "target_impl/reference.hpp"

#include <string>

namespace lockstep::cli {

// "iscsi://127.0.0.1:41234/iqn.../3", found as an initiator would: REPORT LUNS, then the identifier
// of VPD page 83h.
[[nodiscard]] Result<std::string> url_of(ReferenceProvider& reference, const ElementRef& element);

}  // namespace lockstep::cli
