// A durable replication service in this process, with its target.
#pragma once

#include "target_impl/durability/service_scenarios.hpp"
#include "target_impl/replication/devices.hpp"
#include "target_impl/store/durable_store.hpp"

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace lockstep::durability {

class ServedService {
 public:
  // Told of each commit that changed a record, on the store's thread, before anybody who waits for
  // it.
  using Published = std::function<void()>;
  [[nodiscard]] static Result<std::unique_ptr<ServedService>> start(
      const std::string& directory, Published published = {}, std::vector<PeerOptions> peers = {});

  [[nodiscard]] store::DurableStore& store() noexcept { return *store_; }
  [[nodiscard]] replication::Service& service() noexcept { return *service_; }
  [[nodiscard]] std::string portal() const { return devices_->portal(); }
  [[nodiscard]] const std::string& target_name() const { return devices_->target_name(); }

 private:
  ServedService() = default;
  std::unique_ptr<store::DurableStore> store_;
  std::unique_ptr<replication::Devices> devices_;
  std::unique_ptr<replication::Service> service_;
};

}  // namespace lockstep::durability
