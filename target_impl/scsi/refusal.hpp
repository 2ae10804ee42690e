// How a command, or a part of one, is turned down.
#pragma once

#include "target_impl/scsi/device_server.hpp"
#include "target_impl/scsi/sense.hpp"

namespace lockstep::scsi {

struct Refusal {
  Status status = Status::CheckCondition;
  Sense sense;  // with CheckCondition
};

}  // namespace lockstep::scsi
