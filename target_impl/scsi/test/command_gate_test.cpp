// Taking access away waits for the commands that were admitted.
#include "target_impl/scsi/command_gate.hpp"

#include "target_impl/scsi/test/rig.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <future>
#include <thread>
#include <vector>

namespace lockstep::scsi::test {
namespace {

TEST(CommandGate, WaitsForTheCommandsInside) {
  CommandGate gate;
  std::atomic<bool> drained{false};
  std::thread other;
  {
    CommandGate::Pass pass;
    gate.enter(pass);
    other = std::thread([&] {
      gate.drain();
      drained = true;
    });
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    EXPECT_FALSE(drained.load());
  }
  other.join();
  EXPECT_TRUE(drained.load());
  gate.drain();
}

// Holds a READ at the moment in which it is past its checks and has not read yet.
class HeldDataIn final : public DataIn {
 public:
  std::span<std::byte> claim(std::size_t bytes) override {
    inside.set_value();
    go_on.get_future().wait();
    data.resize(bytes);
    return data;
  }
  std::promise<void> inside;
  std::promise<void> go_on;
  Bytes data;
};

TEST(HostAccess, IsTakenAwayOnceAdmittedCommandsHaveEnded) {
  Rig rig;
  rig.join(2);
  HeldDataIn held;
  std::thread reader([&] {
    Command command;
    command.cdb = {0x28, 0, 0, 0, 0, 0, 0, 0, 1};
    Response response;
    rig.server.execute(Rig::nexus(2), 0, command, held, response);
    EXPECT_EQ(response.status, Status::Good);
  });
  held.inside.get_future().wait();
  std::atomic<bool> taken{false};
  std::thread taker([&] {
    rig.unit->set_host_access(HostAccess::None);
    taken = true;
  });
  while (rig.run({0x00}).verdict() != "2/0400") {  // new commands see it at once
    std::this_thread::yield();
  }
  std::this_thread::sleep_for(std::chrono::milliseconds(20));
  EXPECT_FALSE(taken.load());
  held.go_on.set_value();
  taker.join();
  reader.join();
  EXPECT_TRUE(taken.load());
}

// Goal: once set_host_access(ReadOnly) has returned, the medium does not change any more. Method:
// several sessions write without pause; the content is read twice after access was taken away.
TEST(HostAccess, NothingIsWrittenOnceItWasTakenAway) {
  Rig rig;
  std::atomic<bool> stop{false};
  std::atomic<std::uint32_t> written{0};
  std::vector<std::thread> writers;
  for (std::uint64_t id = 2; id != 5; ++id) {
    rig.join(id);
    writers.emplace_back([&, id] {
      unsigned value = 0;
      while (!stop.load()) {
        const auto verdict =
            rig.run_on(id, 0, {0x2a, 0, 0, 0, 0, static_cast<unsigned>(id), 0, 0, 1},
                       filled(kBlock, ++value % 256))
                .verdict();
        ASSERT_TRUE(verdict == "good" || verdict == "7/2700") << verdict;
        written += verdict == "good" ? 1U : 0U;
      }
    });
  }
  for (int round = 0; round != 30; ++round) {
    const std::uint32_t before = written.load();
    rig.unit->set_host_access(HostAccess::ReadOnly);
    const Bytes first = rig.content(0, 8);
    std::this_thread::yield();
    ASSERT_EQ(rig.content(0, 8), first) << round;
    rig.unit->set_host_access(HostAccess::ReadWrite);
    while (written.load() == before) {
      std::this_thread::yield();
    }
  }
  stop = true;
  for (std::thread& writer : writers) {
    writer.join();
  }
}

}  // namespace
}  // namespace lockstep::scsi::test
