// The page of a machine, made from its rows: docs/machines/*.md. Generated, so that no page can say
// what the machine does not do.
#pragma once

#include "statemachine/machine.hpp"

#include <span>
#include <string>

namespace lockstep::machine {

// One page for machines that differ in few rows; a row that only some of them have names these.
[[nodiscard]] std::string machine_page(const std::string& title,
                                       std::span<const MachineKind> kinds);
[[nodiscard]] std::string job_page();

}  // namespace lockstep::machine
