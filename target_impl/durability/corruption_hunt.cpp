// Looks for bytes that are lost, stale, misplaced or mixed: initiators in processes of their own
// write and read at random while their connections are cut and they themselves are killed.
//
// usage: corruption_hunt tcp|bypass SECONDS [SEED] [forget-writes]
//
// The last plants a defect that must be found. Exits with 0 when every byte is accounted for, and
// prints what was done.
#include "target_impl/daemon/target_server.hpp"
#include "target_impl/daemon/test/server_options.hpp"
#include "target_impl/durability/hunt_worker.hpp"
#include "target_impl/scsi/logical_unit.hpp"
#include "target_impl/store/volume.hpp"

#include <array>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>
#include <vector>

namespace lockstep::durability {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::uint32_t kWorkers = 2;
constexpr const char* kTargetName = "iqn.2026-11.net.lockstep:hunted";
constexpr initiator::Isid kFirstIsid = 0x123456'0000ULL;

// A child that does `work` and ends with its parent.
template <class Work>
pid_t fork_to(Work work) {
  const pid_t child = ::fork();
  if (child == 0) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    std::_Exit(work() ? 0 : 1);
  }
  return child;
}

bool serve(int report) {
  target::TargetServerOptions options = target::test::server_options();
  options.limits.sessions = 16;
  auto started = target::TargetServer::start(options);
  if (!started) return false;
  const BlockCount blocks{std::uint64_t{kWorkers} * kHuntBlocks};
  auto volume =
      std::make_shared<store::Volume>(blocks, BlockSize{512}, store::make_pool(ByteCount{1 << 26}));
  scsi::LogicalUnitOptions unit;
  unit.naa_identifier = {0x60, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
  unit.serial_number = "hunted";
  auto device = std::make_shared<scsi::DeviceServer>(kTargetName);
  device->add(0, std::make_shared<scsi::LogicalUnit>(std::move(volume), unit));
  started.value()->serve(std::move(device));
  const std::uint16_t port = started.value()->port();
  if (::write(report, &port, sizeof port) != static_cast<ssize_t>(sizeof port)) return false;
  while (true) ::pause();
}

class Hunt {
 public:
  Hunt(HuntPlace place, std::uint32_t seed) : place_(std::move(place)), random_(seed) {}

  bool run(std::chrono::seconds duration) {
    for (std::uint32_t i = 0; i < kWorkers; ++i) {
      accounts_.push_back(HuntAccount::make(std::uint64_t{i} * kHuntBlocks));
      if (accounts_.back() == nullptr) return false;
      workers_.push_back(0);
    }
    const auto until = Clock::now() + duration;
    while (Clock::now() < until && good()) {
      for (std::uint32_t i = 0; i < kWorkers; ++i) {
        if (workers_[i] == 0) begin(i, until);
      }
      std::this_thread::sleep_for(std::chrono::milliseconds(20 + random_() % 400));
      const std::uint32_t chosen = random_() % kWorkers;
      ::kill(workers_[chosen], SIGKILL);
      ::waitpid(workers_[chosen], nullptr, 0);
      workers_[chosen] = 0;
      ++killed_;
    }
    for (const pid_t worker : workers_) {
      if (worker != 0) ::waitpid(worker, nullptr, 0);
    }
    for (std::uint32_t i = 0; i < kWorkers && good(); ++i) {
      int status = 0;
      ::waitpid(fork_to([&] { return worker(i).verify_all(); }), &status, 0);
      if (status != 0 && good()) accounts_[i]->fail("the last check ended early");
    }
    return good();
  }

  void print() const {
    HuntCounts all;
    for (const HuntAccount* account : accounts_) {
      const HuntCounts& one = account->counts;
      all.reads += one.reads;
      all.writes += one.writes;
      all.blocks_verified += one.blocks_verified;
      all.blocks_written += one.blocks_written;
      all.sessions += one.sessions;
      all.through_memory += one.through_memory;
      all.cut += one.cut;
      all.undecided += one.undecided;
      if (account->failed()) std::printf("%s\n", account->failure().c_str());
    }
    const auto number = [](const std::atomic<std::uint64_t>& value) {
      return static_cast<unsigned long long>(value);
    };
    std::printf(
        "%llu reads and %llu writes in %llu sessions (%llu through shared memory); "
        "%llu connections cut, %u initiators killed\n",
        number(all.reads), number(all.writes), number(all.sessions), number(all.through_memory),
        number(all.cut), killed_);
    std::printf(
        "%llu blocks written, %llu verified, %llu of them after a write without an answer\n",
        number(all.blocks_written), number(all.blocks_verified), number(all.undecided));
  }
  // Whether sessions, all or none of them, went the way they should, and there was enough of
  // everything for the result to mean something.
  [[nodiscard]] bool means_something() const {
    std::uint64_t sessions = 0;
    std::uint64_t through_memory = 0;
    std::uint64_t undecided = 0;
    std::uint64_t verified = 0;
    for (const HuntAccount* account : accounts_) {
      sessions += account->counts.sessions;
      through_memory += account->counts.through_memory;
      undecided += account->counts.undecided;
      verified += account->counts.blocks_verified;
    }
    // A worker may be killed between the two counts of a session.
    const bool right_way =
        place_.bypass ? through_memory + killed_ >= sessions : through_memory == 0;
    return right_way && killed_ > 0 && undecided > 0 && verified > kHuntBlocks;
  }

 private:
  [[nodiscard]] HuntWorker worker(std::uint32_t number) {
    return {*accounts_[number], place_, kFirstIsid + number, static_cast<std::uint32_t>(random_())};
  }
  void begin(std::uint32_t number, Clock::time_point until) {
    const std::uint32_t seed = static_cast<std::uint32_t>(random_());
    workers_[number] = fork_to([&] {
      random_.seed(seed);
      return worker(number).run(until);
    });
  }
  [[nodiscard]] bool good() const {
    for (const HuntAccount* account : accounts_) {
      if (account->failed()) return false;
    }
    return true;
  }

  HuntPlace place_;
  std::mt19937 random_;
  std::vector<HuntAccount*> accounts_;
  std::vector<pid_t> workers_;
  unsigned killed_ = 0;
};

int hunt(bool bypass, std::chrono::seconds duration, std::uint32_t seed, bool forgets_writes) {
  std::array<int, 2> ends{};
  if (::pipe(ends.data()) != 0) return 70;
  const pid_t target = fork_to([&] { return serve(ends[1]); });
  ::close(ends[1]);
  std::uint16_t port = 0;
  if (::read(ends[0], &port, sizeof port) != static_cast<ssize_t>(sizeof port)) return 70;
  Hunt hunt({"127.0.0.1:" + std::to_string(port), kTargetName, bypass, true, forgets_writes}, seed);
  const bool good = hunt.run(duration);
  hunt.print();
  const bool target_lives = ::waitpid(target, nullptr, WNOHANG) == 0;
  ::kill(target, SIGKILL);
  if (!target_lives) std::printf("expected the target to live on, found it dead\n");
  if (good && !hunt.means_something()) std::printf("expected more to have happened\n");
  return good && target_lives && hunt.means_something() ? 0 : 1;
}

}  // namespace
}  // namespace lockstep::durability

int main(int count, char** arguments) {
  const std::string way = count > 1 ? arguments[1] : "";
  const int seconds = count > 2 ? std::atoi(arguments[2]) : 0;
  if ((way != "tcp" && way != "bypass") || seconds <= 0) {
    std::fprintf(stderr, "usage: corruption_hunt tcp|bypass SECONDS [SEED] [forget-writes]\n");
    return 64;
  }
  const auto seed = static_cast<std::uint32_t>(count > 3 ? std::atoi(arguments[3]) : 1);
  const bool forgets = count > 4 && std::strcmp(arguments[4], "forget-writes") == 0;
  std::printf("seed %u\n", seed);
  std::fflush(stdout);
  return lockstep::durability::hunt(way == "bypass", std::chrono::seconds(seconds), seed, forgets);
}
