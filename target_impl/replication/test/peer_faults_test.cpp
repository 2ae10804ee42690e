// Goal: whatever becomes of the connection at whatever stage of an operation on a mirror to a peer,
// the states seen are those that the state machine allows, the peer holds a prefix of what one
// writer wrote while the mirror was Synchronized, and once the connection is back everything is.
// Method: a table of operations against a table of faults and moments; a writer whose writes depend
// on each other; the peer's volume is looked at directly. LOCKSTEP_PEER_FAULTS=all tries every
// combination and mode, otherwise some of each are.
#include "model/vocab/names.hpp"
#include "target_impl/replication/test/two_systems.hpp"

#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <set>
#include <thread>

namespace lockstep::replication::test {
namespace {

using enum CopyState;
using std::chrono::microseconds;
using std::chrono::milliseconds;

constexpr std::uint64_t kWrittenBlocks = 24;
// Not by the writer.
constexpr std::uint64_t kOthers = 200;
constexpr std::uint64_t kOtherBlocks = 200;

// Write k, counted from 1, goes to block k % kWrittenBlocks and says k, so that an image tells
// which writes it holds. Each is issued after the one before was answered.
class Writer {
 public:
  Writer(Rig& rig, ElementRef element) : rig_(rig), element_(std::move(element)) {}
  ~Writer() { stop(); }
  Writer(const Writer&) = delete;
  Writer& operator=(const Writer&) = delete;

  void start() {
    thread_ = std::thread([this] {
      while (!stopping_) {
        const std::uint64_t number = issued_ + 1;
        std::array<std::byte, 512> block{};
        std::memcpy(block.data(), &number, sizeof number);
        issued_ = number;
        const auto answer =
            rig_.provider().data_path()->write(element_, Lba{number % kWrittenBlocks}, block);
        if (!answer || !answer.value().good()) {
          refused_ = true;  // the source is read-only for a moment
          issued_ = number - 1;
          std::this_thread::sleep_for(milliseconds{1});
          continue;
        }
        acknowledged_ = number;
      }
    });
  }
  void stop() {
    stopping_ = true;
    if (thread_.joinable()) thread_.join();
  }
  [[nodiscard]] std::uint64_t acknowledged() const { return acknowledged_; }
  [[nodiscard]] bool was_refused() const { return refused_; }

 private:
  Rig& rig_;
  const ElementRef element_;
  std::atomic<bool> stopping_{false};
  std::atomic<bool> refused_{false};
  std::atomic<std::uint64_t> issued_{0};
  std::atomic<std::uint64_t> acknowledged_{0};
  std::thread thread_;
};

// How many writes the image holds, if it holds exactly the first so many; `image` is whole blocks
// from 0 on.
std::optional<std::uint64_t> prefix_of(const std::string& image) {
  std::array<std::uint64_t, kWrittenBlocks> held{};
  std::uint64_t last = 0;
  for (std::size_t i = 0; i < kWrittenBlocks; ++i) {
    std::memcpy(&held[i], image.data() + i * 512, sizeof(std::uint64_t));
    last = std::max(last, held[i]);
  }
  for (std::uint64_t number = last; number > 0 && number + kWrittenBlocks > last; --number) {
    if (held[number % kWrittenBlocks] != number) return std::nullopt;
  }
  return last;
}

enum class Fault { CutBefore, StallBefore, Late, CutDuring, Slow };

struct Trouble {
  const char* name;
  Fault fault;
  std::uint64_t bytes = 0;  // CutDuring: after so many more
};
constexpr std::array<Trouble, 10> kTroubles{{{"cut before", Fault::CutBefore},
                                             {"cut after 1 byte", Fault::CutDuring, 1},
                                             {"cut after 60 bytes", Fault::CutDuring, 60},
                                             {"cut after 700 bytes", Fault::CutDuring, 700},
                                             {"cut after 5000 bytes", Fault::CutDuring, 5'000},
                                             {"cut after 70000 bytes", Fault::CutDuring, 70'000},
                                             {"cut after 250000 bytes", Fault::CutDuring, 250'000},
                                             {"stalled before", Fault::StallBefore},
                                             {"stalled, cut, delivered late", Fault::Late},
                                             {"slow", Fault::Slow}}};

struct Stage {
  Operation operation;
  std::vector<Operation> before;    // from Synchronized to where it is accepted
  std::set<CopyState> may_be_seen;  // from the call until the connection is healed
  std::set<CopyState> may_stay;     // after that; Broken ends by itself
  // Of what brings the replica's bytes back: where it ends once it has been accepted, whatever
  // became of the connection.
  std::optional<CopyState> ends{};
};
// A copy that runs is Unsynchronized, ends Synchronized, and breaks when the link is lost (T-010,
// T-048); a pair without data flow stays where it is (T-049), but what hosts do to a replica that
// leads is not known (T-050).
const std::vector<Stage>& stages() {
  static const std::vector<Stage> all{
      {Operation::Split, {}, {Synchronized, Split, Broken, Unsynchronized}, {Split, Synchronized}},
      {Operation::Fracture,
       {},
       {Synchronized, Fractured, Broken, Unsynchronized},
       {Fractured, Synchronized}},
      {Operation::Suspend,
       {},
       {Synchronized, Suspended, Broken, Unsynchronized},
       {Suspended, Synchronized}},
      {Operation::Deactivate,
       {},
       {Synchronized, Inactive, Broken, Unsynchronized},
       {Inactive, Synchronized}},
      {Operation::ResyncReplica,
       {Operation::Split},
       {Split, Unsynchronized, Synchronized, Broken},
       {Synchronized, Split}},
      {Operation::Resume,
       {Operation::Suspend},
       {Suspended, Unsynchronized, Synchronized, Broken},
       {Synchronized, Suspended}},
      {Operation::Activate,
       {Operation::Deactivate},
       {Inactive, Unsynchronized, Synchronized, Broken},
       {Synchronized, Inactive}},
      {Operation::RestoreFromReplica,
       {Operation::Split},
       {Split, Restored},
       {Split, Restored},
       Restored},
      {Operation::Failover,
       {},
       {Synchronized, Failedover, Broken, Unsynchronized, Partitioned},
       {Failedover, Synchronized}},
      // All has been brought back before anything breaks.
      {Operation::Failback,
       {Operation::Failover},
       {Failedover, Synchronized, Broken, Unsynchronized, Partitioned},
       {Synchronized, Failedover},
       Synchronized},
      {Operation::ResetToAsync, {}, {Synchronized, Broken, Unsynchronized}, {Synchronized}},
      {Operation::ResetToSync, {}, {Synchronized, Broken, Unsynchronized}, {Synchronized}},
  };
  return all;
}

milliseconds answer_timeout_for(const Trouble& trouble) {
  return trouble.fault == Fault::StallBefore ? kShortAnswer : kLongAnswer;
}

bool is_backwards(Operation operation) {
  return operation == Operation::RestoreFromReplica || operation == Operation::Failback ||
         operation == Operation::Failover;
}

class Combination {
 public:
  Combination(const Stage& stage, const Trouble& trouble, Mode mode)
      : stage_(stage),
        trouble_(trouble),
        mode_(mode),
        two_{{kBlocks}, answer_timeout_for(trouble)},
        source_(two_.rig.volume()) {}

  void run() {
    ASSERT_EQ(two_.rig.write(source_, kWrittenBlocks, 'x', kBlocks - kWrittenBlocks), 0);
    pair_ = two_.begin_mirror(source_, mode_);
    ASSERT_TRUE(two_.becomes(pair_, Synchronized));
    Writer writer(two_.rig, source_);
    writer.start();
    while (writer.acknowledged() < 20) std::this_thread::sleep_for(microseconds{200});
    for (const Operation operation : stage_.before) {
      // An answer that came too late may have broken it meanwhile.
      ASSERT_TRUE(two_.rig.eventually([&](const Inventory&) {
        return two_.rig.modify(operation, pair_).completed();
      })) << to_text(operation);
    }
    // Something for a resynchronization to carry, or for a replica to give back.
    if (!stage_.before.empty()) {
      ASSERT_EQ(two_.rig.write(source_, kOthers, 'y', kOtherBlocks), 0);
    }
    const bool followed = stage_.before.empty() && mode_ == Mode::Synchronous;
    if (followed && trouble_.fault == Fault::StallBefore) {
      ASSERT_TRUE(two_.stall_synchronized(pair_));
    }
    const std::uint64_t acknowledged = writer.acknowledged();
    strike();
    const bool accepted = two_.rig.modify(stage_.operation, pair_).accepted();
    watch_until_it_settles();
    if (followed && !is_backwards(stage_.operation)) {
      const auto held = prefix_of(two_.peer.read(1, 0, kWrittenBlocks));
      const bool separated = two_.rig.state(pair_) != Synchronized;
      if (separated) {
        ASSERT_TRUE(held) << "the peer holds no prefix";
        EXPECT_GE(*held, acknowledged) << "an acknowledged write is missing";
      }
    }
    heal();
    const bool brings_back = accepted && stage_.ends;
    EXPECT_TRUE(two_.rig.eventually([&](const Inventory& inventory) {
      const CopyState state = inventory.find(pair_)->copy_state.value();
      return brings_back ? state == *stage_.ends : stage_.may_stay.contains(state);
    })) << "stays "
        << to_text(two_.rig.state(pair_).value());
    if (brings_back) {
      EXPECT_EQ(two_.rig.read(source_, kOthers, kOtherBlocks), std::string(kOtherBlocks * 512, 'x'))
          << "what was to be brought back is lost";
    }
    writer.stop();
    EXPECT_TRUE(is_backwards(stage_.operation) || !writer.was_refused());
    end_equal();
  }

 private:
  void strike() {
    auto& proxy = two_.peer.proxy();
    switch (trouble_.fault) {
      case Fault::CutBefore:
        return proxy.cut();
      case Fault::StallBefore:
        return proxy.stall();
      case Fault::Late:
        proxy.stall();
        std::this_thread::sleep_for(milliseconds{5});
        return proxy.cut_behind();
      case Fault::CutDuring:
        return proxy.cut_after(trouble_.bytes);
      case Fault::Slow:
        return proxy.delay(milliseconds{3});
    }
  }

  void watch_until_it_settles() {
    const auto until = std::chrono::steady_clock::now() + milliseconds{300};
    while (std::chrono::steady_clock::now() < until) {
      const CopyState seen = two_.rig.state(pair_).value();
      EXPECT_TRUE(stage_.may_be_seen.contains(seen)) << "seen " << to_text(seen);
      if (seen == Broken) return;
      std::this_thread::sleep_for(milliseconds{2});
    }
  }

  void heal() {
    two_.peer.proxy().cut_after(UINT64_MAX / 2);
    two_.peer.proxy().heal();
    two_.peer.proxy().deliver_late();
  }

  // Whatever came of it, the pair can be brought back, and then the two are equal.
  void end_equal() {
    const CopyState state = two_.rig.state(pair_).value();
    const auto bring_back = [&](Operation operation) {
      EXPECT_TRUE(two_.rig.eventually([&](const Inventory&) {
        return two_.rig.state(pair_) == Synchronized ||
               two_.rig.job_ends(two_.rig.modify(operation, pair_));
      })) << to_text(operation)
          << " from " << to_text(state);
    };
    switch (state) {
      case Split:
      case Fractured:
      case Restored:
        bring_back(Operation::ResyncReplica);
        break;
      case Suspended:
        bring_back(Operation::Resume);
        break;
      case Inactive:
        bring_back(Operation::Activate);
        break;
      case Failedover:
        bring_back(Operation::Failback);
        break;
      default:
        break;
    }
    EXPECT_TRUE(two_.becomes(pair_, Synchronized));
    EXPECT_TRUE(two_.become_equal(source_, 1)) << "after " << to_text(state);
    if (!is_backwards(stage_.operation)) {
      EXPECT_TRUE(prefix_of(two_.rig.read(source_, 0, kWrittenBlocks)));
    }
  }

  const Stage& stage_;
  const Trouble& trouble_;
  const Mode mode_;
  TwoSystems two_;
  const ElementRef source_;
  RelationshipRef pair_;
};

bool wants_all() {
  const char* wanted = std::getenv("LOCKSTEP_PEER_FAULTS");  // NOLINT(concurrency-mt-unsafe)
  return wanted != nullptr && std::string(wanted) == "all";
}

TEST(PeerFaults, AtEveryStageOfEveryOperation) {
  const std::size_t stride = wants_all() ? 1 : 7;
  std::size_t number = 0;
  for (const Mode mode : {Mode::Synchronous, Mode::Asynchronous}) {
    for (const Stage& stage : stages()) {
      for (const Trouble& trouble : kTroubles) {
        if (number++ % stride != 0) continue;
        SCOPED_TRACE(std::string(to_text(mode)) + ", " + to_text(stage.operation) + ", " +
                     trouble.name);
        Combination(stage, trouble, mode).run();
        if (HasFatalFailure()) return;
      }
    }
  }
}

}  // namespace
}  // namespace lockstep::replication::test
