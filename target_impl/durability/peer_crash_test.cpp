// A durable replication service and its peer system are killed, either or both, at every commit of
// operations on mirrors that lead there and at random moments, under the writes of a host; then
// they are started again, and asked for everything.
//
// What must hold: the sources hold every write that was acknowledged as durable, and are one moment
// of what was written to all of them. What the peer is left with when a mirror writes through holds
// every write that had been acknowledged, and a group of them one moment (DS-MS-03, DS-MS-05,
// DS-GR-03). Once all are there again pairs are in a state that the operation allows, and replicas
// hold what it promises; what was answered has happened; on the peer nothing is claimed but what a
// relationship leads to.
//
// LOCKSTEP_PEER_CRASHES=all tries every commit of every operation and each victim; the number of
// crashes at random moments and the seed are those of the other crash tests.
#include "model/vocab/names.hpp"
#include "target_impl/durability/crash_peer.hpp"
#include "target_impl/durability/peer_disk.hpp"
#include "target_impl/durability/peer_hosts.hpp"
#include "target_impl/durability/process.hpp"
#include "target_impl/durability/region_reader.hpp"
#include "target_impl/durability/served_service.hpp"
#include "target_impl/durability/source_load.hpp"
#include "target_impl/store/test/scratch_directory.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <memory>
#include <optional>
#include <random>
#include <thread>

namespace lockstep::durability {
namespace {
using std::chrono::milliseconds;

constexpr std::uint32_t kAllBlocks = kSources * kSourceBlocks;

enum class Victim { Service, Peer, Both };
constexpr const char* kVictims[] = {"service", "peer", "both"};

int number_from(const char* name, int otherwise) {
  const char* text = std::getenv(name);  // NOLINT(concurrency-mt-unsafe)
  return text == nullptr ? otherwise : std::atoi(text);
}

struct Interrupted {
  const Scenario& scenario;
  Victim victim;
  Moment during;  // of the sources, from before the call to its answer, or to the end
  bool answered = false;
  std::uint32_t replica_write = 0;
  RegionState before{};          // of the sources, before hosts wrote what the operation takes back
  std::size_t acknowledged = 0;  // when the first victim was killed
};

class PeerCrashes {
 public:
  explicit PeerCrashes(std::uint64_t seed) : random_(seed), region_(0, kAllBlocks) { start_peer(); }

  // The service is killed with the commit-th commit of the operation, or if that is 0, the victim
  // after `patience`. True: the operation came to its end before.
  bool round(const Scenario& scenario, Victim victim, int commit,
             std::chrono::microseconds patience = {}) {
    Interrupted interrupted{scenario, victim, {}, false, region_.new_write(), {}, 0};
    Process service({CRASH_SERVICE, directory(), scenario.name, std::to_string(commit),
                     std::to_string(interrupted.replica_write), portal()});
    const auto served = hear_ready(service);
    if (!served) return true;
    if (scenario.writes_replica) write_as_host(portal(), kPeerTarget, 1, interrupted.replica_write);
    interrupted.before = region_.now();
    if (scenario.writes_source) write_here(*served);
    std::unique_ptr<SourceLoad> load;
    if (scenario.under_load) {
      load =
          std::make_unique<SourceLoad>(region_, served->portal, kTarget, served->luns, random_());
      if (!load->runs()) {
        service.kill();
        return true;
      }
    }
    interrupted.during.least = region_.ended();
    EXPECT_TRUE(service.say("go"));
    std::thread killer;
    bool killed = false;
    if (commit == 0) {
      killer = std::thread([&] {
        std::this_thread::sleep_for(patience);
        interrupted.acknowledged = region_.ended();
        if (victim != Victim::Service) {
          EXPECT_TRUE(peer_->kill());
          peer_.reset();
          std::this_thread::sleep_for(patience / 4);
        }
        if (victim != Victim::Peer) killed = service.kill();
      });
    }
    interrupted.answered = service.hear() == "answered";
    if (interrupted.answered) interrupted.during.most = region_.begun();
    if (victim == Victim::Peer) {
      killer.join();
      start_peer();  // it may be waited for
    }
    const bool done = interrupted.answered && service.hear() == "done";
    if (killer.joinable()) killer.join();
    // The service has time to find it again, or not quite.
    if (victim == Victim::Peer) std::this_thread::sleep_for(patience);
    if (!killed) killed = service.kill();
    EXPECT_TRUE(killed) << "the service ended by itself";
    if (load) commands += load->commands;
    load.reset();
    if (!interrupted.answered) interrupted.during.most = region_.begun();
    if (commit != 0) interrupted.acknowledged = region_.ended();
    if (victim == Victim::Both) start_peer();
    ++crashes;
    check_what_is_left(interrupted);
    if (commit != 0) crash_in_recovery();
    check(interrupted);
    return done;
  }

  std::uint64_t crashes = 0;
  std::uint64_t commands = 0;

 private:
  [[nodiscard]] std::string directory() const { return scratch_.file("store"); }
  [[nodiscard]] std::string portal() const { return "127.0.0.1:" + port_; }

  void start_peer() {  // on the port that it had
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(5);
    std::string said;
    do {
      peer_ = std::make_unique<Process>(
          std::vector<std::string>{CRASH_PEER, scratch_.file("peer"), port_});
      said = peer_->hear();
    } while (said.empty() && std::chrono::steady_clock::now() < end);
    ASSERT_EQ(said.rfind("port ", 0), 0U) << "the peer did not start: " << said;
    port_ = said.substr(5);
  }

  void crash_in_recovery() {
    Process process({CRASH_SERVICE, directory(), "recover", "1", portal()});
    (void)process.hear();
    EXPECT_TRUE(process.kill()) << "the service did not recover";
    ++crashes;
  }

  // By a host of the service.
  void write_here(const Served& served) {
    const Change change{kReplicaFirst, kReplicaBlocks, region_.new_write()};
    region_.begin(change);
    write_as_host(served.portal, kTarget, served.luns[0], change.write);
    region_.end(true);
  }

  RegionState read_there(std::uint16_t lun, std::size_t source) {
    return read_blocks(portal(), kPeerTarget, lun, source * kSourceBlocks, kSourceBlocks);
  }
  RegionState read_here(const ElementRef& element, std::size_t source) {
    return read_blocks(served_->portal(), kTarget, served_->service().lun_of(element).value_or(0),
                       source * kSourceBlocks, kSourceBlocks);
  }

  // Who reads a journaled group on the peer is kept out: its disk is looked at, while it is not
  // running.
  RegionState members_on_disk() {
    peer_.reset();
    RegionState members = members_in(scratch_.file("peer"));
    start_peer();
    return members;
  }

  // Before anybody repairs anything: a mirror that wrote through has left a prefix.
  void check_what_is_left(const Interrupted& interrupted) {
    const Scenario& scenario = interrupted.scenario;
    if (interrupted.victim == Victim::Peer || !scenario.writes_through) return;
    RegionState left;
    if (scenario.journaled) {
      left = members_on_disk();
    } else {
      const std::uint16_t members = is_group(scenario) ? kSources : 1;
      for (std::uint16_t source = 0; source != members; ++source) {
        // The spares are taken in their order.
        const RegionState part = read_there(source + 1, source);
        left.insert(left.end(), part.begin(), part.end());
      }
    }
    const Moment moment{scenario.journaled ? 0 : interrupted.acknowledged, region_.begun()};
    EXPECT_TRUE(region_.match(left, moment).has_value())
        << "the peer was left with another: " << region_.describe(left, moment);
  }

  void check(const Interrupted& interrupted) {
    auto started = ServedService::start(directory(), {}, {peer_at(portal())});
    ASSERT_TRUE(started) << started.error().message;
    served_ = std::move(started).value();
    Client client(served_->service());
    client.finish();
    const Inventory inventory = come_to_rest(client, interrupted);
    check_states(interrupted, inventory);
    check_sources(interrupted, client, has_ended(interrupted, inventory));
    check_claims(inventory, interrupted.scenario.journaled);
    if (interrupted.scenario.journaled) {
      check_group(client, inventory);
    } else {
      check_replicas(interrupted, inventory);
    }
    EXPECT_EQ(served_->store().keys("replication/copy/").size(), 0U);
    region_.restart(sources_);
    clean_up(client);
    served_.reset();
  }

  // What broke recovers by itself.
  Inventory come_to_rest(Client& client, const Interrupted& interrupted) {
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(10);
    Inventory inventory = client.look();
    const bool may_break =
        !interrupted.answered && interrupted.scenario.may_end.contains(CopyState::Broken);
    const auto moves = [&](const RelationshipView& view) {
      if (may_break && view.copy_state == CopyState::Broken) return false;
      return view.copy_state == CopyState::Broken || view.copy_state == CopyState::Mixed ||
             view.copy_state == CopyState::Partitioned ||
             view.copy_state == CopyState::Unsynchronized;
    };
    while (std::any_of(inventory.relationships.begin(), inventory.relationships.end(), moves) &&
           std::chrono::steady_clock::now() < end) {
      std::this_thread::sleep_for(milliseconds(1));
      inventory = client.look();
    }
    return inventory;
  }

  [[nodiscard]] static bool is_pair(const RelationshipView& view) {
    return view.relationship_class == RelationshipClass::StorageSynchronized;
  }

  [[nodiscard]] static bool is_group(const Scenario& scenario) {
    return scenario.name.find("group") != std::string::npos;
  }

  static void check_states(const Interrupted& interrupted, const Inventory& inventory) {
    const Scenario& scenario = interrupted.scenario;
    const std::size_t whole = is_group(scenario) ? kSources : 1;
    std::size_t pairs = 0;
    for (const RelationshipView& view : inventory.relationships) {
      if (!is_pair(view)) continue;
      ++pairs;
      const CopyState state = view.copy_state.value();
      EXPECT_TRUE(scenario.may_end.contains(state)) << "ends " << to_text(state);
      const bool goes_on = interrupted.victim == Victim::Service || scenario.brings_back();
      if (interrupted.answered && goes_on) {
        EXPECT_EQ(state, scenario.end) << "what was answered is gone";
      }
    }
    EXPECT_TRUE(pairs == 0 || pairs == whole) << pairs << " relationships";
    const bool answered = interrupted.answered && !scenario.parts;
    EXPECT_TRUE(!answered || pairs == whole) << "what was answered is gone";
    EXPECT_TRUE(!interrupted.answered || !scenario.parts || pairs == 0) << "still there";
    EXPECT_EQ(inventory.elements.size(), kSources + pairs) << "elements are left over";
    EXPECT_EQ(inventory.groups.size(), whole > 1 && pairs != 0 ? 2U : 0U);
  }

  // Of what brings replicas back, whose relationships outlive whatever happens.
  [[nodiscard]] static bool has_ended(const Interrupted& interrupted, const Inventory& inventory) {
    const auto& all = inventory.relationships;
    return std::any_of(all.begin(), all.end(), [&](const RelationshipView& view) {
      return is_pair(view) && view.copy_state == interrupted.scenario.end;
    });
  }

  void check_sources(const Interrupted& interrupted, const Client& client, bool ended) {
    sources_.clear();
    for (std::size_t i = 0; i != kSources; ++i) {
      const RegionState state = read_here(client.sources()[i], i);
      sources_.insert(sources_.end(), state.begin(), state.end());
    }
    if (interrupted.scenario.brings_back()) {
      EXPECT_TRUE(sources_ == (ended ? replicas(interrupted) : region_.now()))
          << "the sources are not " << (ended ? "what the replicas were" : "what they were")
          << " (DS-OP-04)";
      return;
    }
    const Moment moment = region_.after_crash();
    EXPECT_TRUE(region_.match(sources_, moment).has_value())
        << "the sources: " << region_.describe(sources_, moment);
  }

  // What they held when it was to be brought back.
  [[nodiscard]] RegionState replicas(const Interrupted& interrupted) const {
    if (interrupted.scenario.writes_source) return interrupted.before;
    RegionState state = region_.now();
    std::fill_n(state.begin() + kReplicaFirst, kReplicaBlocks, interrupted.replica_write);
    return state;
  }

  [[nodiscard]] static std::size_t source_number(const Inventory& inventory,
                                                 const ElementRef& element) {
    return static_cast<std::size_t>(inventory.find(element)->element_name->back() - '0');
  }
  [[nodiscard]] static std::uint16_t lun_there(const Inventory& inventory,
                                               const ElementRef& element) {
    const std::string& identifier = inventory.find(element)->device_id;
    return static_cast<std::uint16_t>(
        std::stoi(identifier.substr(identifier.size() - 2), nullptr, 16));
  }

  void check_replicas(const Interrupted& interrupted, const Inventory& inventory) {
    for (const RelationshipView& view : inventory.relationships) {
      if (!is_pair(view)) continue;
      const std::size_t source = source_number(inventory, *view.source_element);
      const std::uint16_t lun = lun_there(inventory, *view.target_element);
      const auto first = sources_.begin() + static_cast<std::ptrdiff_t>(source * kSourceBlocks);
      const RegionState here{first, first + kSourceBlocks};
      if (interrupted.scenario.brings_back()) {
        check_kept(interrupted, read_there(lun, source), source);
      }
      switch (view.copy_state.value()) {
        case CopyState::Synchronized:
          EXPECT_EQ(caught_up(here, lun, source), here) << "the sides differ";
          break;
        case CopyState::Restored:
          EXPECT_EQ(read_there(lun, source), here) << "the sides differ";
          [[fallthrough]];
        case CopyState::Split:
        case CopyState::Failedover:
          check_separated(interrupted, read_there(lun, source), source);
          break;
        default:
          break;  // nothing is promised
      }
    }
  }

  void check_group(Client& client, const Inventory& inventory) {
    const auto& all = inventory.relationships;
    const auto group = std::find_if(all.begin(), all.end(),
                                    [](const RelationshipView& view) { return !is_pair(view); });
    if (group == all.end()) return;
    const bool follows = group->copy_state == CopyState::Synchronized;
    if (follows) {
      EXPECT_TRUE(client.modify(Operation::Split, group->ref).completed());
    }
    const RegionState members = members_on_disk();
    if (follows) {
      EXPECT_EQ(members, sources_) << "the sides differ";
    } else {
      const Moment moment{0, region_.begun()};
      EXPECT_TRUE(region_.match(members, moment).has_value()) << "the group has no common moment";
    }
    // The service finds the peer again.
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(10);
    bool accepted = false;
    while (!accepted && std::chrono::steady_clock::now() < end) {
      accepted = client.modify(Operation::ResyncReplica, group->ref).accepted();
      std::this_thread::sleep_for(milliseconds(1));
    }
    EXPECT_TRUE(accepted);
    client.finish();
  }

  // DS-OP-01, and after a Failback the two are equal.
  void check_kept(const Interrupted& interrupted, const RegionState& there, std::size_t source) {
    const RegionState all = replicas(interrupted);
    const auto expected = all.begin() + static_cast<std::ptrdiff_t>(source * kSourceBlocks);
    EXPECT_TRUE(std::equal(there.begin(), there.end(), expected))
        << "what the replica held is lost";
  }

  void check_separated(const Interrupted& interrupted, const RegionState& there,
                       std::size_t source) {
    if (interrupted.scenario.brings_back()) return;  // it has been checked
    const bool known = interrupted.answered && interrupted.scenario.takes_a_moment;
    const Moment moment = known ? interrupted.during : Moment{0, region_.begun()};
    EXPECT_TRUE(region_.match(there, moment, source * kSourceBlocks).has_value())
        << "the replica is no moment of its source";
  }

  RegionState caught_up(const RegionState& wanted, std::uint16_t lun, std::size_t source) {
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(10);
    RegionState found = read_there(lun, source);
    while (found != wanted && std::chrono::steady_clock::now() < end) {
      found = read_there(lun, source);
    }
    return found;
  }

  // What is claimed is what relationships lead to; claims may be given back a little later.
  void check_claims(const Inventory& inventory, bool journaled = false) {
    std::vector<std::size_t> wanted(kJournalLun);
    for (const RelationshipView& view : inventory.relationships) {
      if (is_pair(view)) wanted.at(lun_there(inventory, *view.target_element) - 1U) = 1;
    }
    wanted.back() = journaled && !inventory.groups.empty() ? 1 : 0;
    std::vector<std::size_t> found;
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(10);
    do {
      found.clear();
      for (std::uint16_t lun = 1; lun <= kJournalLun; ++lun)
        found.push_back(claims_on(portal(), kPeerTarget, lun));
    } while (found != wanted && std::chrono::steady_clock::now() < end);
    EXPECT_EQ(found, wanted) << "claims on the peer";
  }

  void clean_up(Client& client) {
    std::vector<RelationshipRef> pairs;
    for (const RelationshipView& view : client.look().relationships) {
      if (is_pair(view)) pairs.push_back(view.ref);
    }
    for (const RelationshipRef& pair : pairs) {
      EXPECT_TRUE(client.modify(Operation::Detach, pair).completed());
    }
    for (const GroupView& group : client.look().groups) {
      EXPECT_TRUE(client.call(DeleteGroupRequest{group.ref, true}).completed());
    }
    check_claims(client.look());
    EXPECT_TRUE(served_->store().images().empty());
    EXPECT_EQ(served_->store().volumes().size(), kSources);
  }

  const std::string kTarget = "iqn.2026-11.net.lockstep:reference";
  lockstep::test::ScratchDirectory scratch_;
  std::mt19937_64 random_;
  Region region_;
  std::string port_ = "0";
  std::unique_ptr<Process> peer_;
  std::unique_ptr<ServedService> served_;
  RegionState sources_;  // as found
};

class PeerCrash : public testing::Test {
 protected:
  static std::uint64_t seed() {
    return static_cast<std::uint64_t>(number_from("LOCKSTEP_CRASH_SEED", 1));
  }
  static bool wants_all() {
    const char* wanted = std::getenv("LOCKSTEP_PEER_CRASHES");  // NOLINT(concurrency-mt-unsafe)
    return wanted != nullptr && std::string(wanted) == "all";
  }
  void report() const {
    std::printf("%llu crashes, %llu writes\n", static_cast<unsigned long long>(crashes.crashes),
                static_cast<unsigned long long>(crashes.commands));
  }
  PeerCrashes crashes{seed()};
};

TEST_F(PeerCrash, AtEveryCommitOfEveryOperation) {
  constexpr int kMostCommits = 12;
  const std::set<std::string> some{"synchronous mirror on a peer", "resync on a peer",
                                   "failback on a peer"};
  for (const Scenario& scenario : peer_scenarios()) {
    if (!wants_all() && !some.contains(scenario.name)) continue;
    if (scenario.writes_through) continue;  // it commits nothing of its own
    bool done = false;
    int commit = 0;
    while (!done && commit != kMostCommits && !HasFailure()) {
      ++commit;
      SCOPED_TRACE(testing::Message() << scenario.name << ", commit " << commit);
      done = crashes.round(scenario, Victim::Service, commit);
    }
    if (HasFailure()) return;
    EXPECT_TRUE(done) << scenario.name << " does not come to an end";
    EXPECT_GT(commit, 1) << scenario.name << " changes nothing";
  }
  report();
}

TEST_F(PeerCrash, AtRandomMoments) {
  const int rounds = number_from("LOCKSTEP_CRASH_ROUNDS", 12);
  std::mt19937_64 random(seed());
  for (int round = 1; round <= rounds && !HasFailure(); ++round) {
    const Scenario& scenario = peer_scenarios()[random() % peer_scenarios().size()];
    const auto victim = static_cast<Victim>(random() % 3);
    SCOPED_TRACE(testing::Message() << "round " << round << ", " << scenario.name << ", "
                                    << kVictims[static_cast<int>(victim)]);
    // Reading what there is takes little.
    const std::uint32_t longest = scenario.brings_back() ? 4'000 : 40'000;
    (void)crashes.round(scenario, victim, 0, std::chrono::microseconds(random() % longest));
  }
  EXPECT_GT(crashes.commands, 0U) << "there was no load to speak of";
  report();
}

}  // namespace
}  // namespace lockstep::durability
