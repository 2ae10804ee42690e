#include "target_impl/durability/served_service.hpp"

#include "target_impl/store/durable/inside.hpp"

#include <utility>

namespace lockstep::durability {

Result<std::unique_ptr<ServedService>> ServedService::start(const std::string& directory,
                                                            Published published,
                                                            std::vector<PeerOptions> peers) {
  store::DurableOptions options;
  options.capacity = ByteCount{std::uint64_t{128} << 20};
  options.cache = ByteCount{1 << 20};
  options.dirty = ByteCount{1 << 20};
  options.commit_interval_ms = 5;
  std::unique_ptr<ServedService> served(new ServedService);
  LOCKSTEP_TRY(served->store_,
               store::DurableStore::Inside::open(
                   directory, options, {}, [told = std::move(published)](bool values_changed) {
                     if (values_changed && told) told();
                   }));
  LOCKSTEP_TRY(served->devices_, replication::Devices::start({}));
  replication::ServiceOptions service;
  service.store = served->store_.get();
  service.directory = directory;
  service.peers = std::move(peers);
  served->service_ = std::make_unique<replication::Service>(*served->devices_, service);
  LOCKSTEP_TRY(served->service_->start());
  return served;
}

}  // namespace lockstep::durability
