// What other threads tell the service's worker: copies that ended, mirrors that failed.
//
// A leaf in the lock order: posting is legal while a volume's write lock is held and on the copy
// engine's thread.
#pragma once

#include "target_impl/replication/table.hpp"

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace lockstep::replication {

struct Event {
  enum class Kind : std::uint8_t {
    Wake,          // something may be ready to go on
    ShipmentDone,  // `subject` is the shipment's number
    ShipmentFailed,
    MirrorFailed,  // `subject` is the pair's number
    PeerLost,      // `subject` is the peer's number
    PeerReturned,
  };
  Kind kind = Kind::Wake;
  Id subject = 0;
  std::string text;      // why, with ShipmentFailed
  bool cut_off = false;  // with ShipmentFailed: the connection to the peer was lost
  // With ShipmentFailed: FaultKind::SpaceExhausted was in force, and may be over by now.
  bool out_of_space = false;
};

// Thread-safe.
class Mailbox {
 public:
  void post(Event event);
  // Ends every wait, now and later.
  void close();
  // Waits for an event, or `patience` if given. Nothing once closed.
  [[nodiscard]] std::optional<std::vector<Event>> take(
      std::optional<std::chrono::milliseconds> patience);

 private:
  std::mutex mutex_;
  std::condition_variable arrived_;
  std::vector<Event> events_;
  bool closed_ = false;
};

}  // namespace lockstep::replication
