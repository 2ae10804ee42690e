// ReplicationType: SyncType, Mode and locality in one number, both ways (CAP-02, CAP-03).
#pragma once

#include "model/vocab/enums.hpp"

#include <optional>

namespace lockstep {

struct ReplicationKind {
  SyncType sync_type = SyncType::Mirror;
  Mode mode = Mode::Synchronous;
  Locality locality = Locality::Local;
  friend bool operator==(const ReplicationKind&, const ReplicationKind&) = default;
  friend auto operator<=>(const ReplicationKind&, const ReplicationKind&) = default;
};

// Nothing for a SyncType, Mode or Locality without a defined number.
[[nodiscard]] std::optional<ReplicationType> to_replication_type(
    const ReplicationKind& kind) noexcept;
[[nodiscard]] std::optional<ReplicationKind> to_replication_kind(ReplicationType type) noexcept;

}  // namespace lockstep
