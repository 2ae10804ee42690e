// What the target has done so far, counted where commands run without a lock, a fence or a shared
// cache line: every thread has counters of its own, and whoever asks adds them up.
#pragma once

#include "target_impl/scsi/device_server.hpp"

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string_view>
#include <thread>

namespace lockstep::target {

enum class CommandFamily : std::uint8_t {
  Read,
  Write,         // WRITE SAME, COMPARE AND WRITE and the like included
  Flush,         // SYNCHRONIZE CACHE
  Provisioning,  // UNMAP, GET LBA STATUS, SANITIZE, FORMAT UNIT
  Copy,          // EXTENDED COPY, tokens and what reports on them
  Reservation,
  Inquiry,  // what asks about the device: INQUIRY, capacities, REPORT …, modes, sense
  Other,
};
inline constexpr std::size_t kCommandFamilies = 8;

[[nodiscard]] CommandFamily family_of(std::uint8_t operation_code) noexcept;
[[nodiscard]] std::string_view family_text(CommandFamily family) noexcept;

// Upper bounds of the buckets of the time that commands take: 2^0 … 2^19 microseconds.
inline constexpr std::size_t kTimeBuckets = 20;

template <class Number>
struct CommandCounts {
  std::array<Number, kCommandFamilies> commands{};
  Number bytes_in{};                    // to initiators
  Number bytes_out{};                   // from initiators
  std::array<Number, 16> sense_keys{};  // of CHECK CONDITIONs
  Number other_statuses{};              // BUSY, RESERVATION CONFLICT, TASK SET FULL, TASK ABORTED
  Number sessions_started{};
  Number sessions_ended{};
  Number logins_refused{};
  // Of one command in kTimedOneIn: the last bucket takes what is longer than all bounds.
  std::array<Number, kTimeBuckets + 1> times{};
  Number time_ns{};
};
using CommandTotals = CommandCounts<std::uint64_t>;

inline constexpr std::uint64_t kTimedOneIn = 64;

// Thread-safe.
class CommandCounters {
 public:
  CommandCounters();
  CommandCounters(const CommandCounters&) = delete;
  CommandCounters& operator=(const CommandCounters&) = delete;

  using Slot = CommandCounts<std::atomic<std::uint64_t>>;
  // The calling thread's own; only it may write to them. Fast but for the first call of a thread.
  [[nodiscard]] Slot& mine();
  [[nodiscard]] CommandTotals totals() const;

 private:
  const std::uint64_t id_;
  mutable std::mutex mutex_;
  std::map<std::thread::id, std::unique_ptr<Slot>> slots_;
};

// Of a counter that one thread alone writes.
inline void add(std::atomic<std::uint64_t>& counter, std::uint64_t value) noexcept {
  counter.store(counter.load(std::memory_order_relaxed) + value, std::memory_order_relaxed);
}

}  // namespace lockstep::target
