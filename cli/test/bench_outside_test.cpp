// Goal: `lockstep bench` measures a LUN and a replication service of somebody else's, and harms
// nothing that it was not told to. Method: `lockstep target --cimxml` in another process.
#include "cli/exit_codes.hpp"
#include "cli/test/run_records.hpp"
#include "target_impl/initiator/initiator.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <optional>

namespace lockstep::cli {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr std::chrono::seconds kPatience{110};

class BenchOutside : public testing::Test {
 protected:
  BenchOutside() {
    target_.emplace(std::vector<std::string>{LOCKSTEP_EXECUTABLE, "target", "--port", "0", "--lun",
                                             "130MiB", "--cimxml", "0", "--for", "120s"});
    const std::string text = target_->read_until("serving", std::chrono::seconds(20));
    provider_ = word(text, "cimxml://");
    portal_ = word(text.substr(std::min(text.size(), text.rfind("iscsi://"))), "iscsi://");
    lun_ = portal_ + "/1";
  }
  static std::string word(const std::string& text, const std::string& start) {
    const std::size_t at = text.find(start);
    EXPECT_NE(at, std::string::npos) << text;
    return at == std::string::npos ? "" : text.substr(at, text.find_first_of(" \n", at) - at);
  }

  ProgramResult bench(std::vector<std::string> arguments) const {
    std::vector<std::string> all{"bench", "--min-time-s", "0.01",        "--repetitions",
                                 "1",     "--out",        folder_.path()};
    all.insert(all.end(), arguments.begin(), arguments.end());
    return run_lockstep(all, kPatience);
  }
  // Of the last run, without errors.
  std::vector<std::string> measured() const {
    std::vector<std::string> names;
    const auto run = report::read_run(folder_.path() + "/latest");
    EXPECT_TRUE(run) << run.error().message;
    if (!run) return names;
    for (const auto& record : run.value().benchmarks) {
      EXPECT_EQ(record.error, "") << record.name;
      names.push_back(record.name);
    }
    return names;
  }
  bool lun_is_empty() const {
    const auto place = initiator::parse_url(lun_);
    EXPECT_TRUE(place);
    const auto session =
        initiator::Session::connect(place.value().portal, place.value().target_name);
    EXPECT_TRUE(session) << session.error().message;
    std::array<std::byte, 4096> held{};
    bool answered = false;
    session.value()->read(place.value().lun, Lba{0}, BlockSize{512}, held,
                          [&](const initiator::Completion& end) {
                            answered = end.outcome == initiator::Outcome::Answered;
                          });
    EXPECT_TRUE(session.value()->run_until_idle());
    EXPECT_TRUE(answered);
    return std::ranges::all_of(held, [](std::byte byte) { return byte == std::byte{0}; });
  }

  const TemporaryFolder folder_;
  std::optional<RunningProgram> target_;
  std::string provider_;
  std::string portal_;
  std::string lun_;
};

const char* const kLoads = "^(data_path|wire/tcp)/(read|write)/random/bs:4KiB/qd:16$";

TEST_F(BenchOutside, OnlyReadsALunUnlessAllowedMore) {
  const auto result = bench({"--data", lun_, "--filter", kLoads});
  EXPECT_EQ(result.exit_code, kAsExpected) << result.output << result.error;
  EXPECT_THAT(measured(), testing::ElementsAre("data_path/read/random/bs:4KiB/qd:16",
                                               "wire/tcp/read/random/bs:4KiB/qd:16"));
  EXPECT_TRUE(lun_is_empty());

  for (const std::vector<std::string>& unlisted :
       std::vector<std::vector<std::string>>{{}, {"--target", portal_ + "/2"}}) {
    std::vector<std::string> arguments{"--data", lun_, "--filter", kLoads, "--allow-data-loss"};
    arguments.insert(arguments.end(), unlisted.begin(), unlisted.end());
    const auto refused = bench(arguments);
    EXPECT_EQ(refused.exit_code, kUsage) << refused.output;
    EXPECT_THAT(refused.error, HasSubstr("would be overwritten; expected a --target"));
  }
  EXPECT_TRUE(lun_is_empty());
}

TEST_F(BenchOutside, WritesAndVerifiesALunThatIsListed) {
  const auto result =
      bench({"--data", lun_, "--filter", kLoads, "--allow-data-loss", "--target", lun_});
  EXPECT_EQ(result.exit_code, kAsExpected) << result.output << result.error;
  EXPECT_EQ(measured().size(), 4U);
  EXPECT_FALSE(lun_is_empty());
  // What is not known of the other process is not said.
  EXPECT_THAT(text_of_file(folder_.path() + "/latest/records.jsonl"),
              testing::AllOf(HasSubstr("cpu_s_per_gib_initiator"), HasSubstr(lun_),
                             Not(HasSubstr("cpu_s_per_gib_target"))));
}

TEST_F(BenchOutside, SaysWhatIsWrongWithALun) {
  const auto malformed = bench({"--data", "http://somewhere/1"});
  EXPECT_EQ(malformed.exit_code, kUsage);
  EXPECT_THAT(malformed.error, HasSubstr("http://somewhere/1"));
  const auto nothing = bench({"--data", lun_, "--filter", "^copy/"});
  EXPECT_EQ(nothing.exit_code, kNothingRan);
  EXPECT_THAT(nothing.error, HasSubstr("can be put to the LUN or provider"));
  const auto nobody = bench({"--data", portal_ + "/77", "--filter", kLoads});
  EXPECT_EQ(nobody.exit_code, kUnexpected) << nobody.output << nobody.error;
}

TEST_F(BenchOutside, MeasuresAServiceAndLeavesNothing) {
  const auto result =
      bench({"--provider", provider_, "--portal", portal_, "--allow-data-loss", "--target", "*",
             "--filter", "^replica/|^under_load/right_after|^mirror/.*(qd:16|MiB)$"});
  EXPECT_EQ(result.exit_code, kAsExpected) << result.output << result.error;
  EXPECT_THAT(
      measured(),
      testing::ElementsAre("replica/clone/volume:64MiB", "replica/snapshot/volume:64MiB",
                           "mirror/local/write/random/bs:4KiB/qd:16", "mirror/resync/volume:128MiB",
                           "under_load/right_after_snapshot/write/random/bs:4KiB/qd:16"));
  EXPECT_EQ(result.error, "");
  const auto left = run_lockstep({"sweep", "--dry-run", folder_.path() + "/latest"});
  EXPECT_EQ(left.exit_code, kAsExpected) << left.output << left.error;
}

TEST_F(BenchOutside, MeasuresAServiceBehindAnAdapter) {
  const auto result =
      bench({"--provider", std::string("exec:'") + LOCKSTEP_EXECUTABLE + "' adapter serve",
             "--allow-data-loss", "--target", "*", "--filter", "^replica/snapshot"});
  EXPECT_EQ(result.exit_code, kAsExpected) << result.output << result.error;
  EXPECT_THAT(measured(), testing::ElementsAre("replica/snapshot/volume:64MiB"));
}

TEST_F(BenchOutside, AsksBeforeItUsesAService) {
  const auto closed = bench({"--provider", provider_, "--portal", portal_});
  EXPECT_EQ(closed.exit_code, kUsage);
  EXPECT_THAT(closed.error, HasSubstr("expected --allow-data-loss"));
  const auto blind = bench({"--provider", provider_, "--allow-data-loss", "--target", "*"});
  EXPECT_EQ(blind.exit_code, kNothingRan) << blind.output << blind.error;
  EXPECT_THAT(blind.error, HasSubstr("expected a way to the bytes of its volumes"));
}

}  // namespace
}  // namespace lockstep::cli
