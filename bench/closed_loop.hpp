// One libiscsi session that keeps a fixed number of requests in flight: whenever one completes, the
// next is submitted; and the benchmark that consists of it. Internal.
#pragma once

#include "bench/environment.hpp"
#include "bench/measure.hpp"

#include <bit>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace benchmark {
class State;
}

namespace lockstep::bench {

enum class Kind : std::uint8_t { Read, Write };
enum class Order : std::uint8_t { Sequential, Random };

struct Load {
  Kind kind = Kind::Read;
  Order order = Order::Sequential;
  std::size_t request_bytes = 4096;
  std::size_t depth = 1;
};

// The n-th place that a load touches. A random order visits every place once before it visits one
// again, so that no two requests in flight meet.
class Places {
 public:
  Places(Order order, std::uint64_t count) : order_(order), mask_(count - 1) {}
  [[nodiscard]] std::uint64_t next() noexcept {
    if (order_ == Order::Sequential) return at_++ & mask_;
    at_ = (at_ * 1664525 + 1013904223) & mask_;  // full period modulo a power of two
    return at_ ^ (at_ >> (std::bit_width(mask_) / 2));
  }

 private:
  Order order_;
  std::uint64_t mask_;
  std::uint64_t at_ = 0;
};

// Keeps `depth` requests in flight on one session, and can tell afterwards whether the data were
// right.
class ClosedLoop {
 public:
  using Clock = std::chrono::steady_clock;

  // `place`: of the environment's source or scratch, as the load wants.
  ClosedLoop(const Load& load, initiator::Session& session, const load::Address& place,
             BlockSize block_size)
      : load_(load),
        session_(session),
        lun_(place.lun),
        block_size_(block_size),
        places_(load.order, Environment::kVolumeBytes / load.request_bytes),
        buffers_(load.depth * load.request_bytes),
        slots_(load.depth) {
    for (std::size_t i = 0; i < buffers_.size(); i += kBlockSize.bytes) {
      fill_block(block_at(i), Lba{i + 1});
    }
    if (load.kind == Kind::Write) last_.resize(Environment::kVolumeBytes / load.request_bytes);
    for (std::size_t i = 0; i < slots_.size(); ++i) slots_[i].number = i;
  }

  void begin() {
    for (Slot& slot : slots_) submit(slot);
  }
  // So far.
  [[nodiscard]] std::uint64_t completions() const noexcept { return completed_; }
  // Runs the session; false: it is over or the target refused.
  bool wait_for(std::uint64_t completions);
  // For owners of several loops, who poll() the sessions themselves: what became ready is done,
  // what it brought about is sent. False: as above.
  bool serve(short revents);
  [[nodiscard]] const initiator::Session& session() const noexcept { return session_; }
  // Lets what is in flight complete.
  void drain();
  // What went wrong; empty: nothing. Reads what was written past this session.
  [[nodiscard]] std::string verify(Environment& environment) const;
  [[nodiscard]] const Latencies& latencies() const { return latencies_; }
  [[nodiscard]] const Progress& progress() const { return progress_; }

 private:
  struct Slot {
    std::size_t number = 0;
    Clock::time_point submitted;
    std::optional<std::uint64_t> place;  // of the last request
  };
  struct LastWrite {
    std::uint64_t sequence = 0;  // 0: never
    std::size_t slot = 0;
  };

  [[nodiscard]] std::span<std::byte> block_at(std::size_t offset) {
    return std::span(buffers_).subspan(offset, kBlockSize.bytes);
  }
  [[nodiscard]] std::span<std::byte> buffer_of(const Slot& slot) {
    return std::span(buffers_).subspan(slot.number * load_.request_bytes, load_.request_bytes);
  }
  [[nodiscard]] Lba first_of(std::uint64_t place) const {
    return Lba{place * (load_.request_bytes / block_size_.bytes)};
  }

  void submit(Slot& slot);

  // Each request differs from what its blocks held before, so that a lost write shows.
  void stamp(const Slot& slot, std::span<std::byte> buffer);

  void completed(Slot& slot, const initiator::Completion& completion);

  // Told apart, so that no write equals one of an earlier run at the same place.
  static std::uint64_t next_generation();

  // Of each buffer, what its last request brought.
  [[nodiscard]] std::string verify_reads() const;

  // Of each place, its last write, every byte.
  [[nodiscard]] std::string verify_writes(Environment& environment) const;

  const Load load_;
  initiator::Session& session_;
  const std::uint16_t lun_;
  const BlockSize block_size_;
  Places places_;
  std::vector<std::byte> buffers_;
  std::vector<Slot> slots_;
  std::vector<LastWrite> last_;
  std::uint64_t sequence_ = next_generation() << 32;
  std::uint64_t completed_ = 0;
  bool stopping_ = false;
  std::string problem_;
  Latencies latencies_;
  Progress progress_;
};

// The place that such a load works on.
[[nodiscard]] Result<load::Address> place_of(const Load& load, Environment& environment);

// A session of its own under that load, one iteration for each request: rates, latencies, what each
// end used, and the detail. What goes wrong fails the benchmark.
void run_load(benchmark::State& state, Environment& environment, const Load& load);

}  // namespace lockstep::bench
