// Taking access away waits for the commands that were admitted.
#include "target_impl/scsi/command_gate.hpp"

#include "target_impl/scsi/test/rig.hpp"

#include <gtest/gtest.h>

#include <atomic>
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

// Writes at once what is below it: the moment in which a command is past its check.
class SlowObserver final : public store::WriteObserver {
 public:
  bool wrote(Lba, std::span<const std::byte>) noexcept override {
    std::this_thread::yield();
    return true;
  }
  bool zeroed(Lba, BlockCount) noexcept override { return true; }
  bool assigned() noexcept override { return true; }
};

// Goal: once set_host_access(ReadOnly) has returned, the medium does not change any more. Method:
// several sessions write without pause; the content is read twice after access was taken away.
TEST(HostAccess, NothingIsWrittenOnceItWasTakenAway) {
  Rig rig;
  SlowObserver observer;
  rig.unit->volume().attach(observer);
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
  rig.unit->volume().detach(observer);
}

}  // namespace
}  // namespace lockstep::scsi::test
