// The [[account]] tables, and the names by which the rest refers to them.
#pragma once

#include "target_impl/daemon/configuration/table.hpp"

#include <string>
#include <vector>

namespace lockstep::target {

using Accounts = std::vector<iscsi::ChapAccount>;

[[nodiscard]] Accounts read_accounts(std::vector<Table> tables);

// The accounts that `names`, the value of `key`, stand for; complains of unknown ones.
[[nodiscard]] Accounts look_up(Table& table, std::string_view key,
                               const std::vector<std::string>& names, const Accounts& accounts);

}  // namespace lockstep::target
