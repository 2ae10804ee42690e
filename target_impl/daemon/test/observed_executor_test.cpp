// Goal: what passes through is counted as it is, from every thread, and what an operator must know
// is logged with session and LUN. Method: an executor that answers as it is told.
#include "target_impl/daemon/observed_executor.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <fcntl.h>
#include <string>
#include <thread>
#include <unistd.h>
#include <vector>

namespace lockstep::target::test {
namespace {

using testing::HasSubstr;
using testing::Not;

class Scripted final : public iscsi::CommandExecutor {
 public:
  [[nodiscard]] const std::string& target_name() const noexcept override { return name_; }
  void nexus_started(const scsi::Nexus& /*nexus*/) override {}
  void nexus_lost(const scsi::Nexus& /*nexus*/) override {}
  void execute(const scsi::Nexus& /*nexus*/, std::uint16_t /*lun*/,
               const scsi::Command& /*command*/, scsi::DataIn& data_in,
               scsi::Response& response) override {
    response = answer;
    if (late) {
      ending = data_in.end_later();
    }
    if (claim != 0) {
      static_cast<void>(data_in.claim(claim));
    }
  }
  [[nodiscard]] std::optional<bool> attention_pending(const scsi::Nexus& /*nexus*/,
                                                      std::uint16_t /*lun*/) override {
    return false;
  }
  [[nodiscard]] bool manage(const scsi::Nexus& /*nexus*/, std::uint16_t /*lun*/,
                            scsi::TaskManagement /*function*/) override {
    return true;
  }
  scsi::Response answer;
  std::size_t claim = 0;
  bool late = false;
  std::shared_ptr<scsi::LateEnding> ending;

 private:
  std::string name_ = "iqn.2026-11.a:b";
};

class Buffer final : public scsi::DataIn {
 public:
  [[nodiscard]] std::span<std::byte> claim(std::size_t bytes) override {
    data_.resize(bytes);
    return data_;
  }
  [[nodiscard]] std::shared_ptr<scsi::LateEnding> end_later() override {
    class Ending final : public scsi::LateEnding {
      void end(const scsi::Response& /*response*/) override {}
    };
    return std::make_shared<Ending>();
  }

 private:
  std::vector<std::byte> data_;
};

scsi::Nexus nexus() {
  scsi::Nexus made;
  made.initiator_port = "iqn.2026-11.a:host,i,0x000000000001";
  made.target_port = "iqn.2026-11.a:b,t,0x0001";
  made.id = 12;
  return made;
}

scsi::Response check_condition(std::uint8_t key) {
  scsi::Response response;
  response.status = scsi::Status::CheckCondition;
  response.sense[0] = 0x70;
  response.sense[2] = key;
  response.sense[12] = 0x11;
  response.sense[13] = 0x01;
  return response;
}

struct World {
  explicit World(Log* log = nullptr) : executor(scripted, {&counters, log}) {}
  void run(std::uint8_t operation, std::size_t data_out = 0) {
    const std::vector<std::byte> data(data_out);
    scsi::Command command;
    command.cdb[0] = operation;
    command.data_out = data;
    Buffer buffer;
    scsi::Response response;
    executor.execute(nexus(), 3, command, buffer, response);
  }
  std::shared_ptr<Scripted> scripted = std::make_shared<Scripted>();
  CommandCounters counters;
  ObservedExecutor executor;
};

std::uint64_t of(const CommandTotals& totals, CommandFamily family) {
  return totals.commands.at(static_cast<std::size_t>(family));
}

TEST(ObservedExecutor, CountsCommandsBytesAndFailures) {
  World world;
  world.scripted->claim = 4096;
  world.run(0x28);
  world.scripted->claim = 0;
  world.run(0x8a, 512);
  world.run(0x35);
  world.scripted->answer = check_condition(5);
  world.run(0x28);
  world.scripted->answer = {};
  world.scripted->answer.status = scsi::Status::ReservationConflict;
  world.run(0x5f, 24);
  world.executor.nexus_started(nexus());
  world.executor.nexus_started(nexus());
  world.executor.nexus_lost(nexus());
  const CommandTotals totals = world.counters.totals();
  EXPECT_EQ(of(totals, CommandFamily::Read), 2U);
  EXPECT_EQ(of(totals, CommandFamily::Write), 1U);
  EXPECT_EQ(of(totals, CommandFamily::Flush), 1U);
  EXPECT_EQ(of(totals, CommandFamily::Reservation), 1U);
  EXPECT_EQ(totals.bytes_in, 4096U);
  EXPECT_EQ(totals.bytes_out, 512U + 24U);
  EXPECT_EQ(totals.sense_keys[5], 1U);
  EXPECT_EQ(totals.other_statuses, 1U);
  EXPECT_EQ(totals.sessions_started, 2U);
  EXPECT_EQ(totals.sessions_ended, 1U);
}

// The ending counts, once, and not what execute() left.
TEST(ObservedExecutor, CommandsThatEndLateAreCountedAtTheirEnd) {
  World world;
  world.scripted->late = true;
  world.run(0x91);
  EXPECT_EQ(of(world.counters.totals(), CommandFamily::Flush), 0U);
  std::thread([&] {
    world.scripted->ending->end(check_condition(4));
    world.scripted->ending->end({});
  }).join();
  EXPECT_EQ(of(world.counters.totals(), CommandFamily::Flush), 1U);
  EXPECT_EQ(world.counters.totals().sense_keys[4], 1U);
}

TEST(ObservedExecutor, TimesSomeCommands) {
  World world;
  for (std::uint64_t i = 0; i != 3 * kTimedOneIn; ++i) world.run(0x28);
  const CommandTotals totals = world.counters.totals();
  std::uint64_t timed = 0;
  for (const std::uint64_t times : totals.times) timed += times;
  EXPECT_EQ(timed, 3U);
  EXPECT_GT(totals.time_ns, 0U);
}

TEST(ObservedExecutor, ThreadsCountWithoutLosingAny) {
  World world;
  constexpr std::uint64_t kEach = 20'000;
  std::vector<std::thread> threads;
  for (int i = 0; i != 4; ++i) {
    threads.emplace_back([&] {
      for (std::uint64_t j = 0; j != kEach; ++j) {
        add(world.counters.mine().bytes_in, 1);
        if (j % 1000 == 0) static_cast<void>(world.counters.totals());
      }
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(world.counters.totals().bytes_in, 4 * kEach);
}

// One thread that works for two servers keeps their counts apart.
TEST(ObservedExecutor, ServersAreCountedApart) {
  World first;
  World second;
  first.run(0x28);
  second.run(0x28);
  first.run(0x28);
  EXPECT_EQ(of(first.counters.totals(), CommandFamily::Read), 2U);
  EXPECT_EQ(of(second.counters.totals(), CommandFamily::Read), 1U);
}

std::string logged(LogLevel level, const scsi::Response& answer) {
  std::array<int, 2> ends{};
  EXPECT_EQ(::pipe2(ends.data(), O_CLOEXEC), 0);
  {
    Log log(ends[1], level);
    World world(&log);
    world.scripted->answer = answer;
    world.executor.nexus_started(nexus());
    world.run(0x28);
    EXPECT_TRUE(world.executor.manage(nexus(), 3, scsi::TaskManagement::LogicalUnitReset));
    world.executor.nexus_lost(nexus());
  }
  ::close(ends[1]);
  std::string text;
  std::array<char, 4096> part{};
  for (ssize_t got = 0; (got = ::read(ends[0], part.data(), part.size())) > 0;) {
    text.append(part.data(), static_cast<std::size_t>(got));
  }
  ::close(ends[0]);
  return text;
}

TEST(ObservedExecutor, LogsSessionsAndGraveErrorsWithSessionAndLun) {
  const std::string text = logged(LogLevel::Info, check_condition(3));
  EXPECT_THAT(text, HasSubstr("info    iscsi  s12      session started "
                              "initiator=iqn.2026-11.a:host,i,0x000000000001"));
  EXPECT_THAT(text, HasSubstr("error   scsi   s12/3    command failed operation=28h status=2 "
                              "sense=3/1101"));
  EXPECT_THAT(text, HasSubstr("info    scsi   s12/3    task management function=5 outcome=done"));
  EXPECT_THAT(text, HasSubstr("s12      session ended"));
}

TEST(ObservedExecutor, SenseInDescriptorFormatIsReadAsSuch) {
  scsi::Response response;
  response.status = scsi::Status::CheckCondition;
  response.sense[0] = 0x72;
  response.sense[1] = 3;
  response.sense[2] = 0x11;
  response.sense[3] = 0x01;
  EXPECT_THAT(logged(LogLevel::Error, response), HasSubstr("sense=3/1101"));
}

TEST(ObservedExecutor, OrdinaryFailuresAreLoggedAtDebugOnly) {
  EXPECT_THAT(logged(LogLevel::Info, check_condition(5)), Not(HasSubstr("command failed")));
  EXPECT_THAT(logged(LogLevel::Debug, check_condition(5)), HasSubstr("sense=5/1101"));
}

}  // namespace
}  // namespace lockstep::target::test
