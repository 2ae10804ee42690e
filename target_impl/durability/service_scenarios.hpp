// Operations of the replication service that a crash may interrupt, each with what has to be there
// before it, and with how to tell whether it has happened.
#pragma once

#include "target_impl/replication/service.hpp"

#include <cstdint>
#include <functional>
#include <set>
#include <string>
#include <vector>

namespace lockstep::durability {

// The volumes that hosts write; together they are one Region, so that what one of them holds is
// always older than what was written to another later.
inline constexpr std::size_t kSources = 3;
inline constexpr std::uint32_t kSourceBlocks = 256;

// What hosts have written to the replica of the first volume while it was parted from it.
inline constexpr std::uint32_t kReplicaFirst = 10;
inline constexpr std::uint32_t kReplicaBlocks = 150;

// The service as its client sees it.
class Client {
 public:
  explicit Client(replication::Service& service);

  // Ends the process when the service cannot carry a call out.
  Answer call(const Request& request);
  // Volumes alone as elements.
  [[nodiscard]] Inventory look();
  [[nodiscard]] const std::vector<ElementRef>& sources() const noexcept { return sources_; }

  Answer replicate(SyncType sync_type, Mode mode = Mode::Synchronous);
  Answer replicate_group(SyncType sync_type);
  // To the peer (crash_peer.hpp), which has a spare for each source.
  Answer mirror_to_peer(Mode mode = Mode::Synchronous);
  Answer mirror_group_to_peer(Mode mode = Mode::Synchronous);
  Answer modify(Operation operation, const RelationshipRef& relationship);
  // Of the only pair, or the only group.
  [[nodiscard]] RelationshipRef relationship();
  // Returns when no job runs.
  void finish();

 private:
  replication::Service& service_;
  std::vector<ElementRef> sources_;
};

enum class Happened : std::uint8_t { No, Yes, Partly };

struct Scenario {
  std::string name;
  bool under_load = true;  // hosts write the sources meanwhile
  std::function<void(Client&)> prepare;
  std::function<Answer(Client&)> operate;
  // In what is there once nothing runs any more.
  std::function<Happened(const Inventory&)> look;
  // What replicas hold once it has happened is what their sources held during the call.
  bool takes_a_moment = false;
  // Hosts write the replica after prepare(); the operation brings that to the source.
  bool writes_replica = false;
  // Hosts write the first source after prepare(); the operation takes that back.
  bool writes_source = false;
  // Replicas outlive their relationship.
  bool parts = false;
  // To peers: the state that it leads to, and those in which pairs may be when a process that it
  // needs was killed meanwhile, once all are there again.
  CopyState end = CopyState::Synchronized;
  std::set<CopyState> may_end{};
  bool writes_through = false;  // asks for nothing: mirrors run
  bool journaled = false;       // an asynchronous consistent group
  // What leads to a peer and is parted from it: the operation reads the peer.
  [[nodiscard]] bool brings_back() const noexcept { return writes_replica || writes_source; }
};

[[nodiscard]] const std::vector<Scenario>& scenarios();
// Of mirrors that lead to a peer. What hosts write to a replica they write there.
[[nodiscard]] const std::vector<Scenario>& peer_scenarios();
// Of either.
[[nodiscard]] const Scenario& scenario_named(const std::string& name);

}  // namespace lockstep::durability
