// VPD page 83h: the names of the logical unit, the target port and the target device.
#pragma once

#include "target_impl/scsi/task.hpp"

#include <cstddef>
#include <vector>

namespace lockstep::scsi {

// The designators, without the page header.
void device_identification(const Task& task, std::vector<std::byte>& page);

}  // namespace lockstep::scsi
