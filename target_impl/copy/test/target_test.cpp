// Goal: initiator, data path and copy engine move every byte through the project's own target over
// TCP. Method: what came over the wire is compared with the volumes behind the target.
#include "target_impl/copy/test/ending.hpp"
#include "target_impl/copy/test/served_luns.hpp"
#include "target_impl/initiator/initiator.hpp"
#include "target_impl/initiator/lun_data_path.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <numeric>
#include <thread>

namespace lockstep::copy {
namespace {

using initiator::Completion;
using initiator::Outcome;
using initiator::Session;
using testing::HasSubstr;

constexpr std::uint64_t kBytes = 4 << 20;
constexpr BlockSize kBlockSize{512};

std::vector<std::byte> pattern(std::size_t bytes, unsigned seed) {
  std::vector<std::byte> data(bytes);
  for (std::size_t i = 0; i < bytes; ++i) data[i] = static_cast<std::byte>(i * seed + i / 512);
  return data;
}

class TargetWithLuns : public testing::Test {
 protected:
  std::unique_ptr<Session> connect() {
    auto session = Session::connect(luns_.portal(), ServedLuns::kTargetName);
    EXPECT_TRUE(session.has_value()) << session.error().message;
    return session ? std::move(session).value() : nullptr;
  }
  ServedLuns luns_{3, kBytes};
};

TEST_F(TargetWithLuns, TellsWhatItHas) {
  const auto session = connect();
  ASSERT_NE(session, nullptr);
  EXPECT_EQ(report_luns(*session).value(), (std::vector<std::uint16_t>{0, 1, 2}));
  EXPECT_EQ(session->capacity(1).value(), (VolumeGeometry{BlockCount{kBytes / 512}, kBlockSize}));
  EXPECT_EQ(session->naa_identifier(1).value(), "60000000000000000000000000000002");
  const auto absent = session->capacity(9);
  ASSERT_FALSE(absent.has_value());
  EXPECT_THAT(absent.error().message, HasSubstr("LUN 9"));
  EXPECT_THAT(absent.error().message, HasSubstr("5/2500"));
}

TEST_F(TargetWithLuns, DoesNotKnowOtherNames) {
  const auto session = Session::connect(luns_.portal(), "iqn.2026-11.net.lockstep:other");
  ASSERT_FALSE(session.has_value());
  EXPECT_EQ(session.error().origin, Origin::Target);
  EXPECT_THAT(session.error().message, HasSubstr("lockstep:other"));
  EXPECT_THAT(session.error().message, HasSubstr("Target not found"));
}

TEST_F(TargetWithLuns, KeepsTransfersOfAnySize) {
  const auto session = connect();
  ASSERT_NE(session, nullptr);
  for (const std::size_t bytes :
       {512U, 1536U, 4096U, 65536U, 262144U, 262656U, 1048576U, 4194304U}) {
    const auto out = pattern(bytes, 7);
    std::vector<std::byte> in(bytes);
    int good = 0;
    const auto count = [&](const Completion& c) {
      good += c.outcome == Outcome::Answered && c.answer.good() && !c.overflow;
    };
    session->write(2, Lba{0}, kBlockSize, out, count);
    ASSERT_TRUE(session->run_until_idle().has_value());
    session->read(2, Lba{0}, kBlockSize, in, count);
    ASSERT_TRUE(session->run_until_idle().has_value());
    EXPECT_EQ(good, 2) << bytes;
    EXPECT_EQ(in, out) << bytes;
    const auto held = luns_.content(2);
    EXPECT_TRUE(std::equal(out.begin(), out.end(), held.begin())) << bytes;
  }
}

TEST_F(TargetWithLuns, AnswersManyCommandsInFlightEachWithItsOwnData) {
  luns_.fill(0, 1);
  const auto content = luns_.content(0);
  const auto session = connect();
  ASSERT_NE(session, nullptr);
  constexpr std::size_t kPiece = 8192;
  std::vector<std::byte> in(kBytes);
  std::size_t good = 0;
  for (std::size_t at = 0; at < kBytes; at += kPiece) {
    session->read(0, Lba{at / 512}, kBlockSize, std::span(in).subspan(at, kPiece),
                  [&](const Completion& c) { good += c.bytes_in == kPiece; });
  }
  EXPECT_EQ(session->outstanding(), kBytes / kPiece);
  ASSERT_TRUE(session->run_until_idle().has_value());
  EXPECT_EQ(good, kBytes / kPiece);
  EXPECT_EQ(in, content);
}

TEST_F(TargetWithLuns, EndsOutstandingCommandsOnceWhenItStops) {
  const auto session = connect();
  ASSERT_NE(session, nullptr);
  luns_.stop();
  int ended = 0;
  for (int i = 0; i < 10; ++i) {
    session->synchronize_cache(
        0, [&](const Completion& c) { ended += c.outcome == Outcome::ConnectionLost; });
  }
  EXPECT_FALSE(session->run_until_idle().has_value());
  EXPECT_EQ(ended, 10);
}

TEST_F(TargetWithLuns, IsADataPath) {
  const auto path = initiator::make_lun_data_path(
      luns_.portal(), ServedLuns::kTargetName, [](const ElementRef& element) {
        return std::optional<std::uint16_t>(element.path == "b" ? std::uint16_t{1}
                                                                : std::uint16_t{0});
      });
  const ElementRef a{"a"};
  const ElementRef b{"b"};
  const auto out = pattern(3 << 20, 5);
  EXPECT_TRUE(path->write(a, Lba{8}, out).value().good());
  std::vector<std::byte> in(out.size());
  EXPECT_TRUE(path->read(a, Lba{8}, in).value().good());
  EXPECT_EQ(in, out);
  EXPECT_TRUE(path->read(b, Lba{8}, in).value().good());
  EXPECT_EQ(in, std::vector<std::byte>(in.size()));
  EXPECT_TRUE(path->unmap(a, Lba{8}, BlockCount{16}).value().good());
  EXPECT_TRUE(path->read(a, Lba{8}, std::span(in).first(8192)).value().good());
  EXPECT_EQ(in[8191], std::byte{0});
  EXPECT_TRUE(path->flush(a).value().good());
  EXPECT_EQ(path->geometry(a).value().blocks.value, kBytes / 512);
  const auto beyond = path->read(a, Lba{kBytes / 512}, std::span(in).first(512));
  EXPECT_EQ(beyond.value(), (DataAnswer{2, 5, 0x2100}));
}

TEST_F(TargetWithLuns, KeepsItsDataPathThroughARestart) {
  const auto path = initiator::make_lun_data_path(
      luns_.portal(), ServedLuns::kTargetName,
      [](const ElementRef&) { return std::optional<std::uint16_t>(std::uint16_t{0}); });
  std::array<std::byte, 512> block{};
  EXPECT_TRUE(path->read(ElementRef{"a"}, Lba{0}, block).value().good());
  luns_.restart();
  EXPECT_TRUE(path->read(ElementRef{"a"}, Lba{0}, block).value().good());
}

TEST_F(TargetWithLuns, TakesWritesOfSeveralThreadsTogether) {
  const auto path = initiator::make_lun_data_path(
      luns_.portal(), ServedLuns::kTargetName,
      [](const ElementRef&) { return std::optional<std::uint16_t>(std::uint16_t{0}); });
  std::vector<std::thread> threads;
  for (unsigned t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      std::array<std::byte, 4096> data{};
      data.fill(static_cast<std::byte>(t + 1));
      for (std::uint64_t i = 0; i < 32; ++i) {
        const auto answer = path->write(ElementRef{"a"}, Lba{(i * 4 + t) * 8}, data);
        EXPECT_TRUE(answer && answer.value().good());
      }
    });
  }
  for (auto& thread : threads) thread.join();
  const auto content = luns_.content(0);
  for (std::size_t i = 0; i < 128 * 4096; ++i) {
    ASSERT_EQ(content[i], static_cast<std::byte>(i / 4096 % 4 + 1)) << i;
  }
}

class CopyBetweenLuns : public TargetWithLuns {
 protected:
  CopyRequest request(Ending& ending) {
    CopyRequest request;
    request.source = luns_.endpoint(0);
    request.target = luns_.endpoint(1);
    request.ranges = {Range{Lba{0}, BlockCount{kBytes / 512}}};
    request.transfer_bytes = 64 * 1024;
    request.finished = ending.callback();
    return request;
  }
  std::unique_ptr<CopyEngine> engine_ = CopyEngine::start();
};

TEST_F(CopyBetweenLuns, MakesThemEqual) {
  luns_.fill(0, 3);
  luns_.fill(1, 4);
  Ending ending;
  static_cast<void>(engine_->submit(request(ending)));
  const auto report = ending.wait();
  ASSERT_TRUE(report.has_value());
  EXPECT_EQ(report->result, CopyResult::Done);
  EXPECT_EQ(luns_.content(0), luns_.content(1));
}

TEST_F(CopyBetweenLuns, LeavesTheRestAlone) {
  luns_.fill(0, 3);
  luns_.fill(1, 4);
  auto expected = luns_.content(1);
  const auto source = luns_.content(0);
  std::copy_n(source.begin() + 300 * 512, 700 * 512, expected.begin() + 300 * 512);
  Ending ending;
  CopyRequest part = request(ending);
  part.ranges = {Range{Lba{300}, BlockCount{699}}, Range{Lba{999}, BlockCount{1}}};
  static_cast<void>(engine_->submit(std::move(part)));
  ASSERT_TRUE(ending.wait().has_value());
  EXPECT_EQ(ending.wait()->result, CopyResult::Done);
  EXPECT_EQ(luns_.content(1), expected);
}

TEST_F(CopyBetweenLuns, FailsOnAWriteProtectedTarget) {
  luns_.unit(1).set_host_access(scsi::HostAccess::ReadOnly);
  Ending ending;
  static_cast<void>(engine_->submit(request(ending)));
  const auto report = ending.wait();
  ASSERT_TRUE(report.has_value());
  EXPECT_EQ(report->result, CopyResult::Failed);
  EXPECT_THAT(report->error->message, HasSubstr("7/2700"));
  EXPECT_EQ(luns_.unit(1).medium_changes(), 0U);
}

TEST_F(CopyBetweenLuns, FailsWhenTheTargetStops) {
  Ending ending;
  CopyRequest paused = request(ending);
  luns_.stop();
  static_cast<void>(engine_->submit(std::move(paused)));
  const auto report = ending.wait();
  ASSERT_TRUE(report.has_value());
  EXPECT_EQ(report->result, CopyResult::Failed);
  EXPECT_EQ(report->error->origin, Origin::Transport);
}

TEST_F(CopyBetweenLuns, UsesItsSessionsAgainAfterARestart) {
  luns_.fill(0, 5);
  Ending first;
  static_cast<void>(engine_->submit(request(first)));
  ASSERT_TRUE(first.wait().has_value());
  luns_.restart();
  luns_.fill(0, 6);
  Ending second;
  static_cast<void>(engine_->submit(request(second)));
  ASSERT_TRUE(second.wait().has_value());
  EXPECT_EQ(second.wait()->result, CopyResult::Done)
      << second.wait()->error.value_or(Error{}).message;
  EXPECT_EQ(luns_.content(0), luns_.content(1));
}

}  // namespace
}  // namespace lockstep::copy
