#include "target_impl/scsi/sanitizer.hpp"

#include <algorithm>
#include <cstring>
#include <system_error>
#include <utility>

namespace lockstep::scsi {

namespace {

using Clock = std::chrono::steady_clock;

constexpr std::uint64_t kWhole = 65536;
constexpr std::uint64_t kOverwriteBytes = 1ULL << 20;
constexpr std::uint64_t kEraseBytes = 1ULL << 30;

}  // namespace

Sanitizer::Sanitizer(store::Volume& volume, Conditions& conditions, CommandGate& gate)
    : volume_(volume), conditions_(conditions), gate_(gate) {}

Sanitizer::~Sanitizer() {
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
  }
  changed_.notify_all();
  if (thread_.joinable()) {
    thread_.join();
  }
}

bool Sanitizer::start(SanitizePlan plan, std::chrono::milliseconds minimum) {
  const std::lock_guard lock(mutex_);
  if (running_) {
    return false;
  }
  if (thread_.joinable()) {
    thread_.join();  // it has ended
  }
  running_ = true;
  may_exit_failure_ = plan.may_exit_failure;
  work_done_ = 0;
  started_ = Clock::now().time_since_epoch();
  minimum_ = minimum;
  constexpr auto kBoth = static_cast<std::uint32_t>(Condition::Sanitizing) |
                         static_cast<std::uint32_t>(Condition::SanitizeFailed);
  conditions_.replace(kBoth, static_cast<std::uint32_t>(Condition::Sanitizing));
  try {
    thread_ = std::thread([this, plan = std::move(plan), minimum] { run(plan, minimum); });
  } catch (const std::system_error&) {  // no more threads
    conditions_.replace(kBoth, 0);
    running_ = false;
    return false;
  }
  return true;
}

void Sanitizer::wait() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return !running_; });
}

std::uint16_t Sanitizer::progress() const noexcept {
  const auto elapsed = Clock::now().time_since_epoch() - started_.load();
  const auto minimum = std::max<Clock::duration>(minimum_.load(), Clock::duration{1});
  const double time_done =
      std::min(1.0, static_cast<double>(elapsed.count()) / static_cast<double>(minimum.count()));
  const double done = std::min(time_done * kWhole, static_cast<double>(work_done_.load()));
  return static_cast<std::uint16_t>(std::clamp(done, 0.0, double{kWhole - 1}));
}

bool Sanitizer::exit_failure() {
  const std::lock_guard lock(mutex_);
  if (conditions_.has(Condition::SanitizeFailed)) {
    if (!may_exit_failure_) {
      return false;
    }
    conditions_.put(Condition::SanitizeFailed, false);
  }
  return true;
}

void Sanitizer::run(const SanitizePlan& plan, std::chrono::milliseconds minimum) {
  gate_.drain();
  if (plan.alone) {
    plan.alone();
  }
  const bool done = plan.pattern.empty() ? erase() : overwrite(plan);
  std::unique_lock lock(mutex_);
  const auto earliest = Clock::time_point(started_.load()) + minimum;
  changed_.wait_until(lock, earliest, [this] { return stops(); });
  constexpr auto kBoth = static_cast<std::uint32_t>(Condition::Sanitizing) |
                         static_cast<std::uint32_t>(Condition::SanitizeFailed);
  conditions_.replace(kBoth, done ? 0 : static_cast<std::uint32_t>(Condition::SanitizeFailed));
  running_ = false;
  lock.unlock();
  changed_.notify_all();
  if (plan.ended) {
    plan.ended(done);
  }
}

bool Sanitizer::erase() {
  const std::uint64_t blocks = volume_.blocks().value;
  const std::uint64_t part = kEraseBytes / volume_.block_size().bytes;
  for (std::uint64_t at = 0; at < blocks && !stops(); at += part) {
    const std::uint64_t count = std::min(part, blocks - at);
    volume_.admit();
    if (volume_.unmap(Lba{at}, BlockCount{count}) != store::WriteResult::Done) {
      return false;
    }
    work_done_ = static_cast<std::uint32_t>(static_cast<double>(at + count) /
                                            static_cast<double>(blocks) * kWhole);
  }
  return !stops();
}

bool Sanitizer::overwrite(const SanitizePlan& plan) {
  const std::uint64_t block_bytes = volume_.block_size().bytes;
  const std::uint64_t blocks = volume_.blocks().value;
  const std::uint64_t part = std::min(blocks, kOverwriteBytes / block_bytes);
  std::vector<std::byte> data(static_cast<std::size_t>(part * block_bytes));
  for (std::size_t at = 0; at != data.size(); at += plan.pattern.size()) {
    std::memcpy(data.data() + at, plan.pattern.data(), plan.pattern.size());
  }
  const double all = static_cast<double>(blocks) * plan.passes;
  for (std::uint32_t pass = 0; pass != plan.passes; ++pass) {
    if (pass != 0 && plan.inverts_between_passes) {
      std::transform(data.begin(), data.end(), data.begin(), [](std::byte b) { return ~b; });
    }
    for (std::uint64_t at = 0; at < blocks; at += part) {
      const std::uint64_t count = std::min(part, blocks - at);
      const auto bytes = std::span(data).first(static_cast<std::size_t>(count * block_bytes));
      volume_.admit();
      if (stops() || volume_.write(Lba{at}, bytes) != store::WriteResult::Done) {
        return false;
      }
      const double done = static_cast<double>(blocks) * pass + static_cast<double>(at + count);
      work_done_ = static_cast<std::uint32_t>(done / all * kWhole);
    }
  }
  return true;
}

}  // namespace lockstep::scsi
