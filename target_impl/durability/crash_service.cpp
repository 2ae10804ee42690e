// A durable replication service that tests kill, or that kills itself:
//
//   crash_service DIRECTORY SCENARIO COMMIT WRITE [PEER]
//
// Brings everything before the scenario's operation about, prints "ready PORTAL LUN LUN LUN", waits
// for a line, carries the operation out, prints "answered", and "done" once nothing runs any more.
// From the line on, the COMMIT-th commit that changes a record is its end (SIGKILL, once that is on
// disk and before anybody knows); 0: none is. WRITE is the number of what hosts write to the
// replica, where the scenario has them do so. PEER is the portal of a peer system (crash_peer.hpp);
// with one an operation that is refused ends with "refused", as a killed peer may have it.
//
//   crash_service DIRECTORY recover COMMIT [PEER]
//
// Starts, and ends with the COMMIT-th commit that changes a record, or prints "done".
#include "target_impl/durability/crash_peer.hpp"
#include "target_impl/durability/region.hpp"
#include "target_impl/durability/served_service.hpp"
#include "target_impl/initiator/lun_data_path.hpp"

#include <atomic>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <string>
#include <unistd.h>
#include <utility>
#include <vector>

namespace lockstep::durability {
namespace {

void say(const std::string& line) {
  std::puts(line.c_str());
  std::fflush(stdout);
}

int fail(const std::string& why) {
  std::fprintf(stderr, "crash_service: %s\n", why.c_str());
  return 1;
}

// Counts down to the end.
class Fuse {
 public:
  void light(int commits) { left_ = commits; }
  void burn() {
    if (left_ > 0 && --left_ == 0) ::kill(::getpid(), SIGKILL);
  }

 private:
  std::atomic<int> left_{0};
};

bool write_replica(ServedService& served, Client& client, std::uint32_t write) {
  const Inventory inventory = client.look();
  const ElementRef replica = inventory.relationships.front().target_element.value();
  const auto path = initiator::make_lun_data_path(
      served.portal(), served.target_name(),
      [&](const ElementRef& element) { return served.service().lun_of(element); });
  std::vector<std::byte> data(kReplicaBlocks * kBlockBytes);
  for (std::uint32_t i = 0; i != kReplicaBlocks; ++i) {
    stamp(std::span(data).subspan(i * kBlockBytes, kBlockBytes), kReplicaFirst + i, write);
  }
  const auto answer = path->write(replica, Lba{kReplicaFirst}, data);
  return answer && answer.value().good() &&
         served.store().commit() == store::CommitOutcome::Durable;
}

int run(ServedService& served, Fuse& fuse, const Scenario& scenario, int commit,
        std::uint32_t write, bool with_peer) {
  Client client(served.service());
  scenario.prepare(client);
  if (scenario.writes_replica && !with_peer && !write_replica(served, client, write)) {
    return fail("the replica could not be written");
  }
  std::string ready = "ready " + served.portal();
  for (const ElementRef& source : client.sources()) {
    ready += " " + std::to_string(served.service().lun_of(source).value());
  }
  say(ready);
  std::string line;
  if (!std::getline(std::cin, line)) return 0;
  fuse.light(commit);
  const Answer answer = scenario.operate(client);
  if (!answer.accepted() && !with_peer) return fail("the operation was refused");
  say(answer.accepted() ? "answered" : "refused");
  client.finish();
  say("done");
  while (std::getline(std::cin, line)) {
  }
  return 0;
}

int main_of(int count, char** arguments) {
  if (count < 4) {
    return fail("expected a directory, a scenario and the number of a commit");
  }
  const std::string directory = arguments[1];
  const std::string name = arguments[2];
  const int commit = std::atoi(arguments[3]);
  const bool recovers = name == "recover";
  Fuse fuse;
  if (recovers) fuse.light(commit);
  std::vector<PeerOptions> peers;
  if (count > (recovers ? 4 : 5)) peers.push_back(peer_at(arguments[recovers ? 4 : 5]));
  const bool with_peer = !peers.empty();
  auto served = ServedService::start(
      directory, [&fuse] { fuse.burn(); }, std::move(peers));
  if (!served) return fail(served.error().message);
  if (recovers) {
    Client(served.value()->service()).finish();
    say("done");
    for (std::string line; std::getline(std::cin, line);) {
    }
    return 0;
  }
  const auto write = static_cast<std::uint32_t>(count > 4 ? std::atoi(arguments[4]) : 0);
  return run(*served.value(), fuse, scenario_named(name), commit, write, with_peer);
}

}  // namespace
}  // namespace lockstep::durability

int main(int count, char** arguments) { return lockstep::durability::main_of(count, arguments); }
