// The durable replication service is killed at every commit of every kind of operation, and at
// random moments, under the writes of a host; then it is started again (and killed again while it
// recovers), and asked for everything.
//
// What must hold: a call has happened wholly or not at all, and has if it was answered; the sources
// hold every write that was acknowledged as durable, and are one moment of what was written to all
// of them; replicas hold what their kind and state promise, groups of them one common moment; no
// volume, image or group is there that belongs to nothing; identifiers are what they were; and the
// service goes on.
//
// LOCKSTEP_CRASH_ROUNDS sets the number of crashes at random moments, LOCKSTEP_CRASH_SEED the seed.
#include "model/vocab/names.hpp"
#include "target_impl/durability/process.hpp"
#include "target_impl/durability/region_reader.hpp"
#include "target_impl/durability/served_service.hpp"
#include "target_impl/durability/source_load.hpp"
#include "target_impl/store/test/scratch_directory.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <thread>

namespace lockstep::durability {
namespace {

using target::test::cdb_of;
using target::test::ScsiSession;

constexpr std::uint32_t kAllBlocks = kSources * kSourceBlocks;

int number_from(const char* name, int otherwise) {
  const char* text = std::getenv(name);
  return text == nullptr ? otherwise : std::atoi(text);
}

RegionState part_of(const RegionState& state, std::size_t source) {
  const auto first = state.begin() + static_cast<std::ptrdiff_t>(source * kSourceBlocks);
  return {first, first + kSourceBlocks};
}

// What is known of an operation that was interrupted.
struct Interrupted {
  const Scenario& scenario;
  Moment during;  // of the sources, from before the call to its answer, or to the end
  bool answered = false;
  std::uint32_t replica_write = 0;
};

class ServiceCrashes {
 public:
  explicit ServiceCrashes(std::uint64_t seed) : random_(seed), region_(0, kAllBlocks) {}

  // Killed with the commit-th commit of the operation, or if that is 0, after `patience`. True: the
  // operation came to its end before.
  bool round(const Scenario& scenario, int commit, std::chrono::microseconds patience = {}) {
    Interrupted interrupted{scenario, {}, false, region_.new_write()};
    Process process({CRASH_SERVICE, directory(), scenario.name, std::to_string(commit),
                     std::to_string(interrupted.replica_write)});
    const auto served = hear_ready(process);
    if (!served) return true;
    std::unique_ptr<SourceLoad> load;
    if (scenario.under_load) {
      load =
          std::make_unique<SourceLoad>(region_, served->portal, kTarget, served->luns, random_());
      if (!load->runs()) {
        process.kill();
        return true;
      }
    }
    interrupted.during.least = region_.ended();
    EXPECT_TRUE(process.say("go"));
    std::thread killer;
    bool killed = false;
    if (commit == 0) {
      killer = std::thread([&] {
        std::this_thread::sleep_for(patience);
        killed = process.kill();
      });
    }
    interrupted.answered = process.hear() == "answered";
    if (interrupted.answered) interrupted.during.most = region_.begun();
    const bool done = interrupted.answered && process.hear() == "done";
    if (killer.joinable()) {
      killer.join();
    } else {
      killed = process.kill();
    }
    EXPECT_TRUE(killed) << "the service ended by itself";
    if (load) commands += load->commands;
    load.reset();
    if (!interrupted.answered) interrupted.during.most = region_.begun();
    ++crashes;
    if (commit != 0) crash_in_recovery();
    check(interrupted);
    return done;
  }

  std::uint64_t crashes = 0;
  std::uint64_t commands = 0;

 private:
  [[nodiscard]] std::string directory() const { return scratch_.file("store"); }

  void crash_in_recovery() {
    Process process({CRASH_SERVICE, directory(), "recover", "1"});
    (void)process.hear();
    EXPECT_TRUE(process.kill()) << "the service did not recover";
    ++crashes;
  }

  void check(const Interrupted& interrupted) {
    auto started = ServedService::start(directory());
    ASSERT_TRUE(started) << started.error().message;
    served_ = std::move(started).value();
    Client client(served_->service());
    client.finish();
    const Inventory inventory = client.look();
    check_identifiers(inventory, client);
    const Happened happened = interrupted.scenario.look(inventory);
    EXPECT_NE(happened, Happened::Partly) << describe(inventory);
    if (interrupted.answered) {
      EXPECT_EQ(happened, Happened::Yes) << "what was answered is gone\n" << describe(inventory);
    }
    check_sources(interrupted, client, happened == Happened::Yes);
    check_replicas(interrupted, inventory, happened == Happened::Yes);
    check_nothing_is_left_over(interrupted, inventory);
    region_.restart(sources_);
    clean_up(client);
    check_that_it_goes_on(client);
    served_.reset();
  }

  [[nodiscard]] static std::string describe(const Inventory& inventory) {
    std::string text = std::to_string(inventory.elements.size()) + " elements, " +
                       std::to_string(inventory.groups.size()) + " groups";
    for (const RelationshipView& view : inventory.relationships) {
      text += "\n" + view.ref.path + " " + to_text(view.copy_state.value());
    }
    return text;
  }

  void check_identifiers(const Inventory& inventory, const Client& client) {
    std::vector<std::string> found;
    for (const ElementRef& source : client.sources()) {
      const auto lun = served_->service().lun_of(source);
      ASSERT_TRUE(lun.has_value());
      found.push_back(inventory.find(source)->device_id + " LUN " + std::to_string(*lun));
    }
    if (identifiers_.empty()) identifiers_ = found;
    EXPECT_EQ(found, identifiers_);
  }

  // As part of the region from that source's first block on.
  RegionState read(const ElementRef& element, std::size_t source) {
    const auto lun = served_->service().lun_of(element);
    EXPECT_TRUE(lun.has_value());
    return read_blocks(served_->portal(), kTarget, lun.value_or(0), source * kSourceBlocks,
                       kSourceBlocks);
  }

  void check_sources(const Interrupted& interrupted, const Client& client, bool happened) {
    sources_.clear();
    for (std::size_t i = 0; i != kSources; ++i) {
      const RegionState state = read(client.sources()[i], i);
      sources_.insert(sources_.end(), state.begin(), state.end());
    }
    if (interrupted.scenario.writes_replica) {
      RegionState expected = region_.now();
      if (happened) write_into(expected, interrupted);
      EXPECT_EQ(sources_, expected) << "the sources are neither what they were nor the replica";
      return;
    }
    const Moment moment = region_.after_crash();
    EXPECT_TRUE(region_.match(sources_, moment).has_value())
        << "the sources: " << region_.describe(sources_, moment);
  }

  static void write_into(RegionState& state, const Interrupted& interrupted) {
    std::fill_n(state.begin() + kReplicaFirst, kReplicaBlocks, interrupted.replica_write);
  }

  // By name: "source 0" and what it is in a pair with have the same place in the region.
  [[nodiscard]] std::optional<std::size_t> source_number(const Inventory& inventory,
                                                         const ElementRef& element) const {
    const ElementView* view = inventory.find(element);
    const std::string name = view->element_name.value_or("");
    if (name.rfind("source ", 0) != 0) return std::nullopt;
    return static_cast<std::size_t>(name.back() - '0');
  }

  // An asynchronous target once it has what its quiet source held, or after ten seconds.
  RegionState caught_up(const ElementRef& from, const ElementRef& to, std::size_t source) {
    const RegionState wanted = read(from, source);
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(10);
    RegionState found = read(to, source);
    while (found != wanted && std::chrono::steady_clock::now() < end) found = read(to, source);
    return found;
  }

  void check_replicas(const Interrupted& interrupted, const Inventory& inventory, bool happened) {
    const Scenario& scenario = interrupted.scenario;
    const Moment moment =
        happened && scenario.takes_a_moment ? interrupted.during : Moment{0, region_.begun()};
    std::map<std::size_t, RegionState> of_a_moment;
    bool together = false;
    for (const RelationshipView& view : inventory.relationships) {
      if (view.relationship_class == RelationshipClass::GroupSynchronized) {
        together = true;
        continue;
      }
      const ElementRef& from = view.source_element.value();
      const ElementRef& to = view.target_element.value();
      const auto number = source_number(inventory, from);
      const std::size_t source = number ? *number : source_number(inventory, to).value();
      const RegionState target = read(to, source);
      const bool mirror = view.sync_type == SyncType::Mirror;
      const CopyState state = view.copy_state.value();
      if (state == CopyState::Restored || (mirror && state == CopyState::Synchronized)) {
        const bool owes = view.mode == Mode::Asynchronous;
        EXPECT_EQ(owes ? caught_up(from, to, source) : target, read(from, source))
            << view.ref.path << ": the sides differ";
      } else if (scenario.writes_replica) {
        RegionState expected = region_.now();
        write_into(expected, interrupted);
        EXPECT_EQ(target, part_of(expected, source)) << "the replica lost what hosts wrote";
      } else if (state == CopyState::Synchronized || state == CopyState::Split) {
        EXPECT_TRUE(region_.match(target, moment, source * kSourceBlocks).has_value())
            << view.ref.path << " is no moment of its source";
        of_a_moment.emplace(source, target);
      } else {
        ADD_FAILURE() << view.ref.path << " is " << to_text(state);
      }
    }
    if (!together || of_a_moment.size() != kSources) return;
    RegionState all;
    for (const auto& [source, state] : of_a_moment)
      all.insert(all.end(), state.begin(), state.end());
    EXPECT_TRUE(region_.match(all, moment).has_value()) << "the group has no common moment";
  }

  void check_nothing_is_left_over(const Interrupted& interrupted, const Inventory& inventory) {
    std::size_t pairs = 0;
    std::vector<ElementRef> related;
    for (const RelationshipView& view : inventory.relationships) {
      if (!view.source_element) continue;
      ++pairs;
      related.push_back(*view.source_element);
      related.push_back(*view.target_element);
    }
    for (const ElementView& element : inventory.elements) {
      if (source_number(inventory, element.ref) || interrupted.scenario.parts) continue;
      EXPECT_NE(std::count(related.begin(), related.end(), element.ref), 0)
          << element.ref.path << " belongs to nothing";
    }
    EXPECT_EQ(served_->store().volumes().size(), inventory.elements.size());
    const auto images = served_->store().images();
    EXPECT_EQ(served_->store().keys("replication/pair/").size(), pairs);
    EXPECT_EQ(served_->store().keys("replication/copy/").size(), 0U);
    EXPECT_GE(images.size(), 2 * pairs);
    EXPECT_LE(images.size(), 3 * pairs);
  }

  void clean_up(Client& client) {
    std::vector<RelationshipRef> relationships;
    for (const RelationshipView& view : client.look().relationships) {
      if (view.source_element) relationships.push_back(view.ref);
    }
    for (const RelationshipRef& relationship : relationships) {
      EXPECT_TRUE(client.modify(Operation::Detach, relationship).completed());
    }
    const Inventory inventory = client.look();
    for (const ElementView& element : inventory.elements) {
      if (source_number(inventory, element.ref)) continue;
      EXPECT_TRUE(client.call(ReturnToStoragePoolRequest{element.ref}).completed());
    }
    for (const GroupView& group : inventory.groups) {
      EXPECT_TRUE(client.call(DeleteGroupRequest{group.ref, true}).completed());
    }
    EXPECT_TRUE(served_->store().images().empty());
  }

  void check_that_it_goes_on(Client& client) {
    const Answer snapshot = client.replicate(SyncType::Snapshot);
    ASSERT_TRUE(snapshot.completed());
    const auto lun = served_->service().lun_of(client.sources().front());
    ScsiSession session(served_->portal(), kTarget, "iqn.2026-11.net.lockstep:writer", *lun);
    session.clear_attentions(*lun);
    const Change change{0, 1, region_.new_write()};
    region_.begin(change);
    EXPECT_TRUE(
        session.send(*lun, cdb_of(0x2a, {{1, 1, 0x08}, {7, 2, 1}}), content_of(0, 1, change.write))
            .good());
    region_.end(true);
    EXPECT_EQ(read(*snapshot.target_element, 0), part_of(sources_, 0));
    clean_up(client);
  }

  const std::string kTarget = "iqn.2026-11.net.lockstep:reference";
  lockstep::test::ScratchDirectory scratch_;
  std::mt19937_64 random_;
  Region region_;
  std::unique_ptr<ServedService> served_;
  RegionState sources_;  // as found
  std::vector<std::string> identifiers_;
};

class ServiceCrash : public testing::Test {
 protected:
  static std::uint64_t seed() {
    return static_cast<std::uint64_t>(number_from("LOCKSTEP_CRASH_SEED", 1));
  }
  ServiceCrashes crashes{seed()};
};

TEST_F(ServiceCrash, AtEveryCommitOfEveryOperation) {
  constexpr int kMostCommits = 12;
  for (const Scenario& scenario : scenarios()) {
    bool done = false;
    int commit = 0;
    while (!done && commit != kMostCommits && !HasFailure()) {
      ++commit;
      SCOPED_TRACE(testing::Message() << scenario.name << ", commit " << commit);
      done = crashes.round(scenario, commit);
    }
    if (HasFailure()) return;
    EXPECT_TRUE(done) << scenario.name << " does not come to an end";
    EXPECT_GT(commit, 1) << scenario.name << " changes nothing";
  }
  std::printf("%llu crashes, %llu writes\n", static_cast<unsigned long long>(crashes.crashes),
              static_cast<unsigned long long>(crashes.commands));
}

TEST_F(ServiceCrash, AtRandomMoments) {
  const int rounds = number_from("LOCKSTEP_CRASH_ROUNDS", 15);
  std::mt19937_64 random(seed());
  for (int round = 1; round <= rounds && !HasFailure(); ++round) {
    const Scenario& scenario = scenarios()[random() % scenarios().size()];
    SCOPED_TRACE(testing::Message() << "round " << round << ", " << scenario.name);
    (void)crashes.round(scenario, 0, std::chrono::microseconds(random() % 25'000));
  }
  EXPECT_GT(crashes.commands, 0U) << "there was no load to speak of";
}

}  // namespace
}  // namespace lockstep::durability
