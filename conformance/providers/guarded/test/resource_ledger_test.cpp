// The ledger's file: reads back, survives being cut anywhere, and nothing in it is guessed.
#include "conformance/providers/guarded/resource_ledger.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <sstream>

namespace lockstep::conformance {
namespace {

using testing::HasSubstr;

class LedgerFile : public testing::Test {
 protected:
  LedgerFile() {
    std::string pattern = std::filesystem::temp_directory_path() / "lockstep-ledger-XXXXXX";
    folder_ = ::mkdtemp(pattern.data());
  }
  ~LedgerFile() override { std::filesystem::remove_all(folder_); }

  [[nodiscard]] std::filesystem::path file() const { return folder_ / kResourceLedgerName; }
  [[nodiscard]] std::string text() const {
    std::stringstream all;
    all << std::ifstream(file(), std::ios::binary).rdbuf();
    return all.str();
  }
  void hold(const std::string& text) const {
    std::ofstream(file(), std::ios::binary | std::ios::trunc) << text;
  }
  [[nodiscard]] std::unique_ptr<ResourceLedger> fresh() const {
    ObjectSet before;
    before.elements = {{"old \"one\"\n"}};
    auto ledger = ResourceLedger::create(
        folder_, {"run-1", "lockstep-1", "exec:./a", "Example", "Array"}, before);
    EXPECT_TRUE(ledger) << ledger.error().message;
    return std::move(ledger).value();
  }

  std::filesystem::path folder_;
};

TEST_F(LedgerFile, ReadsBackWhatIsStillThere) {
  const auto ledger = fresh();
  const ObjectSet made{{{"v1"}, {"v2\xff"}}, {{"g1"}}, {{"r1"}}};
  const auto first = ledger->intend("CreateVolume", "lockstep-1-1");
  const auto second = ledger->intend("CreateElementReplica", "");
  ASSERT_TRUE(first && second);
  ASSERT_TRUE(ledger->made(made, {{ElementRef{"v1"}, "lockstep-1-1"}}));
  ASSERT_TRUE(ledger->answered(first.value()));
  ASSERT_TRUE(ledger->gone({{}, {{"g1"}}, {}}));
  const auto state = read_resources(folder_);
  ASSERT_TRUE(state) << state.error().message;
  EXPECT_EQ(state.value().header.provider_spec, "exec:./a");
  EXPECT_EQ(state.value().before.elements, (std::set<ElementRef>{{"old \"one\"\n"}}));
  EXPECT_EQ(state.value().made, (ObjectSet{{{"v1"}, {"v2\xff"}}, {}, {{"r1"}}}));
  EXPECT_EQ(state.value().names.at(ElementRef{"v1"}), "lockstep-1-1");
  ASSERT_EQ(state.value().unanswered.size(), 1U);
  EXPECT_EQ(state.value().unanswered.begin()->second, "CreateElementReplica");
}

TEST_F(LedgerFile, SurvivesBeingCutAnywhere) {
  {
    const auto ledger = fresh();
    static_cast<void>(ledger->intend("CreateVolume", "lockstep-1-1"));
    static_cast<void>(ledger->made({{{"v1"}}, {}, {}}, {}));
  }
  const std::string whole = text();
  const std::size_t header = whole.find('\n') + 1;
  for (std::size_t length = header; length <= whole.size(); ++length) {
    hold(whole.substr(0, length));
    const auto state = read_resources(file());
    ASSERT_TRUE(state) << length << ": " << state.error().message;
    EXPECT_EQ(state.value().made.empty(), length < whole.size());
    // Going on with it leaves no half line in the middle.
    const auto again = ResourceLedger::reopen(folder_);
    ASSERT_TRUE(again) << again.error().message;
    ASSERT_TRUE(again.value()->made({{{"v2"}}, {}, {}}, {}));
    const auto longer = read_resources(folder_);
    ASSERT_TRUE(longer) << longer.error().message;
    EXPECT_TRUE(longer.value().made.elements.contains(ElementRef{"v2"}));
  }
}

TEST_F(LedgerFile, CountsCallsOnAfterBeingReopened) {
  {
    const auto ledger = fresh();
    static_cast<void>(ledger->answered(ledger->intend("CreateVolume", "").value()));
  }
  const auto again = ResourceLedger::reopen(folder_);
  ASSERT_TRUE(again);
  EXPECT_EQ(again.value()->intend("CreateVolume", "").value(), 2U);
}

TEST_F(LedgerFile, RefusesWhatItDoesNotUnderstand) {
  const auto refused = [&](const std::string& lines) {
    hold(lines);
    const auto state = read_resources(folder_);
    EXPECT_FALSE(state) << lines;
    return state ? std::string() : state.error().message;
  };
  const std::string run =
      "{\"op\":\"run\",\"run\":\"r\",\"prefix\":\"p\",\"provider\":\"x\",\"organisation\":\"\","
      "\"product\":\"\"}\n";
  EXPECT_THAT(refused(""), HasSubstr("found nothing"));
  EXPECT_THAT(refused("{\"op\":\"before\"}\n"), HasSubstr("line 1"));
  EXPECT_THAT(refused(run + "[]\n"), HasSubstr("line 2"));
  EXPECT_THAT(refused(run + "{\"op\":\"made\",\"kind\":\"disk\",\"path\":\"x\"}\n"),
              HasSubstr("disk"));
  EXPECT_THAT(refused(run + "{\"op\":\"made\",\"kind\":\"element\"}\n"), HasSubstr("path"));
  EXPECT_THAT(refused(run + "{\"op\":\"erase\"}\n"), HasSubstr("erase"));
  EXPECT_THAT(refused(run + "{\"op\":\"intend\",\"n\":-1,\"call\":\"x\"}\n"), HasSubstr("'n'"));
  EXPECT_THAT(refused(run + run), HasSubstr("once"));
  EXPECT_EQ(read_resources(folder_ / "none").error().origin, Origin::Config);
}

TEST_F(LedgerFile, IsNotWrittenOver) {
  static_cast<void>(fresh());
  const auto second = ResourceLedger::create(folder_, {}, {});
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().origin, Origin::Config);
}

}  // namespace
}  // namespace lockstep::conformance
