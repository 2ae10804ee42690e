#include "properties/harness/runner.hpp"

#include "properties/harness/fixture.hpp"

namespace lockstep::properties {
namespace {

constexpr std::size_t kMostOldJobs = 150;

}  // namespace

Status Runner::provide() {
  if (provider_) return ok();
  LOCKSTEP_TRY(auto made, factory_());
  provider_ = std::move(made);
  LOCKSTEP_TRY(auto inventory, provider_->inventory());
  given_ = objects_of(inventory);
  return ok();
}

void Runner::retire() { provider_.reset(); }

Status Runner::open(std::size_t max_operations) {
  LOCKSTEP_TRY(provide());
  LOCKSTEP_TRY(auto capabilities, provider_->capabilities());
  World world;
  world.capabilities = std::move(capabilities);
  world.has_data_path = provider_->data_path() != nullptr;
  if (FaultPort* port = provider_->fault_port()) world.faults = port->supported();
  world.max_operations = max_operations;
  world_ = std::make_shared<const World>(std::move(world));
  return ok();
}

Trace Runner::run(const Sequence& sequence, Tally* tally, History* history) {
  Trace trace;
  if (const Status ready = provide(); ready.has_error()) {
    trace.error = ready.error();
    return trace;
  }
  {
    Fixture fixture(*provider_, {world_, &world_->capabilities}, sequence_numbers_, tally, history);
    trace = fixture.run(sequence);
  }
  if (trace.failed()) {
    retire();
    return trace;
  }
  const auto clean = clean_up(*provider_, given_);
  if (clean.has_error()) {
    trace.error = clean.error();
  } else if (!clean.value()) {
    trace.leaked = true;
    ++leaks_;
  }
  if (trace.failed() || trace.leaked) {
    retire();
    return trace;
  }
  const auto inventory = provider_->inventory();
  if (inventory.has_error() || inventory.value().jobs.size() > kMostOldJobs) retire();
  return trace;
}

}  // namespace lockstep::properties
