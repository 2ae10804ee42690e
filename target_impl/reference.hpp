// The only door into this room for properties, conformance and cli: the built-in reference target
// with its replication service, seen as a Provider.
#pragma once

#include "model/port/provider.hpp"
#include "model/vocab/error.hpp"
#include "model/vocab/ids.hpp"
#include "target_impl/replication/freedom.hpp"

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace lockstep {

// How initial copies move bytes.
enum class CopyStrategy : std::uint8_t {
  ThroughInitiator,  // pipelined READ and WRITE over iSCSI
  ShareExtents,      // the target takes the source's map root
};

// A second system, to which mirrors may lead: an iSCSI target whose logical units are at the
// service's disposal.
struct PeerOptions {
  std::string name;    // in the references below
  std::string portal;  // host:port
  std::string target_name;
  std::optional<std::string> user;  // CHAP; CreateReplica may bring others
  std::optional<std::string> password;
  // How long one answer may take before the connection counts as lost: hosts wait no longer.
  std::chrono::milliseconds answer_timeout{2'000};
  // Between attempts to come back.
  std::chrono::milliseconds longest_retry{2'000};
};
// As CreateReplica's TargetStorageSystem.
[[nodiscard]] PeerRef reference_peer(const std::string& name);
// As TargetAccessPoint of the methods that have one.
[[nodiscard]] AccessPointRef reference_peer_access_point(const std::string& name);

struct ReferenceOptions {
  std::uint64_t pool_bytes = 4ULL << 30;
  std::string address = "127.0.0.1";
  std::uint16_t port = 0;  // 0: any free port
  CopyStrategy copy_strategy = CopyStrategy::ThroughInitiator;
  std::vector<PeerOptions> peers;
  // Where volumes, relationships, groups and jobs survive the process, whatever ends it
  // (docs/durable-store.md); made when it is not there. Then every pool draws on the whole space of
  // the store, and pool_bytes means nothing. Nothing: all is in memory. Of peers neither user nor
  // password is kept there; one to which relationships lead has to be among `peers` again.
  std::optional<std::string> store_directory;
  Freedom freedom;
};

// A reference with other choices than its own, and conforming all the same.
struct ReferenceVariant {
  std::string name;         // "at-once"
  std::string description;  // what it does otherwise, one line
  Freedom freedom;
};
[[nodiscard]] const std::vector<ReferenceVariant>& reference_variants();
// nullptr: there is none of that name.
[[nodiscard]] const ReferenceVariant* find_reference_variant(const std::string& name);

// How far an asynchronous mirror is behind.
struct ReplicaLag {
  RelationshipRef relationship;
  // No answered write that the replica lacks is older; 0: it lacks none. After a restart of the
  // service that found the replica behind: since then.
  std::chrono::microseconds lag{0};
  std::uint64_t owed_bytes = 0;            // in whole extents
  std::optional<std::uint32_t> objective;  // RecoveryPointObjective, as it was asked for
};

// A running reference: target, service and data path over real iSCSI on loopback. Everything stops
// when it is destroyed.
class ReferenceProvider : public Provider {
 public:
  [[nodiscard]] virtual std::string portal() const = 0;
  [[nodiscard]] virtual std::string target_name() const = 0;
  [[nodiscard]] virtual std::optional<std::uint16_t> lun_of(const ElementRef& element) = 0;
  // Of every asynchronous mirror that is to follow its source.
  [[nodiscard]] virtual std::vector<ReplicaLag> lags() = 0;
};

// References that the reference accepts and that no inventory shows, beside those of the configured
// peers. Every other access point, setting, peer or pair of credentials is refused.
struct ReferenceWellKnown {
  AccessPointRef local_access_point;  // as SourceAccessPoint or TargetAccessPoint
  SettingRef target_setting_goal;
  PeerRef local_peer;  // as CreateReplica's TargetStorageSystem
  std::string username;
  std::string password;
};
[[nodiscard]] const ReferenceWellKnown& reference_well_known();

[[nodiscard]] Result<std::unique_ptr<ReferenceProvider>> make_reference(
    const ReferenceOptions& options = {});

}  // namespace lockstep
