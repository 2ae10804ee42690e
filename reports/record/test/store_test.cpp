// A run's file: written line by line, read within bounds.
#include "reports/record/store.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sys/resource.h>
#include <thread>
#include <unistd.h>

namespace lockstep::report {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

class Store : public testing::Test {
 protected:
  void SetUp() override {
    static std::atomic<int> number = 0;
    folder_ = fs::temp_directory_path() /
              ("lockstep-store-" + std::to_string(::getpid()) + "-" + std::to_string(++number));
  }
  void TearDown() override { fs::remove_all(folder_); }

  [[nodiscard]] fs::path file() const { return folder_ / "records.jsonl"; }
  void put(const std::string& text) const {
    fs::create_directories(folder_);
    std::ofstream(file(), std::ios::binary) << text;
  }
  [[nodiscard]] std::string content() const {
    std::ifstream stream(file(), std::ios::binary);
    return {std::istreambuf_iterator<char>(stream), {}};
  }

  fs::path folder_;
};

RunHeader header() {
  RunHeader made;
  made.run_id = "run-1";
  return made;
}

CaseRecord case_named(const std::string& id) {
  CaseRecord made;
  made.id = id;
  made.verdict = Verdict::Pass;
  return made;
}

std::string lines(std::initializer_list<Line> all) {
  std::string text;
  for (const Line& line : all) text += to_json_line(line) + "\n";
  return text;
}

std::string error_of(const Result<Run>& run) { return run ? "no error" : run.error().message; }

TEST_F(Store, ReadsWhatTheWriterWrote) {
  auto writer = RecordWriter::create(folder_ / "deep" / "run");
  ASSERT_TRUE(writer) << writer.error().message;
  EXPECT_EQ(writer.value()->folder(), folder_ / "deep" / "run");
  const std::vector<Line> written{header(),          case_named("a"), CoverageRecord{},
                                  BenchmarkRecord{}, case_named("b"), RunSummary{}};
  for (const Line& line : written) ASSERT_TRUE(writer.value()->append(line));
  const auto run = read_run(folder_ / "deep" / "run");
  ASSERT_TRUE(run) << run.error().message;
  EXPECT_EQ(run.value().header, header());
  EXPECT_EQ(run.value().cases, (std::vector{case_named("a"), case_named("b")}));
  EXPECT_EQ(run.value().coverage.size(), 1U);
  EXPECT_EQ(run.value().benchmarks.size(), 1U);
  EXPECT_EQ(run.value().summary, RunSummary{});
}

TEST_F(Store, HasEachLineOnDiskWhenAppendReturns) {
  auto writer = RecordWriter::create(folder_);
  ASSERT_TRUE(writer);
  ASSERT_TRUE(writer.value()->append(header()));
  EXPECT_EQ(content(), lines({header()}));
  ASSERT_TRUE(writer.value()->append(case_named("a")));
  EXPECT_EQ(content(), lines({header(), case_named("a")}));
}

TEST_F(Store, KeepsLinesWholeWhenManyThreadsWrite) {
  auto writer = RecordWriter::create(folder_);
  ASSERT_TRUE(writer);
  ASSERT_TRUE(writer.value()->append(header()));
  constexpr int kThreads = 4;
  constexpr int kEach = 50;
  std::vector<std::thread> threads;
  for (int thread = 0; thread < kThreads; ++thread) {
    threads.emplace_back([&, thread] {
      for (int i = 0; i < kEach; ++i) {
        const auto id = std::to_string(thread) + std::string(200, 'x') + std::to_string(i);
        EXPECT_TRUE(writer.value()->append(case_named(id)));
      }
    });
  }
  for (auto& thread : threads) thread.join();
  const auto run = read_run(folder_);
  ASSERT_TRUE(run) << run.error().message;
  EXPECT_EQ(run.value().cases.size(), static_cast<std::size_t>(kThreads * kEach));
}

TEST_F(Store, RefusesAFolderThatHoldsARun) {
  put(lines({header()}));
  const auto writer = RecordWriter::create(folder_);
  ASSERT_FALSE(writer);
  EXPECT_EQ(writer.error().origin, Origin::Config);
  EXPECT_THAT(writer.error().message, HasSubstr("already holds the records of a run"));
  EXPECT_EQ(content(), lines({header()}));
}

TEST_F(Store, NamesAFolderThatCannotBeMade) {
  put("");
  const auto writer = RecordWriter::create(file() / "inside-a-file");
  ASSERT_FALSE(writer);
  EXPECT_EQ(writer.error().origin, Origin::Config);
  EXPECT_THAT(writer.error().message, HasSubstr(file().string()));
}

// A limit on the size of files stands in for a full disk: the write ends in the middle of a line.
TEST_F(Store, LosesNoLineWhenTheDiskIsFull) {
  auto writer = RecordWriter::create(folder_);
  ASSERT_TRUE(writer);
  ASSERT_TRUE(writer.value()->append(header()));
  const std::string before = content();

  rlimit unlimited{};
  ASSERT_EQ(getrlimit(RLIMIT_FSIZE, &unlimited), 0);
  auto* const old_handler = std::signal(SIGXFSZ, SIG_IGN);
  const rlimit limited{before.size() + 10, unlimited.rlim_max};
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &limited), 0);
  const Status failed = writer.value()->append(case_named("a"));
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &unlimited), 0);
  std::signal(SIGXFSZ, old_handler);

  ASSERT_FALSE(failed);
  EXPECT_THAT(failed.error().message, HasSubstr(folder_.string()));
  EXPECT_EQ(content(), before);
  EXPECT_TRUE(writer.value()->append(case_named("b")));
  EXPECT_EQ(content(), before + lines({case_named("b")}));
}

TEST_F(Store, ReadsARunThatWasCutOffInItsLastLine) {
  const std::string whole = lines({header(), case_named("a"), case_named("b")});
  const std::size_t two_lines = lines({header(), case_named("a")}).size();
  for (std::size_t length = two_lines; length < whole.size() - 2; ++length) {
    put(whole.substr(0, length));
    const auto run = read_run(file());
    ASSERT_TRUE(run) << run.error().message;
    EXPECT_EQ(run.value().cases.size(), 1U);
    EXPECT_FALSE(run.value().summary);
  }
  put(whole.substr(0, whole.size() - 1));
  EXPECT_EQ(read_run(file()).value().cases.size(), 2U);
}

TEST_F(Store, NamesTheNumberOfABadLine) {
  put(lines({header()}) + "{\"type\": \"case\"}\n" + lines({case_named("a")}));
  EXPECT_THAT(error_of(read_run(folder_)), HasSubstr("records.jsonl, line 2: member 'id'"));
  put(lines({header()}) + "\n");
  EXPECT_THAT(error_of(read_run(folder_)), HasSubstr("line 2: "));
}

TEST_F(Store, HoldsExactlyOneRunInOrder) {
  put(lines({case_named("a"), header()}));
  EXPECT_THAT(error_of(read_run(folder_)), HasSubstr("line 1: expected the run header first"));
  put(lines({header(), header()}));
  EXPECT_THAT(error_of(read_run(folder_)), HasSubstr("line 2: a second run header"));
  put(lines({header(), RunSummary{}, case_named("a")}));
  EXPECT_THAT(error_of(read_run(folder_)), HasSubstr("line 3: expected nothing after"));
  put("");
  EXPECT_THAT(error_of(read_run(folder_)), HasSubstr("holds no run"));
  put("{\"type\": \"ru");
  EXPECT_THAT(error_of(read_run(folder_)), HasSubstr("holds no run"));
}

TEST_F(Store, BoundsTheLengthOfALine) {
  put(lines({header()}) + std::string((16U << 20U) + 1, ' '));
  EXPECT_THAT(error_of(read_run(folder_)), HasSubstr("line 2: longer than 16 MiB"));
}

TEST_F(Store, SaysWhatItExpectedWhereNoFileIs) {
  EXPECT_THAT(error_of(read_run(folder_ / "none")), HasSubstr("expected a run's folder"));
  fs::create_directories(file());
  EXPECT_THAT(error_of(read_run(folder_)), HasSubstr("records.jsonl"));
}

TEST_F(Store, GoesOnWithARunThatWasCutOffAnywhere) {
  const std::string whole = lines({header(), case_named("CER/1"), case_named("CER/2")});
  const std::size_t first = whole.find('\n') + 1;
  for (std::size_t length = first; length <= whole.size(); ++length) {
    put(whole.substr(0, length));
    const auto before = read_run(folder_);
    ASSERT_TRUE(before) << length << ": " << before.error().message;
    {
      const auto writer = RecordWriter::resume(folder_);
      ASSERT_TRUE(writer) << length << ": " << writer.error().message;
      ASSERT_TRUE(writer.value()->append(case_named("CER/3")));
    }
    const auto after = read_run(folder_);
    ASSERT_TRUE(after) << length << ": " << after.error().message;
    // What counted before counts still, and what is new stands behind it.
    ASSERT_EQ(after.value().cases.size(), before.value().cases.size() + 1) << length;
    EXPECT_EQ(after.value().cases.back().id, "CER/3");
  }
}

TEST_F(Store, DoesNotGoOnWithWhatIsWholeOrIsNoRun) {
  put(lines({header(), RunSummary{}}));
  const auto whole = RecordWriter::resume(folder_);
  ASSERT_FALSE(whole);
  EXPECT_THAT(whole.error().message, HasSubstr("nothing to go on with"));
  put("");
  EXPECT_FALSE(RecordWriter::resume(folder_));
  EXPECT_FALSE(RecordWriter::resume(folder_ / "none"));
}

}  // namespace
}  // namespace lockstep::report
