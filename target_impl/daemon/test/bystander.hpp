// An initiator that minds its own business on a thread of its own: small reads, one after the
// other, each checked. What hostile peers do must not keep it from going on.
#pragma once

#include "target_impl/daemon/test/raw_initiator.hpp"
#include "target_impl/daemon/test/served_volume.hpp"

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <thread>

namespace lockstep::target::test {

class Bystander {
 public:
  // Block 0 of the volume must not change meanwhile.
  explicit Bystander(TargetServer& server) : initiator_(server.port()) {
    initiator_.initiator_name = "iqn.2026-11.test:bystander";
    ready_ = initiator_.log_in(kTargetName) == 0 && initiator_.clear_attentions();
    expected_ = initiator_.read(0, kBlocks);
    ready_ = ready_ && expected_.size() == kBlocks * iscsi::test::kBlockBytes;
    thread_ = std::thread([this] { run(); });
  }
  ~Bystander() {
    stop_ = true;
    thread_.join();
  }
  Bystander(const Bystander&) = delete;
  Bystander& operator=(const Bystander&) = delete;

  [[nodiscard]] bool healthy() const noexcept { return ready_ && !failed_; }
  [[nodiscard]] std::uint64_t reads() const noexcept { return reads_; }
  // Whether `count` more reads are answered rightly from now on, within ten seconds.
  [[nodiscard]] bool goes_on(std::uint64_t count = 20) const {
    const std::uint64_t goal = reads_ + count;
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(10);
    while (healthy() && reads_ < goal && std::chrono::steady_clock::now() < end) {
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    return healthy() && reads_ >= goal;
  }

 private:
  static constexpr std::uint16_t kBlocks = 8;
  void run() {
    while (!stop_ && ready_ && !failed_) {
      failed_ = initiator_.read(0, kBlocks) != expected_;
      ++reads_;
    }
  }

  RawInitiator initiator_;
  std::string expected_;
  bool ready_ = false;
  std::atomic<bool> failed_{false};
  std::atomic<bool> stop_{false};
  std::atomic<std::uint64_t> reads_{0};
  std::thread thread_;
};

}  // namespace lockstep::target::test
