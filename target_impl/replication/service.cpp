#include "target_impl/replication/service.hpp"

#include "target_impl/replication/catalogue/recovery.hpp"
#include "target_impl/replication/copier.hpp"
#include "target_impl/replication/faults.hpp"
#include "target_impl/replication/jobs.hpp"
#include "target_impl/replication/lag.hpp"
#include "target_impl/replication/methods.hpp"
#include "target_impl/replication/object_paths.hpp"
#include "target_impl/replication/pairs.hpp"
#include "target_impl/replication/peer_pairs.hpp"
#include "target_impl/replication/refusal.hpp"
#include "target_impl/replication/views.hpp"

#include <algorithm>
#include <chrono>
#include <string>
#include <utility>

namespace lockstep::replication {
namespace {

// The first is where a volume comes from when no pool is named.
std::string pool_name(unsigned number) {
  if (number == 1) return "first";
  return number == 2 ? "second" : "pool-" + std::to_string(number);
}

// How often it is looked whether mirrors to peers are to be settled.
constexpr std::chrono::milliseconds kSettling{1'000};

Answer with_job_alone(Answer answer) {
  Answer alone;
  alone.code = answer.code;
  alone.job = answer.job;
  alone.extended_status = std::move(answer.extended_status);
  return alone;
}

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
      world_(options.freedom, devices, mailbox_, mover_for(mailbox_, devices, engine_.get()),
             options.peers) {
  for (unsigned number = 1; number <= options.freedom.pools; ++number) {
    const std::string name = pool_name(number);
    PoolRecord pool;
    pool.id = world_.new_id();
    pool.ref = pool_path(name);
    pool.name = name;
    pool.pool = options.store != nullptr
                    ? options.store->pool()
                    : store::make_pool(ByteCount{options.pool_bytes / options.freedom.pools});
    world_.pools.add(std::move(pool));
  }
}

Service::~Service() {
  if (catalogue_ != nullptr && worker_.joinable()) let_mirrors_catch_up();
  mailbox_.close();
  if (worker_.joinable()) worker_.join();
  if (catalogue_ != nullptr) {
    transact([this] {
      come_to_rest(world_);
      note_common(world_);
    });
  }
  const std::lock_guard lock(world_.mutex);
  world_.flows.clear();
  std::vector<Id> ends;
  for (auto& [id, group] : world_.group_pairs) {
    if (catalogue_ != nullptr && group.journal) group.journal->volume().keep_claim();
  }
  for (auto& [id, pair] : world_.pairs) {
    detach_observer(world_, pair);
    peer::PeerVolume* target = peer_target(world_, pair);
    if (target == nullptr) continue;
    if (catalogue_ != nullptr) {
      target->keep_claim();
    } else {
      ends.push_back(id);
    }
  }
  for (const Id id : ends) erase_pair(world_, id);
}

void Service::let_mirrors_catch_up() {
  std::chrono::milliseconds patience{0};
  for (const PeerOptions& peer : options_.peers) patience = std::max(patience, peer.answer_timeout);
  std::unique_lock lock(world_.mutex);
  static_cast<void>(worked_.wait_until(lock, std::chrono::system_clock::now() + patience,
                                       [this] { return !owes_peers(world_); }));
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

Status Service::start() {
  if (options_.store != nullptr) {
    world_.change_directory = options_.directory;
    SavedWorld saved;
    LOCKSTEP_TRY(auto catalogue, Catalogue::open(*options_.store, options_.directory, saved));
    {
      const std::lock_guard lock(world_.mutex);
      const auto held = options_.store->hold_commits();
      LOCKSTEP_TRY(take_over(world_, std::move(saved)));
      catalogue_ = std::move(catalogue);
      save(Catalogue::Saved::Content);
    }
    LOCKSTEP_TRY(settle());
    mailbox_.post({});  // asynchronous mirrors may owe something
  }
  worker_ = std::thread([this] { work(); });
  return ok();
}

template <class Action>
void Service::transact(Action&& action, Catalogue::Saved asked) {
  const std::lock_guard lock(world_.mutex);
  if (catalogue_ == nullptr) {
    action();
    return;
  }
  const auto held = options_.store->hold_commits();
  action();
  save(asked);
}

void Service::save(Catalogue::Saved asked) {
  const auto saved = catalogue_->save(world_);
  save_failure_ = saved ? std::nullopt : std::optional(saved.error());
  if (saved && saved.value() >= asked) last_commit_ = options_.store->commits()->request();
}

Status Service::settle() {
  if (catalogue_ == nullptr) return ok();
  store::CommitNumber number = 0;
  {
    const std::lock_guard lock(world_.mutex);
    if (save_failure_) return *save_failure_;
    number = last_commit_;
  }
  switch (options_.store->commits()->wait(number)) {
    case store::CommitOutcome::Durable:
      return ok();
    case store::CommitOutcome::NoSpace:
      return config_error(options_.directory +
                          ": expected room for what was changed, found a full disk; make room");
    case store::CommitOutcome::Failed:
      break;
  }
  return config_error(options_.directory +
                      ": expected to keep what was changed, found a disk that fails");
}

Result<Answer> Service::invoke(const Request& request) {
  Answer result;
  auto claims = claim_for(request);
  transact([&] {
    world_.peers.offer = std::move(claims);
    result = answer_to(request);
    world_.peers.offer.reset();
  });
  if (result.job && world_.freedom.never_by_job.contains(method_of(request))) await_end(result);
  mailbox_.post({});
  LOCKSTEP_TRY(settle());
  return result;
}

Answer Service::answer_to(const Request& request) {
  const Freedom& freedom = world_.freedom;
  const Method method = method_of(request);
  if (freedom.withheld_methods.contains(method)) {
    return refused(world_, method, Refusal::NotSupported);
  }
  forget_old_jobs(world_);
  break_failed_mirrors(world_);
  Answer result = std::visit([this](const auto& one) { return answer(world_, one); }, request);
  if (result.completed() && freedom.always_by_job.contains(method)) {
    result.job = record_finished_job(world_, result);
    result.code = ReturnCode::JobStarted;
  }
  if (result.started_job() && !freedom.never_by_job.contains(method) &&
      !freedom.names_results_with_job) {
    return with_job_alone(std::move(result));
  }
  return result;
}

// The job is nobody's but ours: what it came to is the answer. After `patience` the copies go on
// without anybody being told of their end (GEN-17).
void Service::await_end(Answer& answer) {
  const auto has_ended = [&] {
    const JobRecord* job = world_.jobs.find(*answer.job);
    return job == nullptr || job->state != JobState::Running;
  };
  mailbox_.post({});
  {
    std::unique_lock lock(world_.mutex);
    worked_.wait_for(lock, world_.freedom.patience, has_ended);
  }
  bool ended = false;
  bool well = false;
  transact([&] {
    const JobRecord* job = world_.jobs.find(*answer.job);
    ended = has_ended();
    well = job != nullptr && job->state == JobState::Completed;
    abandon_job(world_, answer.job);
  });
  answer.job.reset();
  answer.code = ReturnCode::Success;
  if (ended && well) return;
  const auto status = std::move(answer.extended_status);
  answer = {};
  answer.code = ended ? ReturnCode::Failed : ReturnCode::Timeout;
  if (status) {
    answer.extended_status = status;
    answer.extended_status->error_code = static_cast<std::uint32_t>(answer.code);
  }
}

Result<Inventory> Service::inventory() {
  Inventory seen;
  transact([&] {
    forget_old_jobs(world_);
    break_failed_mirrors(world_);
    seen = view_of(world_);
  });
  LOCKSTEP_TRY(settle());
  return seen;
}

Status Service::inject(const Fault& fault) {
  Status injected = ok();
  transact([&] {
    break_failed_mirrors(world_);
    injected = replication::inject(world_, fault);
  });
  LOCKSTEP_TRY(std::move(injected));
  mailbox_.post({});  // what waited for a repair may go on
  return settle();
}

std::optional<std::uint16_t> Service::lun_of(const ElementRef& element) {
  const std::lock_guard lock(world_.mutex);
  const ElementRecord* found = world_.elements.find(element);
  if (found == nullptr || found->peer) return std::nullopt;
  return found->lun;
}

std::vector<ReplicaLag> Service::lags() {
  const std::lock_guard lock(world_.mutex);
  return lags_of(world_);
}

void Service::work() {
  bool soon = false;
  const auto unasked = [&]() -> std::optional<std::chrono::milliseconds> {
    if (soon) return options_.epoch;
    return catalogue_ != nullptr && !options_.peers.empty() ? std::optional(kSettling)
                                                            : std::nullopt;
  };
  while (const auto events = mailbox_.take(unasked())) soon = work_through(*events);
}

bool Service::work_through(const std::vector<Event>& events) {
  bool soon = false;
  // What asynchronous mirrors ship is content, and may wait for a commit as what hosts write may.
  transact(
      [&] {
        for (const Event& event : events) handle(world_, event);
        start_initialized(world_);
        soon = run_epochs(world_);
        settle_now_and_then(world_);
      },
      Catalogue::Saved::Records);
  worked_.notify_all();
  return soon;
}

}  // namespace lockstep::replication
