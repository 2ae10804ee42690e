// Goal: copies that cannot start end once, in time and with the reason.
// Method: portals that refuse or say nothing; no target is needed.
#include "target_impl/copy/copy_engine.hpp"
#include "target_impl/copy/test/ending.hpp"
#include "target_impl/initiator/test/listener.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <limits>

namespace lockstep::copy {
namespace {

using std::chrono::milliseconds;
using testing::HasSubstr;

EngineOptions impatient() {
  EngineOptions options;
  options.connect_timeout = milliseconds{150};
  options.command_timeout = milliseconds{150};
  options.stop_grace = milliseconds{100};
  return options;
}

CopyRequest request_to(const std::string& portal, Ending& ending) {
  CopyRequest request;
  request.source = {portal, "iqn.2026-11.net.lockstep:absent", 0};
  request.target = {portal, "iqn.2026-11.net.lockstep:absent", 1};
  request.ranges = {Range{Lba{0}, BlockCount{4096}}};
  request.finished = ending.callback();
  return request;
}

TEST(CopyFromNowhere, FailsWithTheReason) {
  initiator::Listener listener;
  listener.close();
  Ending ending;
  auto engine = CopyEngine::start(impatient());
  const CopyId id = engine->submit(request_to(listener.portal(), ending));
  const auto report = ending.wait();
  ASSERT_TRUE(report.has_value());
  EXPECT_EQ(report->result, CopyResult::Failed);
  ASSERT_TRUE(report->error.has_value());
  EXPECT_EQ(report->error->origin, Origin::Transport);
  EXPECT_THAT(report->error->message, HasSubstr(listener.portal()));
  EXPECT_THAT(report->error->message, HasSubstr("Connection refused"));
  EXPECT_THAT(report->error->message, HasSubstr("attempt 2"));
  EXPECT_EQ(engine->percent(id), 100);
  engine.reset();
  EXPECT_EQ(ending.calls(), 1);
}

TEST(CopyFromASilentPortal, FailsWithinTheTimeoutOfEachAttempt) {
  initiator::Listener listener;
  Ending ending;
  auto engine = CopyEngine::start(impatient());
  const auto begin = std::chrono::steady_clock::now();
  const CopyId id = engine->submit(request_to(listener.portal(), ending));
  EXPECT_EQ(engine->percent(id), 0);
  const auto report = ending.wait();
  ASSERT_TRUE(report.has_value());
  EXPECT_EQ(report->result, CopyResult::Failed);
  EXPECT_LT(std::chrono::steady_clock::now() - begin, milliseconds{900});
}

TEST(CopyFromASilentPortal, IsAbortedByTheDestructor) {
  initiator::Listener listener;
  Ending ending;
  EngineOptions options = impatient();
  options.connect_timeout = std::chrono::minutes{1};
  options.command_timeout = std::chrono::minutes{1};
  auto engine = CopyEngine::start(options);
  const CopyId id = engine->submit(request_to(listener.portal(), ending));
  EXPECT_NE(id, 0U);
  const initiator::Descriptor connected = listener.accept();  // requests are under way now
  const auto begin = std::chrono::steady_clock::now();
  engine.reset();
  EXPECT_LT(std::chrono::steady_clock::now() - begin, milliseconds{800});
  ASSERT_TRUE(ending.has_ended());
  EXPECT_EQ(ending.wait()->result, CopyResult::Aborted);
  EXPECT_EQ(ending.calls(), 1);
}

TEST(Copy, OfNothingIsDone) {
  Ending ending;
  auto engine = CopyEngine::start(impatient());
  CopyRequest request = request_to("127.0.0.1:1", ending);
  request.ranges.clear();
  const CopyId id = engine->submit(std::move(request));
  const auto report = ending.wait();
  ASSERT_TRUE(report.has_value());
  EXPECT_EQ(report->result, CopyResult::Done);
  EXPECT_EQ(engine->percent(id), 100);
}

TEST(Copy, MayBeSubmittedFromTheEndOfAnother) {
  Ending second;
  auto engine = CopyEngine::start(impatient());
  Ending unused;
  CopyRequest request = request_to("127.0.0.1:1", unused);
  request.ranges.clear();
  CopyRequest next = request;
  next.finished = second.callback();
  request.finished = [&](CopyResult, const std::optional<Error>&) {
    static_cast<void>(engine->submit(next));
  };
  static_cast<void>(engine->submit(std::move(request)));
  EXPECT_TRUE(second.wait().has_value());
}

TEST(Copy, OrdersForUnknownIdsAreIgnored) {
  auto engine = CopyEngine::start(impatient());
  engine->pause(17);
  engine->resume(17);
  engine->abort(17);
  EXPECT_EQ(engine->percent(17), 100);
}

class WrongRequest : public testing::Test {
 protected:
  void expect_usage_error(CopyRequest request) {
    Ending ending;
    request.finished = ending.callback();
    auto engine = CopyEngine::start(impatient());
    static_cast<void>(engine->submit(std::move(request)));
    const auto report = ending.wait();
    ASSERT_TRUE(report.has_value());
    EXPECT_EQ(report->result, CopyResult::Failed);
    ASSERT_TRUE(report->error.has_value());
    EXPECT_EQ(report->error->origin, Origin::Usage) << report->error->message;
  }
  Ending unused_;
  CopyRequest request_ = request_to("127.0.0.1:1", unused_);
};

TEST_F(WrongRequest, PartBlocks) {
  request_.transfer_bytes = 700;
  expect_usage_error(request_);
}

TEST_F(WrongRequest, NoBlockSize) {
  request_.block_size.bytes = 0;
  expect_usage_error(request_);
}

TEST_F(WrongRequest, NoRequestsInFlight) {
  request_.requests_in_flight = 0;
  expect_usage_error(request_);
}

TEST_F(WrongRequest, RangesThatOverlap) {
  request_.ranges = {Range{Lba{0}, BlockCount{8}}, Range{Lba{7}, BlockCount{8}}};
  expect_usage_error(request_);
}

TEST_F(WrongRequest, RangesBeyondTheLargestAddress) {
  request_.ranges = {Range{Lba{1}, BlockCount{std::numeric_limits<std::uint64_t>::max()}}};
  expect_usage_error(request_);
}

TEST_F(WrongRequest, PortalsThatAreNone) {
  request_.source.portal = "127.0.0.1:0";
  expect_usage_error(request_);
}

}  // namespace
}  // namespace lockstep::copy
