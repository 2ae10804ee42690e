// The replication service: answers methods, enumerates, and does in the background what was begun.
#pragma once

#include "model/port/fault_port.hpp"
#include "model/vocab/answers.hpp"
#include "model/vocab/observations.hpp"
#include "model/vocab/requests.hpp"
#include "target_impl/replication/devices.hpp"
#include "target_impl/replication/mailbox.hpp"
#include "target_impl/replication/world.hpp"

#include <chrono>
#include <memory>
#include <optional>
#include <thread>
#include <vector>

namespace lockstep::replication {

struct ServiceOptions {
  std::uint64_t pool_bytes = 4ULL << 30;  // split among the pools
  CopyStrategy strategy = CopyStrategy::ThroughInitiator;
  std::chrono::milliseconds epoch{2};  // how often asynchronous mirrors look for changes
  std::vector<PeerOptions> peers;
};

// Thread-safe.
class Service {
 public:
  // `devices` outlives the service.
  Service(Devices& devices, const ServiceOptions& options);
  // Abandons every copy; the volumes stay as they are for those who still hold them.
  ~Service();
  Service(const Service&) = delete;
  Service& operator=(const Service&) = delete;

  [[nodiscard]] Answer invoke(const Request& request);
  [[nodiscard]] Inventory inventory();
  [[nodiscard]] Status inject(const Fault& fault);
  [[nodiscard]] std::optional<std::uint16_t> lun_of(const ElementRef& element);

 private:
  // Waits for the peer that the request names, if any.
  [[nodiscard]] std::optional<peer::Claims> claim_for(const Request& request);
  void work();
  // Between batches of events; true when asynchronous mirrors want another look soon.
  [[nodiscard]] bool work_through(const std::vector<Event>& events);

  const ServiceOptions options_;
  Mailbox mailbox_;
  std::unique_ptr<copy::CopyEngine> engine_;  // only with ThroughInitiator
  World world_;
  std::thread worker_;
};

}  // namespace lockstep::replication
