// Declarations of the methods that are served, for GetClass. Internal.
#pragma once

#include "model/wire/schema.hpp"

#include <vector>

namespace lockstep::cimxml {

[[nodiscard]] std::vector<wire::MethodDeclaration> replication_service_methods();
[[nodiscard]] std::vector<wire::MethodDeclaration> configuration_service_methods();
[[nodiscard]] std::vector<wire::MethodDeclaration> capability_methods();
[[nodiscard]] std::vector<wire::MethodDeclaration> job_methods();
[[nodiscard]] std::vector<wire::MethodDeclaration> storage_volume_methods();
[[nodiscard]] std::vector<wire::MethodDeclaration> fault_service_methods();

}  // namespace lockstep::cimxml
