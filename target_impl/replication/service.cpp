#include "target_impl/replication/service.hpp"

#include "target_impl/replication/copier.hpp"
#include "target_impl/replication/faults.hpp"
#include "target_impl/replication/jobs.hpp"
#include "target_impl/replication/methods.hpp"
#include "target_impl/replication/object_paths.hpp"
#include "target_impl/replication/pairs.hpp"
#include "target_impl/replication/peer_pairs.hpp"
#include "target_impl/replication/views.hpp"

#include <array>
#include <utility>

namespace lockstep::replication {
namespace {

// The first is where a volume comes from when no pool is named.
constexpr std::array<const char*, 2> kPools{"first", "second"};

std::unique_ptr<copy::CopyEngine> engine_for(CopyStrategy strategy) {
  return strategy == CopyStrategy::ThroughInitiator ? copy::CopyEngine::start() : nullptr;
}

std::unique_ptr<Mover> mover_for(Mailbox& mailbox, Devices& devices, copy::CopyEngine* engine) {
  return engine != nullptr ? make_initiator_mover(mailbox, devices, *engine)
                           : make_sharing_mover(mailbox);
}

}  // namespace

Service::Service(Devices& devices, const ServiceOptions& options)
    : options_(options),
      engine_(engine_for(options.strategy)),
      world_(devices, mailbox_, mover_for(mailbox_, devices, engine_.get()), options.peers) {
  for (const char* name : kPools) {
    PoolRecord pool;
    pool.id = world_.new_id();
    pool.ref = pool_path(name);
    pool.name = name;
    pool.pool = store::make_pool(ByteCount{options.pool_bytes / kPools.size()});
    world_.pools.add(std::move(pool));
  }
  worker_ = std::thread([this] { work(); });
}

Service::~Service() {
  mailbox_.close();
  worker_.join();
  const std::lock_guard lock(world_.mutex);
  world_.flows.clear();
  std::vector<Id> ends;
  for (auto& [id, pair] : world_.pairs) {
    detach_observer(world_, pair);
    if (is_on_peer(world_, pair)) ends.push_back(id);
  }
  for (const Id id : ends) erase_pair(world_, id);
}

std::optional<peer::Claims> Service::claim_for(const Request& request) {
  std::optional<ClaimOrder> order;
  {
    const std::lock_guard lock(world_.mutex);
    order = claim_order_for(world_, request);
  }
  if (!order) return std::nullopt;
  return world_.peers.at(order->peer).claim(order->wanted, order->credentials);
}

Answer Service::invoke(const Request& request) {
  Answer result;
  auto claims = claim_for(request);
  {
    const std::lock_guard lock(world_.mutex);
    forget_old_jobs(world_);
    break_failed_mirrors(world_);
    world_.peers.offer = std::move(claims);
    result = std::visit([this](const auto& one) { return answer(world_, one); }, request);
    world_.peers.offer.reset();
  }
  mailbox_.post({});
  return result;
}

Inventory Service::inventory() {
  const std::lock_guard lock(world_.mutex);
  break_failed_mirrors(world_);
  return view_of(world_);
}

Status Service::inject(const Fault& fault) {
  const std::lock_guard lock(world_.mutex);
  break_failed_mirrors(world_);
  return replication::inject(world_, fault);
}

std::optional<std::uint16_t> Service::lun_of(const ElementRef& element) {
  const std::lock_guard lock(world_.mutex);
  const ElementRecord* found = world_.elements.find(element);
  if (found == nullptr || found->peer) return std::nullopt;
  return found->lun;
}

void Service::work() {
  bool soon = false;
  while (const auto events = mailbox_.take(soon ? std::optional(options_.epoch) : std::nullopt)) {
    soon = work_through(*events);
  }
}

bool Service::work_through(const std::vector<Event>& events) {
  const std::lock_guard lock(world_.mutex);
  for (const Event& event : events) handle(world_, event);
  return run_epochs(world_);
}

}  // namespace lockstep::replication
