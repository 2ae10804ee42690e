// Object paths: what references look like from outside. Opaque to clients; unique for the life of
// the service, whatever is deleted and made again.
#pragma once

#include "model/vocab/ids.hpp"
#include "target_impl/replication/table.hpp"

#include <optional>
#include <string>

namespace lockstep::replication {

[[nodiscard]] ElementRef element_path(const std::string& device_id);
[[nodiscard]] PoolRef pool_path(const std::string& name);
[[nodiscard]] GroupRef group_path(Id id);
[[nodiscard]] RelationshipRef pair_path(Id id);
[[nodiscard]] RelationshipRef group_pair_path(Id id);
[[nodiscard]] JobRef job_path(Id id);
// The peer object that stands for one volume (MCR-27).
[[nodiscard]] PeerRef volume_peer_path(const ElementRef& element);
// The identifier in an element's path, or nothing.
[[nodiscard]] std::optional<std::string> device_id_of(const ElementRef& element);
// A configured peer, by its name.
[[nodiscard]] PeerRef peer_system_path(const std::string& name);
[[nodiscard]] AccessPointRef peer_access_point_path(const std::string& name);

}  // namespace lockstep::replication
