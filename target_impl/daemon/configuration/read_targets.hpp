// The [[target]] tables with their [[target.lun]] tables.
#pragma once

#include "target_impl/daemon/configuration/read_accounts.hpp"
#include "target_impl/daemon/configuration/table.hpp"

#include <vector>

namespace lockstep::target {

// `portal_groups`: those that some portal has.
[[nodiscard]] std::vector<TargetConfiguration> read_targets(
    std::vector<Table> tables, const Accounts& accounts,
    const std::vector<std::uint16_t>& portal_groups);

// The elements of `names`, the value of `key`, as logins compare them; complains of those that are
// no iSCSI names.
[[nodiscard]] std::vector<std::string> initiator_names(Table& table, std::string_view key,
                                                       const std::vector<std::string>& names);

}  // namespace lockstep::target
