#include "model/vocab/replication_type.hpp"

#include "model/vocab/names.hpp"

namespace lockstep {
namespace {

constexpr unsigned kFirstType = 2;           // Synchronous Mirror Local
constexpr unsigned kFirstAdaptiveType = 18;  // Adaptive Mirror Local
constexpr unsigned kLastType = 25;

}  // namespace

std::optional<ReplicationType> to_replication_type(const ReplicationKind& kind) noexcept {
  if (!name_of(kind.sync_type) || !name_of(kind.mode) || kind.mode == Mode::Unknown ||
      !name_of(kind.locality)) {
    return std::nullopt;
  }
  const unsigned sync = number_of(kind.sync_type) - number_of(SyncType::Mirror);
  const unsigned remote = kind.locality == Locality::Remote ? 1 : 0;
  const unsigned type =
      kind.mode == Mode::Adaptive
          ? kFirstAdaptiveType + 2 * sync + remote
          : kFirstType + 4 * sync + (kind.mode == Mode::Asynchronous ? 1U : 0U) + 2 * remote;
  return static_cast<ReplicationType>(type);
}

std::optional<ReplicationKind> to_replication_kind(ReplicationType type) noexcept {
  const unsigned number = number_of(type);
  if (number < kFirstType || number > kLastType) return std::nullopt;
  ReplicationKind kind;
  const auto sync_type_of = [](unsigned offset) {
    return static_cast<SyncType>(number_of(SyncType::Mirror) + offset);
  };
  if (number >= kFirstAdaptiveType) {
    const unsigned offset = number - kFirstAdaptiveType;
    kind.sync_type = sync_type_of(offset / 2);
    kind.mode = Mode::Adaptive;
    kind.locality = offset % 2 == 1 ? Locality::Remote : Locality::Local;
    return kind;
  }
  const unsigned offset = number - kFirstType;
  kind.sync_type = sync_type_of(offset / 4);
  kind.mode = offset % 2 == 1 ? Mode::Asynchronous : Mode::Synchronous;
  kind.locality = offset % 4 >= 2 ? Locality::Remote : Locality::Local;
  return kind;
}

}  // namespace lockstep
