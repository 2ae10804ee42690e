#include "bench/peers/peers.hpp"

#include "bench/load/processes.hpp"
#include "bench/load/traffic.hpp"
#include "bench/peers/contender.hpp"
#include "bench/peers/series.hpp"
#include "target_impl/initiator/initiator.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <csignal>
#include <iterator>
#include <unistd.h>

namespace lockstep::bench {
namespace {

constexpr std::uint64_t kMiB = 1 << 20;

class OwnTarget : public testing::Test {
 protected:
  OwnTarget() : target_(peers::start_own_target(16 * kMiB, 50)) {}

  [[nodiscard]] load::Address address(bool bypass = false) const {
    const peers::Contender& target = target_.value();
    return {target.portal, target.target_name, target.first_lun, bypass};
  }

  Result<peers::Contender> target_;
};

// Over TCP and over shared memory.
class OwnTargetEitherWay : public OwnTarget, public testing::WithParamInterface<bool> {};
INSTANTIATE_TEST_SUITE_P(Ways, OwnTargetEitherWay, testing::Bool(),
                         [](const auto& run) { return run.param ? "Bypass" : "Tcp"; });

TEST_P(OwnTargetEitherWay, TakesEveryKindOfTraffic) {
  ASSERT_TRUE(target_) << target_.error().message;
  auto traffic = load::Traffic::open(address(GetParam()));
  ASSERT_TRUE(traffic) << traffic.error().message;
  ASSERT_EQ(traffic.value()->uses_bypass(), GetParam());
  EXPECT_EQ(traffic.value()->volume_bytes(), 16 * kMiB);
  ASSERT_TRUE(traffic.value()->fill());
  for (const bool writes : {false, true}) {
    for (const bool random : {false, true}) {
      // 1 MiB writes need the target to ask for their data.
      for (const std::uint32_t bytes : {4096U, 65'536U, 1'048'576U}) {
        load::Work work;
        work.writes = writes;
        work.random = random;
        work.block_bytes = bytes;
        work.depth = bytes == 4096 ? 200 : 3;  // more than the command window lets out, once
        work.warm_up = std::chrono::milliseconds(1);
        work.duration = std::chrono::milliseconds(20);
        work.target = target_.value().process.process();
        const auto sample = traffic.value()->run(work);
        ASSERT_TRUE(sample) << sample.error().message;
        EXPECT_GT(sample.value().commands, 0U);
        EXPECT_GT(sample.value().p50_us, 0);
        EXPECT_GE(sample.value().p99_us, sample.value().p50_us);
        EXPECT_GT(sample.value().target_cpu_s, 0);
      }
    }
  }
}

TEST_P(OwnTargetEitherWay, FillWritesTheWholeVolumeAndNoOther) {
  ASSERT_TRUE(target_) << target_.error().message;
  {
    const auto traffic = load::Traffic::open(address(GetParam()));
    ASSERT_TRUE(traffic);
    ASSERT_TRUE(traffic.value()->fill());
  }
  const auto session = initiator::Session::connect(address().portal, address().target_name);
  ASSERT_TRUE(session) << session.error().message;
  constexpr BlockSize kBlock{512};
  std::vector<std::byte> data(64 * 1024);
  for (const std::uint16_t lun : {std::uint16_t{0}, std::uint16_t{1}}) {
    for (std::uint64_t at = 0; at < 16 * kMiB; at += data.size()) {
      bool good = false;
      session.value()->read(lun, Lba{at / kBlock.bytes}, kBlock, data, [&](const auto& done) {
        good = done.outcome == initiator::Outcome::Answered && done.answer.good();
      });
      ASSERT_TRUE(session.value()->run_until_idle());
      ASSERT_TRUE(good);
      const auto zeros = std::count(data.begin(), data.end(), std::byte{0});
      if (lun == 0) {
        ASSERT_LT(zeros, 1024) << at;  // random bytes: about 256
      } else {
        ASSERT_EQ(zeros, std::ssize(data)) << at;
      }
    }
  }
}

TEST_F(OwnTarget, AnUnknownLunIsRefused) {
  ASSERT_TRUE(target_) << target_.error().message;
  load::Address none = address();
  none.lun = 7;
  EXPECT_FALSE(load::Traffic::open(none));
}

TEST_F(OwnTarget, AWorkThatDoesNotFitIsRefused) {
  ASSERT_TRUE(target_) << target_.error().message;
  const auto traffic = load::Traffic::open(address());
  ASSERT_TRUE(traffic);
  load::Work work;
  work.block_bytes = 1000;
  EXPECT_FALSE(traffic.value()->run(work));
  work.block_bytes = 4096;
  work.depth = 0;
  EXPECT_FALSE(traffic.value()->run(work));
}

TEST_P(OwnTargetEitherWay, ItsDeathEndsTheTraffic) {
  ASSERT_TRUE(target_) << target_.error().message;
  const auto traffic = load::Traffic::open(address(GetParam()));
  ASSERT_TRUE(traffic);
  ::kill(target_.value().process.process(), SIGKILL);
  load::Work work;
  const auto sample = traffic.value()->run(work);
  ASSERT_FALSE(sample);
  EXPECT_EQ(sample.error().origin, Origin::Transport);
}

TEST(Child, EndsWithItsOwner) {
  pid_t process = 0;
  {
    auto child = Child::start({"sleep", "60"}, "/dev/null");
    ASSERT_TRUE(child);
    process = child.value().process();
    EXPECT_TRUE(child.value().is_running());
  }
  EXPECT_NE(::kill(process, 0), 0);
  EXPECT_FALSE(Child::start({"no-such-program-anywhere"}, "/dev/null"));
  auto slow = Child::start({"sleep", "60"}, "/dev/null");
  ASSERT_TRUE(slow);
  EXPECT_EQ(slow.value().wait(std::chrono::milliseconds(20)), -1);
  auto failing = Child::start({"false"}, "/dev/null");
  ASSERT_TRUE(failing);
  EXPECT_EQ(failing.value().wait(std::chrono::seconds(10)), 1);
}

TEST(Series, TellsTheMedianOfTheRoundsOwnRatios) {
  peers::Series series("case", {"theirs"}, {"speed"});
  series.add("theirs", {{"speed", 10}}, 1, 1);
  series.add("ours", {{"speed", 20}}, 1, 1);
  series.add("theirs", {{"speed", 100}}, 1, 1);
  series.add("ours", {{"speed", 300}}, 1, 1);
  series.add("theirs", {{"speed", 1}}, 1, 1);
  series.add("ours", {{"speed", 7}}, 1, 1);
  const auto records = series.records();
  ASSERT_EQ(records.size(), 2U);
  EXPECT_EQ(records[0].name, "case/target:theirs");
  EXPECT_EQ(records[0].counters.count("speed_vs_theirs"), 0U);
  EXPECT_EQ(records[1].counters.at("speed"), 20);
  EXPECT_EQ(records[1].counters.at("speed_vs_theirs"), 3);
  EXPECT_EQ(records[1].counters.at("speed_vs_theirs_min"), 2);
  EXPECT_EQ(records[1].counters.at("speed_vs_theirs_max"), 7);
  EXPECT_EQ(records[1].repetitions, 3U);
}

TEST(Series, ComparesAReferenceOnlyWithThoseBeforeIt) {
  peers::Series series("case", {"theirs", "ours"}, {"speed"});
  series.add("theirs", {{"speed", 10}}, 1, 1);
  series.add("ours", {{"speed", 20}}, 1, 1);
  series.add("ours_faster", {{"speed", 60}}, 1, 1);
  const auto records = series.records();
  ASSERT_EQ(records.size(), 3U);
  EXPECT_EQ(records[0].counters.size(), 1U);
  EXPECT_EQ(records[1].counters.at("speed_vs_theirs"), 2);
  EXPECT_EQ(records[1].counters.count("speed_vs_ours"), 0U);
  EXPECT_EQ(records[2].counters.at("speed_vs_theirs"), 6);
  EXPECT_EQ(records[2].counters.at("speed_vs_ours"), 3);
}

TEST(Peers, AShortRunGivesARecordForEachCaseAndTarget) {
  PeersOptions options;
  options.volume_bytes = 16 * kMiB;
  options.warm_up = std::chrono::milliseconds(1);
  options.duration = std::chrono::milliseconds(10);
  options.rounds = 1;
  std::vector<std::string> notes;
  options.note = [&](const std::string& text) { notes.push_back(text); };
  const auto records = run_peers(options);
  ASSERT_TRUE(records) << records.error().message;
  const auto has = [&](const std::string& name) {
    return std::any_of(records.value().begin(), records.value().end(),
                       [&](const auto& record) { return record.name == name; });
  };
  const bool with_tgtd = notes.empty() || notes[0].find("tgtd") == std::string::npos;
  for (const std::string& name : list_peer_cases()) {
    if (name.find("copy") != std::string::npos) {
      EXPECT_TRUE(has(name + "/target:engine_on_lockstep"));
      EXPECT_TRUE(has(name + "/target:engine_on_lockstep_bypass"));
      EXPECT_TRUE(has(name + "/target:memcpy_in_one_thread"));
      continue;
    }
    EXPECT_TRUE(has(name + "/target:lockstep")) << name;
    EXPECT_TRUE(has(name + "/target:lockstep_bypass")) << name;
    EXPECT_EQ(has(name + "/target:tgtd"), with_tgtd) << name;
  }
  for (const auto& record : records.value()) {
    EXPECT_EQ(record.error, "") << record.name;
    EXPECT_GT(record.counters.at("bytes_per_second"), 0) << record.name;
    if (record.name.ends_with(":lockstep_bypass")) {
      EXPECT_GT(record.counters.at("p50_us_vs_lockstep"), 0) << record.name;
    }
    if (with_tgtd && record.name.ends_with(":lockstep")) {
      EXPECT_GT(record.counters.at("io_per_second_vs_tgtd"), 0) << record.name;
    }
  }
}

TEST(Peers, AFilterThatSelectsNothingIsRefused) {
  PeersOptions options;
  options.filter = "no such case";
  const auto records = run_peers(options);
  ASSERT_FALSE(records);
  EXPECT_EQ(records.error().origin, Origin::Usage);
  options.filter = "(";
  EXPECT_FALSE(run_peers(options));
}

}  // namespace
}  // namespace lockstep::bench
