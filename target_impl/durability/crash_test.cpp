// A durable target is killed at random moments under load, started again, and asked for everything
// that it acknowledged.
//
// Three initiators write regions of LUN 0 that share extents (WRITE with and without FUA, UNMAP,
// COMPARE AND WRITE, SYNCHRONIZE CACHE, up to 200 blocks at once) while a fourth party keeps
// snapshots and makes clones, and a fifth copies by token (POPULATE TOKEN, WRITE USING TOKEN, and
// mostly SYNCHRONIZE CACHE, which is what acknowledges the copy). Each region must come back as it
// was after some number of its commands, the durable ones included: so nothing acknowledged is
// lost, nothing is mixed, and nothing is torn, however many blocks it spans. Snapshots, clones and
// copies must be one of those states from between the request and its answer.
//
// LOCKSTEP_CRASH_ROUNDS sets the number of crashes, LOCKSTEP_CRASH_SEED the seed.
#include "target_impl/daemon/test/offloaded_copy.hpp"
#include "target_impl/durability/process.hpp"
#include "target_impl/durability/region.hpp"
#include "target_impl/store/test/scratch_directory.hpp"

#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <chrono>
#include <cstdlib>
#include <memory>
#include <random>
#include <thread>
#include <utility>

namespace lockstep::durability {
namespace {

using target::test::Bytes;
using target::test::cdb_of;
using target::test::ScsiAnswer;
using target::test::ScsiSession;
using Clock = std::chrono::steady_clock;

constexpr std::size_t kRegions = 3;
constexpr std::uint32_t kRegionBlocks = 300;
const Bytes kSynchronizeCache = cdb_of(0x35);
const std::string kTarget = "iqn.2026-11.net.lockstep:crash";

int number_from(const char* name, int otherwise) {
  const char* text = std::getenv(name);
  return text == nullptr ? otherwise : std::atoi(text);
}

std::string initiator_name(const std::string& who) { return "iqn.2026-11.net.lockstep:" + who; }

// False: the target is gone.
bool done(const ScsiAnswer& answer) {
  EXPECT_TRUE(answer.good() || answer.unanswered())
      << "sense " << answer.key << "/" << std::hex << answer.code;
  return answer.good();
}

// Commands on one region until the target is gone.
class Writer {
 public:
  Writer(Region& region, std::uint64_t seed) : region_(region), random_(seed) {}

  void run(const std::string& portal, std::size_t id) {
    ScsiSession session(portal, kTarget, initiator_name("writer" + std::to_string(id)));
    session.clear_attentions(0);
    while (session.connected() && step(session)) {
      ++commands;
    }
  }

  std::atomic<std::uint64_t> commands{0};

 private:
  std::uint32_t pick(std::uint32_t below) { return static_cast<std::uint32_t>(random_() % below); }

  Bytes content(std::uint32_t first, std::uint32_t count, std::uint32_t write) {
    Bytes data(count * kBlockBytes);
    for (std::uint32_t i = 0; i != count; ++i) {
      stamp(std::as_writable_bytes(std::span(data)).subspan(i * kBlockBytes, kBlockBytes),
            region_.first() + first + i, write);
    }
    return data;
  }

  // False: the target is gone.
  bool finish(const ScsiAnswer& answer, bool durable) {
    if (!done(answer)) {
      return false;
    }
    region_.end(durable);
    return true;
  }

  bool step(ScsiSession& session) {
    constexpr std::uint8_t kFua = 0x08;
    const std::uint32_t kind = pick(20);
    const std::uint32_t first = pick(region_.blocks());
    const std::uint32_t room = region_.blocks() - first;
    const std::uint64_t lba = region_.first() + first;
    if (kind < 12) {
      const bool fua = kind < 7;
      const std::uint32_t count = 1 + pick(std::min(room, pick(3) == 0 ? 200U : 16U));
      const Change change{first, count, region_.new_write()};
      const Bytes write = cdb_of(0x2a, {{1, 1, fua ? kFua : 0U}, {2, 4, lba}, {7, 2, count}});
      Bytes data = content(first, count, change.write);
      region_.begin(change);
      return finish(session.send(0, write, std::move(data)), fua);
    }
    if (kind < 14) {
      return finish(session.send(0, kSynchronizeCache), true);
    }
    if (kind < 16) {
      const std::uint32_t count = 1 + pick(std::min(room, 150U));
      Bytes list(24);
      target::test::put(list, 0, 2, 22);
      target::test::put(list, 2, 2, 16);
      target::test::put(list, 8, 8, lba);
      target::test::put(list, 16, 4, count);
      region_.begin({first, count, 0});
      return finish(session.send(0, cdb_of(0x42, {{7, 2, list.size()}}), list), false);
    }
    const std::uint32_t count = 1 + pick(std::min(room, 8U));
    const Change change{first, count, region_.new_write()};
    Bytes both;
    for (std::uint32_t i = 0; i != count; ++i) {
      const Bytes block = content(first + i, 1, region_.now()[first + i]);
      both.insert(both.end(), block.begin(), block.end());
    }
    const Bytes data = content(first, count, change.write);
    both.insert(both.end(), data.begin(), data.end());
    region_.begin(change);
    const bool fua = kind < 18;
    return finish(
        session.send(0, cdb_of(0x89, {{1, 1, fua ? kFua : 0U}, {2, 8, lba}, {13, 1, count}}),
                     std::move(both)),
        fua);
  }

  Region& region_;
  std::mt19937_64 random_;
};

using Regions = std::array<std::unique_ptr<Region>, kRegions>;
using States = std::array<RegionState, kRegions>;

// Where copies by token go: one shares the extents of LUN 0, the other cannot, being out of step.
struct TokenTarget {
  int lun;
  std::uint64_t first;  // block that takes LUN 0's first
};
constexpr std::array<TokenTarget, 2> kTokenTargets{{{3, 0}, {4, 3}}};

using Moments = std::array<Moment, kRegions>;

// What a snapshot, a clone or a copy by token may hold: one of these, wholly.
struct Copy {
  bool may_be_absent = true;
  std::vector<States> known;
  std::vector<Moments> taken;  // in this round

  // The last one taken is there to stay.
  void acknowledge() {
    may_be_absent = false;
    known.clear();
    taken.erase(taken.begin(), taken.end() - 1);
  }
};

class CrashRig {
 public:
  explicit CrashRig(std::uint64_t seed) : random_(seed) {
    for (std::size_t i = 0; i != kRegions; ++i) {
      regions_[i] = std::make_unique<Region>(i * kRegionBlocks, kRegionBlocks);
    }
    for (Copy* copy : {&clone_, &by_token_[0], &by_token_[1]}) {
      copy->may_be_absent = false;
      copy->known.push_back(
          {RegionState(kRegionBlocks), RegionState(kRegionBlocks), RegionState(kRegionBlocks)});
    }
  }

  void round() {
    start();
    if (testing::Test::HasFatalFailure()) {
      return;
    }
    std::vector<std::unique_ptr<Writer>> writers;
    std::vector<std::thread> threads;
    for (std::size_t i = 0; i != kRegions; ++i) {
      writers.push_back(std::make_unique<Writer>(*regions_[i], random_()));
      threads.emplace_back([this, i, writer = writers.back().get()] { writer->run(portal(), i); });
    }
    const bool copies = random_() % 4 != 0;
    std::thread copier([this, copies, seed = random_()] { copies ? copy_on(seed) : void(); });
    const bool tokens = random_() % 4 != 0;
    std::thread offloader([this, tokens, seed = random_()] { tokens ? offload(seed) : void(); });
    std::this_thread::sleep_for(std::chrono::microseconds(5'000 + random_() % 35'000));
    process_->kill();
    for (std::thread& thread : threads) {
      thread.join();
    }
    copier.join();
    offloader.join();
    for (const auto& writer : writers) {
      commands += writer->commands;
    }
    process_.reset();
    start();
    if (!testing::Test::HasFatalFailure()) {
      check();
    }
    process_.reset();
  }

  std::uint64_t commands = 0;
  std::uint64_t copies_made = 0;
  std::uint64_t token_copies_made = 0;
  double slowest_start_s = 0;

 private:
  [[nodiscard]] std::string portal() const { return "127.0.0.1:" + port_; }

  void start() {
    const auto began = Clock::now();
    process_ =
        std::make_unique<Process>(std::vector<std::string>{CRASH_TARGET, scratch_.file("store")});
    const std::string line = process_->hear();
    ASSERT_EQ(line.substr(0, 5), "port ") << "the target did not start";
    port_ = line.substr(5);
    slowest_start_s =
        std::max(slowest_start_s, std::chrono::duration<double>(Clock::now() - began).count());
  }

  // While `take` runs, LUN 0 holds what a copy may hold.
  template <class Take>
  Moments moments_of(Take take) {
    Moments moments{};
    for (std::size_t i = 0; i != kRegions; ++i) {
      moments[i].least = regions_[i]->ended();
    }
    take();
    for (std::size_t i = 0; i != kRegions; ++i) {
      moments[i].most = regions_[i]->begun();
    }
    return moments;
  }

  void copy_on(std::uint64_t seed) {
    std::mt19937_64 random(seed);
    while (true) {
      const bool keep = random() % 2 == 0;
      Copy& copy = keep ? kept_ : clone_;
      std::string answer;
      copy.taken.push_back(moments_of([&] {
        const bool said = process_->say(keep ? "keep" : "clone");
        answer = said ? process_->hear() : "";
      }));
      if (answer != "ok") {
        EXPECT_EQ(answer, "") << "the store refused";
        return;
      }
      copy.acknowledge();
      ++copies_made;
      std::this_thread::sleep_for(std::chrono::microseconds(random() % 5'000));
    }
  }

  void offload(std::uint64_t seed) {
    using target::test::populate_token;
    constexpr std::uint32_t kBlocks = kRegions * kRegionBlocks;
    constexpr int kFrom = 0;
    std::mt19937_64 random(seed);
    ScsiSession session(portal(), kTarget, initiator_name("offloader"));
    session.clear_attentions(kFrom);
    for (const TokenTarget& target : kTokenTargets) {
      session.clear_attentions(target.lun);
    }
    for (std::uint32_t identifier = 1; session.connected(); ++identifier) {
      const std::size_t which = random() % kTokenTargets.size();
      const TokenTarget& to = kTokenTargets[which];
      Copy& copy = by_token_[which];
      bool populated = false;
      // The token is of one moment, however late it is used.
      const Moments moments = moments_of(
          [&] { populated = done(populate_token(session, kFrom, identifier, 0, kBlocks)); });
      if (!populated) {
        return;
      }
      const auto information = target::test::inquire(session, kFrom, 0x07, identifier, 1024);
      if (!done(information)) {
        return;
      }
      auto list = target::test::token_list(information);
      list[2] |= 0x02;  // DEL_TKN: or tokens would hold on to all that is overwritten
      copy.taken.push_back(moments);
      if (!done(target::test::write_using_token(session, to.lun, identifier, list, to.first,
                                                kBlocks))) {
        return;
      }
      if (random() % 4 == 0) {
        continue;
      }
      if (!done(session.send(to.lun, kSynchronizeCache))) {
        return;
      }
      copy.acknowledge();
      ++token_copies_made;
    }
  }

  // Nothing: there is no such LUN.
  std::optional<States> read_lun(int lun, std::uint64_t shift = 0) {
    ScsiSession session(portal(), kTarget, initiator_name("reader"));
    session.clear_attentions(lun);
    States states;
    for (std::size_t i = 0; i != kRegions; ++i) {
      constexpr std::size_t kBytes = kRegionBlocks * kBlockBytes;
      const ScsiAnswer answer = session.send(
          lun, cdb_of(0x28, {{2, 4, regions_[i]->first() + shift}, {7, 2, kRegionBlocks}}), {},
          kBytes);
      constexpr int kNoSuchLun = 0x2500;
      if (answer.code == kNoSuchLun || !done(answer) || answer.data.size() != kBytes) {
        EXPECT_EQ(answer.code, kNoSuchLun) << "LUN " << lun << " cannot be read";
        return std::nullopt;
      }
      const auto bytes = std::as_bytes(std::span(answer.data));
      for (std::uint32_t block = 0; block != kRegionBlocks; ++block) {
        const std::uint64_t lba = regions_[i]->first() + block;
        const auto write = read_stamp(bytes.subspan(block * kBlockBytes, kBlockBytes), lba);
        EXPECT_TRUE(write.has_value()) << "LUN " << lun << ", block " << lba << " is mixed";
        states[i].push_back(write.value_or(~0U));
      }
    }
    return states;
  }

  void check_copy(Copy& copy, int lun, const char* name, std::uint64_t shift = 0) {
    const auto found = read_lun(lun, shift);
    if (!found) {
      EXPECT_TRUE(copy.may_be_absent) << name << " is gone";
      copy.taken.clear();
      return;
    }
    bool matches = std::find(copy.known.begin(), copy.known.end(), *found) != copy.known.end();
    for (const auto& moments : copy.taken) {
      bool all = true;
      for (std::size_t i = 0; i != kRegions; ++i) {
        all = all && regions_[i]->match((*found)[i], moments[i]).has_value();
      }
      matches = matches || all;
    }
    EXPECT_TRUE(matches) << name << " is none of the states that it may be";
    copy.may_be_absent = false;
    copy.known = {*found};
    copy.taken.clear();
  }

  void check() {
    const auto found = read_lun(0);
    ASSERT_TRUE(found.has_value()) << "LUN 0 cannot be read";
    check_copy(clone_, 1, "the clone");
    check_copy(kept_, 2, "the snapshot");
    for (std::size_t i = 0; i != kTokenTargets.size(); ++i) {
      const auto& [lun, first] = kTokenTargets[i];
      check_copy(by_token_[i], lun, i == 0 ? "the copy by token" : "the moved copy", first);
    }
    for (std::size_t i = 0; i != kRegions; ++i) {
      Region& region = *regions_[i];
      const RegionState& state = (*found)[i];
      EXPECT_TRUE(region.match(state, region.after_crash()).has_value())
          << "region " << i << ": " << region.describe(state, region.after_crash());
      region.restart(state);
    }
  }

  lockstep::test::ScratchDirectory scratch_;
  std::mt19937_64 random_;
  Regions regions_;
  Copy clone_;
  Copy kept_;
  std::array<Copy, kTokenTargets.size()> by_token_;
  std::unique_ptr<Process> process_;
  std::string port_;
};

TEST(Crash, NothingAcknowledgedIsLostOrMixed) {
  const int rounds = number_from("LOCKSTEP_CRASH_ROUNDS", 15);
  const int seed = number_from("LOCKSTEP_CRASH_SEED", 1);
  CrashRig rig(static_cast<std::uint64_t>(seed));
  for (int round = 1; round <= rounds && !testing::Test::HasFailure(); ++round) {
    SCOPED_TRACE(testing::Message() << "round " << round << ", seed " << seed);
    rig.round();
  }
  RecordProperty("commands", std::to_string(rig.commands));
  RecordProperty("copies", std::to_string(rig.copies_made));
  RecordProperty("token_copies", std::to_string(rig.token_copies_made));
  RecordProperty("slowest_start_s", std::to_string(rig.slowest_start_s));
  std::printf(
      "%d crashes, %llu commands, %llu snapshots and clones, %llu token copies, slowest start "
      "%.3f s\n",
      rounds, static_cast<unsigned long long>(rig.commands),
      static_cast<unsigned long long>(rig.copies_made),
      static_cast<unsigned long long>(rig.token_copies_made), rig.slowest_start_s);
  EXPECT_GT(rig.commands, static_cast<std::uint64_t>(rounds)) << "there was no load to speak of";
  EXPECT_GT(rig.copies_made, 0U);
  EXPECT_GT(rig.token_copies_made, 0U);
}

}  // namespace
}  // namespace lockstep::durability
