// Goal: what a judge was told can be told again, from a file, with the same verdict. Cases:
// failures of providers with planted bugs, bytes of every kind, files that were cut or edited,
// passwords.
#include "model/core/stamp.hpp"
#include "properties/harness/check.hpp"
#include "properties/history/history_file.hpp"
#include "properties/history/noting_judge.hpp"
#include "properties/test/fake_provider.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace lockstep::properties {
namespace {

using testing::HasSubstr;
using testing::Not;

class Histories : public ::testing::Test {
 protected:
  void SetUp() override {
    const auto* test = ::testing::UnitTest::GetInstance()->current_test_info();
    folder_ = std::filesystem::path(::testing::TempDir()) / (std::string("told-") + test->name());
    std::filesystem::remove_all(folder_);
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  // The history of the failure that a check of that provider finds.
  [[nodiscard]] SavedHistory history_of(FakeBug bug) const {
    CheckOptions options;
    options.provider_spec = "fake";
    options.seed = 5;
    options.budget = std::chrono::milliseconds(20'000);
    options.max_sequences = 400;
    options.case_folder = folder_;
    options.regression_folder = folder_ / "regressions";
    const auto report = check(
        [bug]() -> Result<std::unique_ptr<Provider>> {
          return std::unique_ptr<Provider>(std::make_unique<FakeProvider>(bug));
        },
        options);
    EXPECT_TRUE(report.has_value() && report.value().saved_case.has_value());
    auto saved = read_history(history_file_of(*report.value().saved_case));
    EXPECT_TRUE(saved.has_value()) << saved.error().message;
    return saved.value();
  }
  // One volume that was written and read.
  [[nodiscard]] static SavedHistory example() {
    const ElementRef volume{"volume"};
    SavedHistory saved{"P-LOCKSTEP", "fake", "0.1.0", "DS-SN-03", "zeros", "write 2", {}};
    NotingJudge judge(std::make_shared<const Capabilities>(FakeProvider::abilities()),
                      &saved.history);
    judge.adopt(std::make_shared<const Inventory>());
    judge.quiesced(Instant{1});
    judge.disturbed(model::Disturbance::Repair, RelationshipRef{"pair"}, {{2}, {3}});
    const std::uint64_t number = judge.volume_number(volume);
    judge.write_issued({volume, Lba{3}, BlockCount{2}, 9, Instant{4}, true});
    static_cast<void>(judge.write_answered({volume, 9, 2, Instant{5}, true}));
    std::vector<std::byte> bytes(6 * 512);
    const auto block = [&](std::size_t i) { return std::span(bytes).subspan(i * 512, 512); };
    for (std::uint64_t i = 1; i < 4; ++i) model::write_stamp(block(i), {number, i, 7});
    block(5)[17] = std::byte{0xab};
    static_cast<void>(judge.read_group({{volume, bytes}}, BlockSize{512}, {{6}, {7}}));
    CreateReplicaRequest request;
    request.source = volume;
    request.password = "hunter2";
    static_cast<void>(judge.answered(Request{request}, Answer{}, {{8}, {9}},
                                     std::make_shared<const Inventory>()));
    return saved;
  }
  [[nodiscard]] static std::string text_of(const SavedHistory& saved) {
    const auto text = history_text(saved);
    EXPECT_TRUE(text.has_value());
    return text.value();
  }

  std::filesystem::path folder_;
};

TEST_F(Histories, LeadToTheSameVerdictWithoutTheProvider) {
  for (const FakeBug bug :
       {FakeBug::SnapshotFollowsSource, FakeBug::MirrorLosesLastBlock, FakeBug::ReservedCode}) {
    const SavedHistory saved = history_of(bug);
    const Judgement again = judge(saved.history);
    EXPECT_FALSE(saved.clause.empty());
    ASSERT_TRUE(again.violation.has_value());
    EXPECT_EQ(again.violation->clause.text, saved.clause);
    EXPECT_EQ(again.told, saved.history.entries.size()) << "the run ended with the violation";
  }
}

TEST_F(Histories, ShowNoViolationWhereTheOffendingEntryIsGone) {
  SavedHistory saved = history_of(FakeBug::SnapshotFollowsSource);
  saved.history.entries.pop_back();
  EXPECT_FALSE(judge(saved.history).violation.has_value());
}

TEST_F(Histories, AreReadAsTheyWereWritten) {
  const std::string text = text_of(example());
  const auto again = parse_history(text, "x");
  ASSERT_TRUE(again.has_value()) << again.error().message;
  EXPECT_EQ(text_of(again.value()), text);
  const auto& entries = again.value().history.entries;
  const auto& before = example().history.entries;
  ASSERT_EQ(entries.size(), before.size());
  const auto& read = std::get<History::Read>(entries[6]);
  const auto& written = std::get<History::Read>(before[6]);
  EXPECT_EQ(read.images.front().bytes, written.images.front().bytes);
  EXPECT_TRUE(read.group);
  EXPECT_THAT(text, HasSubstr(R"({"zeros":1},{"volume":1,"lba":1,"sequence":7,"blocks":3})"));
}

TEST_F(Histories, AreReceivedAnewInMemoryOfTheirOwn) {
  const SavedHistory before = example();
  SavedHistory anew = before;
  anew.history = received_anew(before.history);
  EXPECT_EQ(text_of(anew), text_of(before));
  const auto inventory_of = [](const SavedHistory& saved, std::size_t entry) {
    const History::Entry& one = saved.history.entries[entry];
    const auto* adopted = std::get_if<History::Adopted>(&one);
    return adopted != nullptr ? adopted->inventory : std::get<History::Answered>(one).after;
  };
  for (const std::size_t entry : {std::size_t{0}, before.history.entries.size() - 1}) {
    EXPECT_NE(inventory_of(anew, entry), inventory_of(before, entry)) << entry;
  }
}

TEST_F(Histories, HoldNoPassword) { EXPECT_THAT(text_of(example()), Not(HasSubstr("hunter2"))); }

TEST_F(Histories, RefuseAnythingCutShort) {
  const std::string text = text_of(example());
  for (std::size_t length = 0; length + 2 < text.size(); length += 11) {
    EXPECT_FALSE(parse_history(text.substr(0, length), "x").has_value()) << length;
  }
}

TEST_F(Histories, NameTheLineAndMemberThatWasEdited) {
  const auto names = [&](const std::string& from, const std::string& to, const std::string& what) {
    std::string text = text_of(example());
    const std::size_t at = text.find(from);
    ASSERT_NE(at, std::string::npos) << from;
    const auto read = parse_history(text.replace(at, from.size(), to), "x");
    ASSERT_FALSE(read.has_value()) << to;
    EXPECT_THAT(read.error().message, HasSubstr(what));
  };
  names("\"format\":1", "\"format\":2", "x:1.format: expected version 1, found 2");
  names("\"entries\":8", "\"entries\":9", "expected 9 entries, found 8");
  names("\"level\"", "\"lever\"", "x:2.capabilities: result.level: expected a value");
  names("\"told\":\"quiesced\"", "\"told\":\"calmed\"", "x:4.told: expected what a judge is told");
  names("\"kind\":\"Repair\"", "\"kind\":\"Bless\"", "x:5.kind: expected Fault, Repair or Restart");
  names("\"blocks\":2,\"sequence\":9", "\"blocks\":1048577,\"sequence\":9", "x:7.blocks");
  names("\"status\":2", "\"status\":256", "x:8.status: expected a whole number up to 255");
  names("\"zeros\":1", "\"zeros\":1000000", "x:9.images.runs: expected runs of blocks");
  names("ab00", "ab0", "a block of 512 bytes in hexadecimal");
  names("\"block_size\":512", "\"block_size\":12", "x:9.block_size: expected a multiple of 8");
  names("\"group\":true", "\"group\":true,\"more\":1", "x:9");
  names("\"CreateReplica\"", "\"CreateReplicant\"", "x:10.call");
}

}  // namespace
}  // namespace lockstep::properties
