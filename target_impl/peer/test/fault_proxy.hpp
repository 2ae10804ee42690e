// Test support: a TCP proxy between an initiator and its target that can be cut, stalled, slowed
// and healed, and that can deliver late what a connection long dead had sent.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

namespace lockstep::peer::test {

// Thread-safe. Listens on 127.0.0.1, on a free port.
class FaultProxy {
 public:
  // "127.0.0.1:PORT" of the target.
  explicit FaultProxy(const std::string& upstream);
  ~FaultProxy();
  FaultProxy(const FaultProxy&) = delete;
  FaultProxy& operator=(const FaultProxy&) = delete;

  [[nodiscard]] std::string portal() const;

  // Every connection is reset, and new ones too, until heal().
  void cut();
  // Everything stays open and nothing passes, either way, until heal().
  void stall();
  // As cut() for the initiator. The target is left with open connections; what the initiator had
  // sent and did not get through while stalled reaches it at deliver_late(), after heal() if so
  // wanted.
  void cut_behind();
  void deliver_late();
  // Passes everything again. What was stalled comes through now.
  void heal();
  // From now on each piece waits for a random time up to this, in its order on its connection.
  void delay(std::chrono::milliseconds longest);
  // Cuts as soon as this many bytes more have passed to the target.
  void cut_after(std::uint64_t bytes);

  [[nodiscard]] std::uint64_t bytes_to_target() const;

 private:
  struct Inside;
  std::unique_ptr<Inside> inside_;
};

}  // namespace lockstep::peer::test
