// Reads and writes through libiscsi against the target of this process, with a fixed number of
// requests in flight: whenever one completes, the next is submitted.
#include "bench/case.hpp"
#include "bench/environment.hpp"
#include "bench/measure.hpp"

#include <benchmark/benchmark.h>

#include <algorithm>
#include <bit>
#include <cstring>
#include <optional>
#include <utility>
#include <vector>

namespace lockstep::bench {
namespace {

using Clock = std::chrono::steady_clock;

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
  ClosedLoop(const Load& load, initiator::Session& session)
      : load_(load),
        session_(session),
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
  // False: the session is over or the target refused.
  bool wait_for(std::uint64_t completions) {
    while (completed_ < completions && problem_.empty()) {
      const Status turn = session_.run_once(std::chrono::seconds{30});
      if (!turn) problem_ = turn.error().message;
    }
    return problem_.empty();
  }
  // Lets what is in flight complete.
  void drain() {
    stopping_ = true;
    const Status end = session_.run_until_idle();
    if (!end && problem_.empty()) problem_ = end.error().message;
  }
  // What went wrong; empty: nothing. Reads the written volume past the wire.
  [[nodiscard]] std::string verify(const store::Volume& written) const {
    if (!problem_.empty()) return problem_;
    return load_.kind == Kind::Read ? verify_reads() : verify_writes(written);
  }
  [[nodiscard]] const Latencies& latencies() const { return latencies_; }

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
    return Lba{place * (load_.request_bytes / kBlockSize.bytes)};
  }

  void submit(Slot& slot) {
    slot.place = places_.next();
    const Lba first = first_of(*slot.place);
    const auto buffer = buffer_of(slot);
    if (load_.kind == Kind::Write) stamp(slot, buffer);
    slot.submitted = Clock::now();
    const auto done = [this, at = &slot](const initiator::Completion& c) { completed(*at, c); };
    if (load_.kind == Kind::Write) {
      session_.write(Environment::kScratchLun, first, kBlockSize, buffer, done);
    } else {
      session_.read(Environment::kSourceLun, first, kBlockSize, buffer, done);
    }
  }

  // Each request differs from what its blocks held before, so that a lost write shows.
  void stamp(const Slot& slot, std::span<std::byte> buffer) {
    ++sequence_;
    last_[*slot.place] = LastWrite{sequence_, slot.number};
    for (std::size_t at = 0; at < buffer.size(); at += kBlockSize.bytes) {
      const std::uint64_t stamps[] = {*slot.place, sequence_};
      std::memcpy(buffer.data() + at, stamps, sizeof(stamps));
    }
  }

  void completed(Slot& slot, const initiator::Completion& completion) {
    latencies_.record(Clock::now() - slot.submitted);
    ++completed_;
    if (completion.outcome != initiator::Outcome::Answered) {
      problem_ = "a request ended without an answer";
    } else if (!completion.answer.good()) {
      problem_ = "a request was refused with " + initiator::answer_text(completion.answer);
    }
    if (!stopping_ && problem_.empty()) submit(slot);
  }

  // Told apart, so that no write equals one of an earlier run at the same place.
  static std::uint64_t next_generation() {
    static std::uint64_t generation = 0;
    return ++generation;
  }

  // Of each buffer, what its last request brought.
  [[nodiscard]] std::string verify_reads() const {
    for (const Slot& slot : slots_) {
      if (!slot.place) continue;
      const Lba first = first_of(*slot.place);
      for (std::size_t at = 0; at < load_.request_bytes; at += kBlockSize.bytes) {
        const auto block =
            std::span(buffers_).subspan(slot.number * load_.request_bytes + at, kBlockSize.bytes);
        const Lba lba = first + BlockCount{at / kBlockSize.bytes};
        if (!is_block(block, lba)) return "wrong data read at LBA " + std::to_string(lba.value);
      }
    }
    return {};
  }

  // Of each place, its last write, every byte.
  [[nodiscard]] std::string verify_writes(const store::Volume& volume) const {
    std::vector<std::byte> held(load_.request_bytes);
    std::vector<std::byte> expected(load_.request_bytes);
    for (std::uint64_t place = 0; place < last_.size(); ++place) {
      const LastWrite& last = last_[place];
      if (last.sequence == 0) continue;
      volume.read(first_of(place), held);
      std::copy_n(buffers_.begin() + static_cast<std::ptrdiff_t>(last.slot * load_.request_bytes),
                  load_.request_bytes, expected.begin());
      for (std::size_t at = 0; at < expected.size(); at += kBlockSize.bytes) {
        const std::uint64_t stamps[] = {place, last.sequence};
        std::memcpy(expected.data() + at, stamps, sizeof(stamps));
      }
      if (held != expected) {
        return "wrong data written at LBA " + std::to_string(first_of(place).value);
      }
    }
    return {};
  }

  const Load load_;
  initiator::Session& session_;
  Places places_;
  std::vector<std::byte> buffers_;
  std::vector<Slot> slots_;
  std::vector<LastWrite> last_;
  std::uint64_t sequence_ = next_generation() << 32;
  std::uint64_t completed_ = 0;
  bool stopping_ = false;
  std::string problem_;
  Latencies latencies_;
};

void run_load(benchmark::State& state, Environment& environment, const Load& load) {
  auto session = environment.connect();
  if (!session) return state.SkipWithError(session.error().message.c_str());
  ClosedLoop loop(load, *session.value());
  std::uint64_t wanted = 0;
  Effort effort;
  for (auto _ : state) {
    if (wanted == 0) loop.begin();
    if (!loop.wait_for(++wanted)) break;
  }
  effort.stop();
  loop.drain();
  const std::string problem = loop.verify(environment.volume(Environment::kScratchLun));
  if (!problem.empty()) return state.SkipWithError(problem.c_str());
  const double requests = static_cast<double>(state.iterations());
  set_effort(state, effort.cpu_seconds(), requests * static_cast<double>(load.request_bytes));
  state.counters["io_per_second"] = benchmark::Counter(requests, benchmark::Counter::kIsRate);
  state.counters["p50_us"] = loop.latencies().percentile_us(0.50);
  state.counters["p99_us"] = loop.latencies().percentile_us(0.99);
}

}  // namespace

std::vector<Case> data_path_cases() {
  std::vector<Case> cases;
  const auto add = [&](Kind kind, Order order, std::size_t request_bytes, std::size_t depth) {
    Load load{kind, order, request_bytes, depth};
    std::string name = std::string("data_path/") + (kind == Kind::Read ? "read" : "write") +
                       (order == Order::Random ? "/random" : "/sequential") +
                       "/bs:" + size_text(request_bytes) + "/qd:" + std::to_string(depth);
    cases.push_back(
        Case{std::move(name), [load](benchmark::State& state, Environment& environment) {
               run_load(state, environment, load);
             }});
  };
  for (const Kind kind : {Kind::Read, Kind::Write}) {
    for (const std::size_t depth : {1U, 16U, 64U}) add(kind, Order::Random, 4096, depth);
    for (const std::size_t request_bytes : {64U * 1024U, 256U * 1024U}) {
      for (const std::size_t depth : {1U, 16U, 64U}) {
        add(kind, Order::Sequential, request_bytes, depth);
      }
    }
  }
  return cases;
}

}  // namespace lockstep::bench
