// Provider: the boundary to any implementation of the replication services, real or decorated.
//
// Pure interface. Implementations: the built-in reference, providers that refuse everything or have
// one bug, and clients of outside providers. Errors mean that the question could not be asked or
// the answer not be read; a refusal is an Answer.
#pragma once

#include "model/port/data_path.hpp"
#include "model/port/fault_port.hpp"
#include "model/vocab/answers.hpp"
#include "model/vocab/capabilities.hpp"
#include "model/vocab/error.hpp"
#include "model/vocab/observations.hpp"
#include "model/vocab/requests.hpp"

namespace lockstep {

// Thread-safe: calls may come from several threads; each blocks until answered. Never throws.
class Provider {
 public:
  virtual ~Provider() = default;

  [[nodiscard]] virtual Result<ProviderIdentity> identity() = 0;
  [[nodiscard]] virtual Result<Capabilities> capabilities() = 0;

  // Carries out one method. With WaitForCopyState the call may last as long as the copy.
  [[nodiscard]] virtual Result<Answer> invoke(const Request& request) = 0;

  // Enumerates everything that can be seen. Changes nothing.
  [[nodiscard]] virtual Result<Inventory> inventory() = 0;

  // The bytes of the volumes, or nullptr when the harness has no access to them. Borrowed; lives as
  // long as the provider.
  [[nodiscard]] virtual DataPath* data_path() noexcept = 0;

  // Faults on demand, or nullptr. Borrowed; lives as long as the provider.
  [[nodiscard]] virtual FaultPort* fault_port() noexcept = 0;
};

}  // namespace lockstep
