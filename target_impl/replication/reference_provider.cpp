// make_reference(): target server, service and data path put together as a Provider.
#include "target_impl/initiator/lun_data_path.hpp"
#include "target_impl/reference.hpp"
#include "target_impl/replication/capabilities.hpp"
#include "target_impl/replication/devices.hpp"
#include "target_impl/replication/faults.hpp"
#include "target_impl/replication/service.hpp"

#include <utility>

namespace lockstep {
namespace {

using replication::Devices;
using replication::Service;

class Reference final : public ReferenceProvider, private FaultPort {
 public:
  Reference(std::unique_ptr<store::DurableStore> store, std::unique_ptr<Devices> devices,
            const replication::ServiceOptions& options)
      : store_(std::move(store)), devices_(std::move(devices)), service_(*devices_, options) {
    data_path_ = initiator::make_lun_data_path(
        devices_->portal(), devices_->target_name(),
        [this](const ElementRef& element) { return service_.lun_of(element); });
  }

  [[nodiscard]] Status start() { return service_.start(); }

  Result<ProviderIdentity> identity() override {
    return ProviderIdentity{"lockstep", "reference", "0.1", ""};
  }
  Result<Capabilities> capabilities() override {
    return replication::service_capabilities(service_.freedom());
  }
  Result<Answer> invoke(const Request& request) override { return service_.invoke(request); }
  Result<Inventory> inventory() override { return service_.inventory(); }
  DataPath* data_path() noexcept override { return data_path_.get(); }
  FaultPort* fault_port() noexcept override { return this; }

  std::string portal() const override { return devices_->portal(); }
  std::string target_name() const override { return devices_->target_name(); }
  std::optional<std::uint16_t> lun_of(const ElementRef& element) override {
    return service_.lun_of(element);
  }
  std::vector<ReplicaLag> lags() override { return service_.lags(); }

 private:
  std::set<FaultKind> supported() const override { return replication::supported_faults(); }
  Status inject(const Fault& fault) override { return service_.inject(fault); }

  // Destroyed in the reverse order: first who uses the target, then the target, last the store.
  std::unique_ptr<store::DurableStore> store_;
  std::unique_ptr<Devices> devices_;
  Service service_;
  std::unique_ptr<DataPath> data_path_;
};

}  // namespace

Result<std::unique_ptr<ReferenceProvider>> make_reference(const ReferenceOptions& options) {
  std::unique_ptr<store::DurableStore> store;
  replication::ServiceOptions service;
  if (options.store_directory) {
    LOCKSTEP_TRY(store, store::DurableStore::open(*options.store_directory));
    service.store = store.get();
    service.directory = *options.store_directory;
  }
  target::TargetServerOptions server;
  server.portals.front().address = options.address;
  server.portals.front().port = options.port;
  LOCKSTEP_TRY(auto devices, Devices::start(server));
  service.pool_bytes = options.pool_bytes;
  service.strategy = options.copy_strategy;
  service.freedom = options.freedom;
  service.peers = options.peers;
  auto reference = std::make_unique<Reference>(std::move(store), std::move(devices), service);
  LOCKSTEP_TRY(reference->start());
  return std::unique_ptr<ReferenceProvider>(std::move(reference));
}

}  // namespace lockstep
