// Goal: a log line has its columns whatever is logged, and a reader that does not read holds nobody
// up. Method: a pipe.
#include "target_impl/daemon/log.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <fcntl.h>
#include <optional>
#include <sstream>
#include <string>
#include <thread>
#include <unistd.h>

namespace lockstep::target::test {
namespace {

using testing::HasSubstr;
using testing::MatchesRegex;

class LogPipe : public testing::Test {
 protected:
  void SetUp() override { ASSERT_EQ(::pipe2(ends_.data(), O_CLOEXEC), 0); }
  void TearDown() override {
    ::close(ends_[0]);
    close_writer();
  }
  void close_writer() {
    if (ends_[1] >= 0) ::close(ends_[1]);
    ends_[1] = -1;
  }
  // Everything up to the end of the stream.
  std::string rest() const {
    std::string text;
    std::array<char, 4096> part{};
    for (ssize_t got = 0; (got = ::read(ends_[0], part.data(), part.size())) > 0;) {
      text.append(part.data(), static_cast<std::size_t>(got));
    }
    return text;
  }
  std::array<int, 2> ends_{-1, -1};
};

TEST_F(LogPipe, LinesHaveFixedColumns) {
  {
    Log log(ends_[1], LogLevel::Info);
    log.write(LogLevel::Info, "iscsi", "s12/3", "session started", {{"initiator", "iqn.a:b"}});
    log.write(LogLevel::Debug, "iscsi", "-", "not shown");
  }
  close_writer();
  EXPECT_THAT(rest(), MatchesRegex("....-..-..T..:..:..\\....Z info    iscsi  s12/3    session "
                                   "started initiator=iqn.a:b\n"));
}

TEST_F(LogPipe, HostileTextCannotMakeALine) {
  {
    Log log(ends_[1], LogLevel::Info);
    log.write(LogLevel::Info, "iscsi", "-", "refused",
              {{"initiator", "x\n2026 error forged=\"1\"\x1b[31m"}});
  }
  close_writer();
  const std::string text = rest();
  EXPECT_THAT(text, HasSubstr(R"(initiator="x\x0a2026 error forged=\x221\x22\x1b[31m")"));
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 1);
}

TEST(LogValue, QuotesWhatIsNotBareAndCutsWhatIsLong) {
  EXPECT_EQ(log_value("iqn.2026-11.a:b"), "iqn.2026-11.a:b");
  EXPECT_EQ(log_value(""), "\"\"");
  EXPECT_EQ(log_value("a b"), "\"a b\"");
  EXPECT_EQ(log_value("a=b"), "\"a=b\"");
  EXPECT_EQ(log_value("\\"), "\"\\x5c\"");
  EXPECT_EQ(log_value("\xff"), "\"\\xff\"");
  EXPECT_EQ(log_value(std::string(300, 'x')), "\"" + std::string(256, 'x') + "…\"");
}

// Nobody reads the pipe: writing goes on, memory stays bounded, and what was lost is said.
TEST_F(LogPipe, NobodyWaitsForAReader) {
  constexpr int kLines = 20'000;
  std::optional<Log> log(std::in_place, ends_[1], LogLevel::Info);
  for (int i = 0; i != kLines; ++i) {
    log->write(LogLevel::Info, "iscsi", "-", "line", {{"filler", std::string(200, 'x')}});
  }
  // Now someone reads: everything kept is written, with the number of lines that were not.
  std::string text;
  std::thread reader([&] { text = rest(); });
  log.reset();
  close_writer();
  reader.join();
  long shown = 0;
  long dropped = 0;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    if (line.find("log lines were dropped") != std::string::npos) {
      dropped += std::stol(line.substr(line.find("count=") + 6));
    } else {
      ++shown;
    }
  }
  EXPECT_GT(dropped, 0);
  EXPECT_EQ(shown + dropped, kLines);
}

TEST(LogLevels, AreReadAsTheyAreWritten) {
  for (const LogLevel level :
       {LogLevel::Error, LogLevel::Warning, LogLevel::Info, LogLevel::Debug}) {
    EXPECT_EQ(parse_log_level(log_level_text(level)), level);
  }
  EXPECT_FALSE(parse_log_level("Info"));
}

}  // namespace
}  // namespace lockstep::target::test
