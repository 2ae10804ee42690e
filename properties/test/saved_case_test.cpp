// Saved cases and the step table: what is kept of a failure, and what people see of it.
#include "properties/harness/saved_case.hpp"

#include "properties/harness/step_table.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

namespace lockstep::properties {
namespace {

class SavedCases : public ::testing::Test {
 protected:
  void SetUp() override {
    const auto* test = ::testing::UnitTest::GetInstance()->current_test_info();
    folder_ = std::filesystem::path(::testing::TempDir()) / (std::string("cases-") + test->name());
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directories(folder_);
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  [[nodiscard]] static SavedCase example() {
    SavedCase saved;
    saved.property = "P-LOCKSTEP";
    saved.provider_spec = "faulty:following-snapshot";
    saved.suite_version = "0.1.0";
    saved.seed = 18'446'744'073'709'551'615u;
    saved.reproduce = "reproduce=abc";
    saved.clause = "DS-SN-03";
    saved.expected = "zeros";
    saved.observed = "write 2";
    saved.operations = {CreateVolume{Handle{HandleKind::Volume, 1}, 128, "disk \"one\"\n"},
                        WriteBlocks{Handle{HandleKind::Volume, 1}, 0, 1}};
    saved.observations = {{"v1 = create_volume(blocks=128)", "0 Success", "0", "v1 new", false},
                          {"write(v1, lba=0, blocks=1)", "good", "good", "", true}};
    return saved;
  }
  [[nodiscard]] std::string read_error(const std::string& text) {
    const std::filesystem::path file = folder_ / "x.case.json";
    std::ofstream(file) << text;
    const auto saved = read_case(file);
    if (saved.has_value()) return "no error";
    EXPECT_EQ(saved.error().origin, Origin::Config);
    EXPECT_NE(saved.error().message.find("x.case.json"), std::string::npos);
    return saved.error().message;
  }
  [[nodiscard]] std::string text_of_example() {
    const std::filesystem::path file = folder_ / "good.case.json";
    EXPECT_FALSE(write_case(file, example()).has_error());
    std::ostringstream text;
    text << std::ifstream(file).rdbuf();
    return text.str();
  }
  [[nodiscard]] std::string edited(const std::string& from, const std::string& to) {
    std::string text = text_of_example();
    const std::size_t at = text.find(from);
    EXPECT_NE(at, std::string::npos) << from;
    return text.replace(at, from.size(), to);
  }

  std::filesystem::path folder_;
};

TEST_F(SavedCases, ComeBackAsTheyWere) {
  const std::filesystem::path file = folder_ / "deeper" / "a.case.json";
  ASSERT_FALSE(write_case(file, example()).has_error());
  const auto back = read_case(file);
  ASSERT_TRUE(back.has_value()) << back.error().message;
  EXPECT_EQ(back.value(), example());
  EXPECT_FALSE(std::filesystem::exists(file.string() + ".tmp"));
}

TEST_F(SavedCases, RefuseAnythingCutShort) {
  const std::string text = text_of_example();
  for (std::size_t length = 0; length + 2 < text.size(); length += 7) {
    EXPECT_NE(read_error(text.substr(0, length)), "no error") << length;
  }
}

TEST_F(SavedCases, NameTheMemberThatWasEdited) {
  const auto names = [&](const std::string& from, const std::string& to, const std::string& what) {
    const std::string error = read_error(edited(from, to));
    EXPECT_NE(error.find(what), std::string::npos) << error;
  };
  names("\"format\": 1", "\"format\": 2", ".format: expected version 1, found 2");
  names("\"seed\": 1", "\"seed\": -1", ".seed: expected a whole number");
  names("\"clause\"", "\"klause\"", ".clause: expected to be present");
  names("\"do\":\"write\"", "\"do\":\"wrote\"", ".operations[1].do");
  names("\"blocks\":128", "\"blocks\":1e9", ".operations[0].blocks");
  names("\"volume\":\"v1\"", "\"volume\":\"v2\"",
        ".operations[1]: expected an operation that is possible");
  names("\"differs\":false", "\"differs\":7", ".observations[0].differs");
}

TEST_F(SavedCases, RefuseWhatIsNoCaseAtAll) {
  EXPECT_NE(read_case(folder_ / "absent.case.json").error().message.find("absent.case.json"),
            std::string::npos);
  EXPECT_NE(read_error(std::string(kLargestCaseBytes + 1, ' ')).find("at most"), std::string::npos);
  EXPECT_NE(read_error(std::string(100'000, '[')), "no error");
}

TEST_F(SavedCases, SayWhereTheyCannotBeWritten) {
  std::ofstream(folder_ / "file") << "in the way";
  const Status written = write_case(folder_ / "file" / "a.case.json", example());
  ASSERT_TRUE(written.has_error());
  EXPECT_NE(written.error().message.find("a.case.json"), std::string::npos);
}

TEST(StepTable, ReadsLikeThis) {
  Failure failure;
  failure.property = "P-LOCKSTEP";
  failure.clause = "DS-SN-03";
  failure.seed = 17;
  failure.found_after = 212;
  failure.shrinks = 9;
  failure.removed = 3;
  failure.failed_again = 5;
  const auto step = [&](const char* operation, const char* answered, const char* expected,
                        const char* model, bool differs) {
    Step one;
    one.shown = {operation, answered, expected, model, differs};
    failure.trace.steps.push_back(one);
  };
  step("v1 = create_volume(blocks=128)", "0 Success", "0, 4096", "", false);
  step("r1, v2 = CreateElementReplica(SyncType=Snapshot, SourceElement=v1)", "0 Success", "0, 4096",
       "r1 Snapshot v1 -> v2 {Synchronized}", false);
  step("write(v1, lba=0, blocks=1)", "good", "good", "", false);
  step("at the end: every job", "ended", "ended", "", false);
  step("at the end: read(v2)", "good; v2, LBA 0: write 1", "zeros", "", true);
  EXPECT_EQ(
      failure_text(failure, "out/p-lockstep-9f3c.case.json"),
      "P-LOCKSTEP FAILED at step 4 of 4 (found after 212 sequences, 9 shrinks, 3 operations "
      "removed; fails 5/5 re-runs)  clause DS-SN-03\n"
      "   #  operation                                                           provider "
      "answered         model expected\n"
      "   1  v1 = create_volume(blocks=128)                                      0 Success"
      "                 0, 4096\n"
      "   2  r1, v2 = CreateElementReplica(SyncType=Snapshot, SourceElement=v1)  0 Success"
      "                 0, 4096         model: r1 Snapshot v1 -> v2 {Synchronized}\n"
      "   3  write(v1, lba=0, blocks=1)                                          good"
      "                      good\n"
      "   4  at the end: read(v2)                                                good; v2, LBA 0: "
      "write 1  zeros           <-- differs\n"
      " replay:  lockstep replay out/p-lockstep-9f3c.case.json      seed 17\n");
}

TEST(StepTable, CallsAFlakyFailureFlaky) {
  Failure failure;
  failure.property = "P-LOCKSTEP";
  failure.clause = "GEN-01";
  failure.failed_again = 2;
  failure.other_clauses = {"CER-34"};
  const std::string text = failure_text(failure, std::nullopt);
  EXPECT_NE(text.find("fails 2/5 re-runs"), std::string::npos);
  EXPECT_NE(text.find("flaky:"), std::string::npos);
  EXPECT_NE(text.find("violated CER-34, which was not followed"), std::string::npos);
  EXPECT_EQ(text.find("replay:"), std::string::npos);
}

}  // namespace
}  // namespace lockstep::properties
