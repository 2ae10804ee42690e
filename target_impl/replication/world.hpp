// Everything that the service has, in one place, guarded by one mutex: its tables and the parts
// that act on them. Every function that takes a World expects its mutex to be held.
//
// Lock order: World::mutex, then the write locks of sources, then those of targets, then Mailbox.
#pragma once

#include "target_impl/reference.hpp"
#include "target_impl/replication/devices.hpp"
#include "target_impl/replication/mailbox.hpp"
#include "target_impl/replication/mover.hpp"
#include "target_impl/replication/peers.hpp"
#include "target_impl/replication/records.hpp"
#include "target_impl/replication/table.hpp"

#include <chrono>
#include <cstddef>
#include <memory>
#include <mutex>
#include <set>
#include <vector>

namespace lockstep::replication {

// One kind of trouble: for everything, or for single pairs.
struct TroubleSet {
  bool everywhere = false;
  std::set<Id> pairs;
  [[nodiscard]] bool touches(Id pair) const { return everywhere || pairs.contains(pair); }
};

struct Troubles {
  TroubleSet link_lost;
  TroubleSet no_space;
  TroubleSet held;
  TroubleSet state_unknown;
  TroubleSet element_unknown;
};

enum class Purpose : std::uint8_t {
  Synchronize,  // the target is to follow the source
  PointInTime,  // the target gets what the source was
  Restore,      // the source gets what the target was
  Failback,     // likewise, and then the target follows again
  Epoch,        // an asynchronous mirror ships what has changed
};

// One pair's part of a flow.
struct Leg {
  Id pair = 0;
  store::Image image;  // what the staging volume is to become
  std::shared_ptr<store::Volume> staging;
  Ranges ranges;  // in which the two may differ
  std::unique_ptr<Shipment> shipment;
  Id number = 0;  // of the shipment
  bool shipped = false;
};

// A copy under way: one pair, or the pairs of a consistent group that must arrive together.
struct Flow {
  Id id = 0;
  Purpose purpose = Purpose::Synchronize;
  std::vector<Leg> legs;
  std::chrono::steady_clock::time_point cut_at;  // no later than the legs' images
  unsigned round = 0;
  bool paused = false;
  bool fetching = false;           // backwards from a peer: what it holds is read first
  std::uint64_t peer_returns = 0;  // World's, when it began
  // Of a group with a journal: how far the round has come there, before anything is shipped.
  enum class Journaled : std::uint8_t { No, Writing, Publishing, InForce };
  Journaled journaled = Journaled::No;
  std::unique_ptr<Shipment> journal;
  Id journal_number = 0;  // of that shipment, or 0
};

struct WorldOptions {
  std::size_t finished_jobs_kept = 64;
};

struct World {
  World(const Freedom& chosen, Devices& used_devices, Mailbox& used_mailbox,
        std::unique_ptr<Mover> used_mover, const std::vector<PeerOptions>& used_peers)
      : freedom(chosen),
        devices(used_devices),
        mailbox(used_mailbox),
        mover(std::move(used_mover)),
        peers(used_peers, used_mailbox, used_devices.loop()) {}

  const Freedom freedom;
  // Where it is noted what changes on peers (peer::ChangeRecord); empty: nowhere.
  std::string change_directory;
  std::mutex mutex;
  Devices& devices;
  Mailbox& mailbox;
  std::unique_ptr<Mover> mover;
  Peers peers;  // outlives the elements on it
  WorldOptions options;
  Id last_id = 0;
  std::uint64_t last_cut = 0;
  std::uint64_t peer_returns = 0;  // how often news has come of a peer that was there again

  Table<PoolRecord> pools;
  Table<ElementRecord> elements;
  Table<GroupRecord> groups;
  Table<PairRecord> pairs;
  Table<GroupPairRecord> group_pairs;
  Table<JobRecord> jobs;
  std::map<Id, Flow> flows;
  TokenTable tokens;
  Troubles troubles;

  [[nodiscard]] Id new_id() noexcept { return ++last_id; }
};

}  // namespace lockstep::replication
