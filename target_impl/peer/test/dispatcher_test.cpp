// Goal: changes of the same blocks never overtake each other, whatever order a target carries
// commands out in, and what was given up is not sent late. Method: a session that answers when
// told.
#include "target_impl/peer/dispatcher.hpp"

#include "target_impl/store/test/scratch_directory.hpp"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

namespace lockstep::peer::test {
namespace {

using initiator::Completion;
using initiator::Done;
using initiator::Outcome;

// Only what a dispatcher uses; operations bring their own way of sending.
class SilentSession final : public initiator::Session {
 public:
  void read(std::uint16_t, Lba, BlockSize, std::span<std::byte>, Done) override {}
  void write(std::uint16_t, Lba, BlockSize, std::span<const std::byte>, Done) override {}
  void unmap(std::uint16_t, Lba, BlockCount, Done) override {}
  void synchronize_cache(std::uint16_t, Done) override {}
  void command(std::uint16_t, std::span<const std::uint8_t>, std::span<std::byte>,
               std::span<const std::byte>, Done) override {}
  Status run_until_idle() override { return ok(); }
  Status run_once(std::chrono::milliseconds) override { return ok(); }
  std::size_t outstanding() const noexcept override { return 0; }
  bool connected() const noexcept override { return true; }
  std::optional<Error> failure() const override { return std::nullopt; }
  int descriptor() const noexcept override { return -1; }
  short events() const noexcept override { return 0; }
  std::optional<std::chrono::steady_clock::time_point> next_deadline() const noexcept override {
    return std::nullopt;
  }
  Status service(short) override { return ok(); }
  Status flush_submissions() override { return ok(); }
  Result<VolumeGeometry> capacity(std::uint16_t) override { return VolumeGeometry{}; }
  Result<std::string> naa_identifier(std::uint16_t) override { return std::string{}; }
};

struct Bench {
  SilentSession session;
  Dispatcher dispatcher{[](const Completion&) {}};
  std::vector<std::pair<char, Done>> sent;
  std::string ended;

  Operation operation(char name, std::uint16_t lun, std::uint64_t first, std::uint64_t count) {
    Operation operation;
    operation.lun = lun;
    operation.range = {Lba{first}, BlockCount{count}};
    operation.send = [this, name](initiator::Session&, Done done) {
      sent.emplace_back(name, std::move(done));
    };
    operation.done = [this, name](const Completion& completion) {
      ended += is_good(completion) ? name : '-';
    };
    return operation;
  }
  void submit(Operation operation) { dispatcher.submit({&operation, 1}); }
  [[nodiscard]] std::string on_the_way() {
    dispatcher.fill(session);
    std::string names;
    for (const auto& one : sent) names += one.first;
    return names;
  }
  void answer(char name) {
    for (auto one = sent.begin(); one != sent.end(); ++one) {
      if (one->first != name) continue;
      const Done done = std::move(one->second);
      sent.erase(one);
      done(Completion{});
      dispatcher.tell_ended();
      return;
    }
    FAIL() << name << " is not on its way";
  }
};

struct ListSource final : BulkSource {
  std::vector<Operation> left;
  bool abandoned = false;
  bool was_cut_off = false;
  std::optional<Operation> next(More&) override {
    if (left.empty()) return std::nullopt;
    Operation first = std::move(left.front());
    left.erase(left.begin());
    return first;
  }
  bool is_abandoned() const override { return abandoned; }
  void cut_off() override { was_cut_off = true; }
};

TEST(PeerDispatcher, OverlappingChangesGoOneAfterTheOther) {
  Bench bench;
  bench.submit(bench.operation('a', 1, 0, 8));
  bench.submit(bench.operation('b', 2, 0, 8));  // another logical unit
  bench.submit(bench.operation('c', 1, 8, 8));  // next to it
  bench.submit(bench.operation('d', 1, 7, 2));  // over both
  bench.submit(bench.operation('e', 1, 40, 1));
  EXPECT_EQ(bench.on_the_way(), "abc");
  bench.answer('c');
  EXPECT_EQ(bench.on_the_way(), "ab");
  bench.answer('a');
  EXPECT_EQ(bench.on_the_way(), "bde");
  bench.answer('d');
  EXPECT_EQ(bench.ended, "cad");
}

TEST(PeerDispatcher, BulkWaitsForChangesUnderWayAndTheyForIt) {
  Bench bench;
  const auto source = std::make_shared<ListSource>();
  source->left.push_back(bench.operation('x', 1, 0, 100));
  source->left.push_back(bench.operation('y', 1, 100, 100));
  bench.submit(bench.operation('a', 1, 50, 1));
  bench.dispatcher.add(source);
  EXPECT_EQ(bench.on_the_way(), "a");
  bench.answer('a');
  EXPECT_EQ(bench.on_the_way(), "xy");
  bench.submit(bench.operation('b', 1, 150, 1));
  EXPECT_EQ(bench.on_the_way(), "xy");
  bench.answer('y');
  EXPECT_EQ(bench.on_the_way(), "xb");
}

TEST(PeerDispatcher, WhatWasGivenUpIsNotSentLate) {
  Bench bench;
  const auto source = std::make_shared<ListSource>();
  source->left.push_back(bench.operation('x', 1, 0, 100));
  bench.submit(bench.operation('a', 1, 50, 1));
  bench.dispatcher.add(source);
  EXPECT_EQ(bench.on_the_way(), "a");  // x has been asked for and waits
  source->abandoned = true;
  bench.answer('a');
  bench.submit(bench.operation('b', 1, 50, 1));
  EXPECT_EQ(bench.on_the_way(), "b");
  bench.answer('b');
  EXPECT_EQ(bench.on_the_way(), "");
  EXPECT_EQ(bench.ended, "a-b");
}

TEST(PeerDispatcher, EndsAreToldTogetherAndInOrder) {
  Bench bench;
  bench.submit(bench.operation('a', 1, 0, 1));
  bench.submit(bench.operation('b', 1, 1, 1));
  EXPECT_EQ(bench.on_the_way(), "ab");
  bench.sent[1].second(Completion{});
  bench.sent[0].second(Completion{});
  EXPECT_EQ(bench.ended, "");
  bench.dispatcher.tell_ended();
  EXPECT_EQ(bench.ended, "ba");
  bench.dispatcher.tell_ended();
  EXPECT_EQ(bench.ended, "ba");
}

TEST(PeerDispatcher, ALossEndsAllThatWaits) {
  Bench bench;
  const auto source = std::make_shared<ListSource>();
  source->left.push_back(bench.operation('x', 1, 0, 1));
  bench.submit(bench.operation('a', 1, 0, 1));
  bench.submit(bench.operation('b', 1, 0, 1));
  bench.dispatcher.add(source);
  EXPECT_EQ(bench.on_the_way(), "a");
  bench.sent.front().second(Completion{Outcome::ConnectionLost, {}, 0, false});
  Operation behind = bench.operation('c', 1, 0, 1);
  bench.dispatcher.cut_off({&behind, 1});
  EXPECT_EQ(bench.ended, "----");
  EXPECT_TRUE(source->was_cut_off);
}

TEST(PeerDispatcher, ChangesThatComeTogetherAreNotedBeforeAnyGoesOut) {
  lockstep::test::ScratchDirectory scratch;
  constexpr VolumeGeometry kGeometry{BlockCount{10 * store::kExtentBytes / 512}, BlockSize{512}};
  const auto record = std::make_shared<ChangeRecord>(scratch.file("changes"), kGeometry, 0);
  const Generation generation = record->begin_generation();
  const auto unwritable = std::make_shared<ChangeRecord>("/nowhere/changes", kGeometry, 0);
  static_cast<void>(unwritable->begin_generation());
  Bench bench;
  std::vector<Operation> together;
  for (const char name : {'a', 'b', 'c'}) {
    const std::uint64_t extent = static_cast<std::uint64_t>(name - 'a') * 3;
    together.push_back(bench.operation(name, 1, extent * store::kExtentBytes / 512, 1));
    together.back().record = name == 'b' ? unwritable : record;
  }
  bench.dispatcher.submit(together);
  EXPECT_EQ(record->parts_since(generation), 2U);
  EXPECT_EQ(bench.on_the_way(), "ac");
  bench.dispatcher.tell_ended();
  EXPECT_EQ(bench.ended, "-");
}

}  // namespace
}  // namespace lockstep::peer::test
