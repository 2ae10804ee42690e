// The replication service: answers methods, enumerates, and does in the background what was begun.
#pragma once

#include "model/port/fault_port.hpp"
#include "model/vocab/answers.hpp"
#include "model/vocab/observations.hpp"
#include "model/vocab/requests.hpp"
#include "target_impl/replication/catalogue/catalogue.hpp"
#include "target_impl/replication/devices.hpp"
#include "target_impl/replication/mailbox.hpp"
#include "target_impl/replication/world.hpp"

#include <chrono>
#include <condition_variable>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace lockstep::replication {

struct ServiceOptions {
  std::uint64_t pool_bytes = 4ULL << 30;  // split among the pools
  CopyStrategy strategy = CopyStrategy::ThroughInitiator;
  std::chrono::milliseconds epoch{2};  // how often asynchronous mirrors look for changes
  std::vector<PeerOptions> peers;
  // Where everything is kept; null: in memory. All pools draw on its space, and pool_bytes means
  // nothing. It outlives the service.
  store::DurableStore* store = nullptr;
  std::string directory;  // of the store, for messages
  Freedom freedom;
};

// Thread-safe.
class Service {
 public:
  // `devices` outlives the service.
  Service(Devices& devices, const ServiceOptions& options);
  // Abandons every copy; the volumes stay as they are for those who still hold them. With a store,
  // the next process goes on, and peers are given the time of one answer for what asynchronous
  // mirrors owe them.
  ~Service();
  Service(const Service&) = delete;
  Service& operator=(const Service&) = delete;

  // Before anything else, once. With a store: goes on from what it holds, or says why not.
  [[nodiscard]] Status start();

  // With a store, what is answered or seen is on disk before these return. An error says that it
  // could not be brought there: the call was carried out, but will be forgotten with the process.
  [[nodiscard]] Result<Answer> invoke(const Request& request);
  [[nodiscard]] Result<Inventory> inventory();
  [[nodiscard]] Status inject(const Fault& fault);
  [[nodiscard]] const Freedom& freedom() const noexcept { return world_.freedom; }
  [[nodiscard]] std::optional<std::uint16_t> lun_of(const ElementRef& element);
  [[nodiscard]] std::vector<ReplicaLag> lags();

 private:
  // Waits for the peer that the request names, if any.
  [[nodiscard]] std::optional<peer::Claims> claim_for(const Request& request);
  // With the world's mutex.
  [[nodiscard]] Answer answer_to(const Request& request);
  // Without it.
  void await_end(Answer& answer);

  // While the worker runs.
  void let_mirrors_catch_up();
  void work();
  // Between batches of events; true when asynchronous mirrors want another look soon.
  [[nodiscard]] bool work_through(const std::vector<Event>& events);
  // `action` on the world: on disk all that it changes appears at once, or nothing. Returns before
  // it does; it soon does when as much as `asked` has changed, else with the next commit.
  template <class Action>
  void transact(Action&& action, Catalogue::Saved asked = Catalogue::Saved::Content);
  void save(Catalogue::Saved asked);
  // Waits until all that was changed so far is on disk.
  [[nodiscard]] Status settle();

  const ServiceOptions options_;
  Mailbox mailbox_;
  std::unique_ptr<copy::CopyEngine> engine_;  // only with ThroughInitiator
  World world_;
  std::unique_ptr<Catalogue> catalogue_;  // null: in memory
  // Guarded by the world's mutex.
  store::CommitNumber last_commit_ = 0;
  std::optional<Error> save_failure_;
  std::condition_variable worked_;  // the worker has been through a batch of events
  std::thread worker_;
};

}  // namespace lockstep::replication
