#include "target_impl/durability/service_scenarios.hpp"

#include "target_impl/durability/crash_peer.hpp"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <thread>

namespace lockstep::durability {
namespace {

[[noreturn]] void give_up(const std::string& why) {
  std::fprintf(stderr, "crash_service: %s\n", why.c_str());
  std::exit(1);
}

bool is_pair(const RelationshipView& view) {
  return view.relationship_class == RelationshipClass::StorageSynchronized;
}

std::vector<const RelationshipView*> pairs_of(const Inventory& inventory) {
  std::vector<const RelationshipView*> pairs;
  for (const RelationshipView& view : inventory.relationships) {
    if (is_pair(view)) pairs.push_back(&view);
  }
  return pairs;
}

// All of `count` pairs in that state, or none in it.
Happened all_in(const Inventory& inventory, std::size_t count, CopyState state) {
  const auto pairs = pairs_of(inventory);
  const auto there = static_cast<std::size_t>(
      std::count_if(pairs.begin(), pairs.end(),
                    [state](const RelationshipView* view) { return view->copy_state == state; }));
  if (there == 0) return Happened::No;
  return there == count && pairs.size() == count ? Happened::Yes : Happened::Partly;
}

Happened made(const Inventory& inventory, std::size_t pairs, std::size_t groups) {
  if (inventory.relationships.empty() && inventory.groups.empty() &&
      inventory.elements.size() == kSources) {
    return Happened::No;
  }
  const bool whole = inventory.groups.size() == groups &&
                     inventory.relationships.size() == pairs + groups / 2 &&
                     inventory.elements.size() == kSources + pairs;
  return whole ? all_in(inventory, pairs, CopyState::Synchronized) : Happened::Partly;
}

Happened made_pair(const Inventory& inventory) { return made(inventory, 1, 0); }
Happened made_list(const Inventory& inventory) { return made(inventory, kSources, 0); }
Happened made_group(const Inventory& inventory) { return made(inventory, kSources, 2); }

// No relationship is left of those that there were.
Happened parted(const Inventory& inventory, std::size_t pairs, std::size_t groups) {
  if (inventory.relationships.empty()) return Happened::Yes;
  return made(inventory, pairs, groups) == Happened::Yes ? Happened::No : Happened::Partly;
}

std::function<Happened(const Inventory&)> reached(CopyState state, std::size_t pairs = 1) {
  return [state, pairs](const Inventory& inventory) { return all_in(inventory, pairs, state); };
}

void nothing(Client& /*client*/) {}

void mirror(Client& client) {
  client.replicate(SyncType::Mirror);
  client.finish();
}

void parted_mirror(Client& client, Operation operation) {
  mirror(client);
  client.modify(operation, client.relationship());
}

void group_mirror(Client& client) {
  client.replicate_group(SyncType::Mirror);
  client.finish();
}

Scenario creation(const char* name, SyncType sync_type, Mode mode = Mode::Asynchronous) {
  Scenario scenario;
  scenario.name = name;
  scenario.prepare = nothing;
  scenario.operate = [=](Client& client) { return client.replicate(sync_type, mode); };
  scenario.look = made_pair;
  scenario.takes_a_moment = sync_type != SyncType::Mirror;
  return scenario;
}

Scenario group_creation(const char* name, SyncType sync_type) {
  Scenario scenario = creation(name, sync_type);
  scenario.operate = [=](Client& client) { return client.replicate_group(sync_type); };
  scenario.look = made_group;
  return scenario;
}

Scenario operation(const char* name, void (*prepare)(Client&), Operation operation,
                   std::function<Happened(const Inventory&)> look) {
  Scenario scenario;
  scenario.name = name;
  scenario.prepare = prepare;
  scenario.operate = [=](Client& client) {
    return client.modify(operation, client.relationship());
  };
  scenario.look = std::move(look);
  return scenario;
}

Scenario list_of_clones() {
  Scenario scenario = creation("list of clones", SyncType::Clone);
  scenario.operate = [](Client& client) {
    CreateListReplicaRequest request;
    request.sync_type = SyncType::Clone;
    request.source_elements = client.sources();
    return client.call(request);
  };
  scenario.look = made_list;
  return scenario;
}

// The source goes back to what the replica holds.
Scenario return_of(const char* name, Operation part, Operation back, CopyState end) {
  Scenario scenario = operation(name, nullptr, back, reached(end));
  scenario.prepare = [part](Client& client) { parted_mirror(client, part); };
  scenario.under_load = false;
  scenario.writes_replica = true;
  return scenario;
}

Scenario reversal(const char* name, void (*prepare)(Client&), std::size_t pairs) {
  Scenario scenario = operation(name, prepare, Operation::ReverseRoles, nullptr);
  scenario.under_load = false;
  scenario.look = [pairs](const Inventory& inventory) {
    std::size_t reversed = 0;
    for (const RelationshipView* view : pairs_of(inventory)) {
      const ElementView* source = inventory.find(*view->source_element);
      if (source->element_name->rfind("source ", 0) != 0) ++reversed;
    }
    if (all_in(inventory, pairs, CopyState::Synchronized) != Happened::Yes) {
      return Happened::Partly;
    }
    if (reversed == 0) return Happened::No;
    return reversed == pairs ? Happened::Yes : Happened::Partly;
  };
  return scenario;
}

Scenario membership() {
  Scenario scenario;
  scenario.name = "members of a group";
  scenario.prepare = [](Client& client) {
    CreateGroupRequest request;
    request.members = {client.sources().front()};
    client.call(request);
  };
  scenario.operate = [](Client& client) {
    AddMembersRequest request;
    request.group = client.look().groups.front().ref;
    request.members = client.sources();
    return client.call(request);
  };
  scenario.look = [](const Inventory& inventory) {
    if (inventory.groups.size() != 1) return Happened::Partly;
    const std::size_t members = inventory.groups.front().members.size();
    if (members == 1) return Happened::No;
    return members == kSources ? Happened::Yes : Happened::Partly;
  };
  return scenario;
}

std::vector<Scenario> all_scenarios() {
  using enum SyncType;
  std::vector<Scenario> all;
  all.push_back(creation("snapshot", Snapshot));
  all.push_back(creation("clone", Clone));
  all.push_back(creation("clone by token", TokenizedClone));
  all.push_back(creation("synchronous mirror", Mirror, Mode::Synchronous));
  all.push_back(creation("asynchronous mirror", Mirror, Mode::Asynchronous));
  all.push_back(list_of_clones());
  all.push_back(group_creation("group of snapshots", Snapshot));
  all.push_back(group_creation("group of clones", Clone));
  all.push_back(group_creation("group of mirrors", Mirror));
  all.push_back(operation("split", mirror, Operation::Split, reached(CopyState::Split)));
  all.back().takes_a_moment = true;
  all.push_back(operation(
      "resync", [](Client& client) { parted_mirror(client, Operation::Split); },
      Operation::ResyncReplica, reached(CopyState::Synchronized)));
  all.push_back(
      return_of("restore", Operation::Split, Operation::RestoreFromReplica, CopyState::Restored));
  all.push_back(
      return_of("failback", Operation::Failover, Operation::Failback, CopyState::Synchronized));
  all.push_back(reversal("reversal of roles", mirror, 1));
  all.push_back(operation("detach", mirror, Operation::Detach,
                          [](const Inventory& found) { return parted(found, 1, 0); }));
  all.back().parts = true;
  all.push_back(operation("split of a group", group_mirror, Operation::Split,
                          reached(CopyState::Split, kSources)));
  all.back().takes_a_moment = true;
  all.push_back(operation(
      "resync of a group",
      [](Client& client) {
        group_mirror(client);
        client.modify(Operation::Split, client.relationship());
      },
      Operation::ResyncReplica, reached(CopyState::Synchronized, kSources)));
  all.push_back(reversal("reversal of a group", group_mirror, kSources));
  all.push_back(operation("detach of a group", group_mirror, Operation::Detach,
                          [](const Inventory& found) { return parted(found, kSources, 2); }));
  all.back().parts = true;
  all.push_back(membership());
  return all;
}

void peer_mirror(Client& client) {
  client.mirror_to_peer();
  client.finish();
}

void peer_mirror_async(Client& client) {
  client.mirror_to_peer(Mode::Asynchronous);
  client.finish();
}

void parted_peer_mirror(Client& client, Operation operation) {
  peer_mirror(client);
  client.modify(operation, client.relationship());
}

void peer_group(Client& client) {
  client.mirror_group_to_peer();
  client.finish();
}

void asynchronous_peer_group(Client& client) {
  client.mirror_group_to_peer(Mode::Asynchronous);
  client.finish();
}

Scenario on_peer(const char* name, std::function<void(Client&)> prepare,
                 std::function<Answer(Client&)> operate, CopyState end,
                 std::set<CopyState> otherwise) {
  Scenario scenario;
  scenario.name = std::string(name) + " on a peer";
  scenario.prepare = std::move(prepare);
  scenario.operate = std::move(operate);
  scenario.end = end;
  scenario.may_end = std::move(otherwise);
  scenario.may_end.insert(end);
  return scenario;
}

std::function<Answer(Client&)> asking_for(Operation operation) {
  return [operation](Client& client) { return client.modify(operation, client.relationship()); };
}

// Whatever breaks comes back by itself: a pair that was to be parted may be Synchronized again. One
// whose replica leads does not break: it is what it was, or what was to be brought back has been.
// One that was parted, and to which something was shipped that nobody remembers, waits, Broken.
std::vector<Scenario> all_peer_scenarios() {
  using enum CopyState;
  const auto parted = [](Operation operation) {
    return [operation](Client& client) { parted_peer_mirror(client, operation); };
  };
  std::vector<Scenario> all;
  all.push_back(on_peer("synchronous mirror", nothing,
                        [](Client& client) { return client.mirror_to_peer(); }, Synchronized, {}));
  all.push_back(on_peer("asynchronous mirror", nothing,
                        [](Client& client) { return client.mirror_to_peer(Mode::Asynchronous); },
                        Synchronized, {}));
  all.push_back(on_peer("group of mirrors", nothing,
                        [](Client& client) { return client.mirror_group_to_peer(); }, Synchronized,
                        {}));
  all.push_back(
      on_peer("writing through", peer_mirror, [](Client&) { return Answer{}; }, Synchronized, {}));
  all.back().writes_through = true;
  all.push_back(on_peer("writing through a group", peer_group, [](Client&) { return Answer{}; },
                        Synchronized, {}));
  all.back().writes_through = true;
  all.push_back(on_peer("epochs of a group", asynchronous_peer_group,
                        [](Client&) { return Answer{}; }, Synchronized, {}));
  all.back().writes_through = true;
  all.back().journaled = true;
  all.push_back(
      on_peer("asynchronous group of mirrors", nothing,
              [](Client& client) { return client.mirror_group_to_peer(Mode::Asynchronous); },
              Synchronized, {}));
  all.back().journaled = true;
  all.push_back(on_peer("split of an asynchronous group", asynchronous_peer_group,
                        asking_for(Operation::Split), CopyState::Split, {Synchronized}));
  all.back().takes_a_moment = true;
  all.back().journaled = true;
  all.push_back(on_peer("split", peer_mirror, asking_for(Operation::Split), CopyState::Split,
                        {Synchronized}));
  all.back().takes_a_moment = true;
  all.push_back(on_peer("resync", parted(Operation::Split), asking_for(Operation::ResyncReplica),
                        Synchronized, {CopyState::Split, Broken}));
  all.push_back(on_peer("failover", peer_mirror, asking_for(Operation::Failover), Failedover,
                        {Synchronized}));
  all.back().takes_a_moment = true;
  all.push_back(on_peer("failback", parted(Operation::Failover), asking_for(Operation::Failback),
                        Synchronized, {Failedover}));
  all.back().under_load = false;
  all.back().writes_replica = true;
  all.push_back(on_peer("restore", parted(Operation::Split),
                        asking_for(Operation::RestoreFromReplica), Restored, {CopyState::Split}));
  all.back().under_load = false;
  all.back().writes_source = true;
  all.push_back(on_peer("change to asynchronous", peer_mirror, asking_for(Operation::ResetToAsync),
                        Synchronized, {}));
  all.push_back(on_peer("change to synchronous", peer_mirror_async,
                        asking_for(Operation::ResetToSync), Synchronized, {}));
  all.push_back(on_peer("failover of a group", peer_group, asking_for(Operation::Failover),
                        Failedover, {Synchronized}));
  all.back().takes_a_moment = true;
  all.push_back(on_peer("failback of a group",
                        [](Client& client) {
                          peer_group(client);
                          client.modify(Operation::Failover, client.relationship());
                        },
                        asking_for(Operation::Failback), Synchronized, {Failedover}));
  all.back().under_load = false;
  all.back().writes_replica = true;
  all.push_back(on_peer("detach", peer_mirror, asking_for(Operation::Detach), Synchronized, {}));
  all.back().parts = true;
  all.push_back(on_peer("resync of a group",
                        [](Client& client) {
                          peer_group(client);
                          client.modify(Operation::Split, client.relationship());
                        },
                        asking_for(Operation::ResyncReplica), Synchronized,
                        {CopyState::Split, Broken}));
  return all;
}

}  // namespace

Client::Client(replication::Service& service) : service_(service) {
  for (std::size_t i = 0; i != kSources; ++i) {
    const std::string name = "source " + std::to_string(i);
    const Inventory inventory = look();
    const auto found =
        std::find_if(inventory.elements.begin(), inventory.elements.end(),
                     [&](const ElementView& element) { return element.element_name == name; });
    if (found != inventory.elements.end()) {
      sources_.push_back(found->ref);
      continue;
    }
    CreateVolumeRequest request;
    request.element_name = name;
    request.blocks = BlockCount{kSourceBlocks};
    sources_.push_back(call(request).target_element.value());
  }
}

Answer Client::call(const Request& request) {
  const auto answer = service_.invoke(request);
  if (!answer) give_up(answer.error().message);
  return answer.value();
}

Inventory Client::look() {
  auto inventory = service_.inventory();
  if (!inventory) give_up(inventory.error().message);
  std::erase_if(inventory.value().elements, [](const ElementView& element) {
    return element.element_class != ElementClass::StorageVolume;
  });
  return std::move(inventory).value();
}

Answer Client::replicate(SyncType sync_type, Mode mode) {
  CreateElementReplicaRequest request;
  request.sync_type = sync_type;
  request.mode = mode;
  request.source_element = sources_.front();
  return call(request);
}

Answer Client::replicate_group(SyncType sync_type) {
  CreateGroupReplicaFromElementsRequest request;
  request.sync_type = sync_type;
  request.source_elements = sources_;
  request.consistency = ConsistencyRequest::SequentialConsistency;
  return call(request);
}

Answer Client::mirror_to_peer(Mode mode) {
  CreateReplicaRequest request;
  request.source = sources_.front();
  request.sync_type = SyncType::Mirror;
  request.mode = mode;
  request.target_storage_system = reference_peer(kPeerName);
  return call(request);
}

Answer Client::mirror_group_to_peer(Mode mode) {
  CreateGroupReplicaFromElementsRequest request;
  request.sync_type = SyncType::Mirror;
  request.mode = mode;
  request.source_elements = sources_;
  request.consistency = ConsistencyRequest::SequentialConsistency;
  request.target_access_point = reference_peer_access_point(kPeerName);
  return call(request);
}

Answer Client::modify(Operation operation, const RelationshipRef& relationship) {
  ModifyReplicaSynchronizationRequest request;
  request.operation = operation;
  request.synchronization = relationship;
  return call(request);
}

RelationshipRef Client::relationship() {
  const Inventory inventory = look();
  const auto& all = inventory.relationships;
  const auto group = std::find_if(all.begin(), all.end(),
                                  [](const RelationshipView& view) { return !is_pair(view); });
  if (all.empty()) give_up("expected a relationship, found none");
  return group != all.end() ? group->ref : all.front().ref;
}

void Client::finish() {
  const auto runs = [](const JobView& job) { return !job.finished(); };
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  while (true) {
    const Inventory inventory = look();
    if (std::none_of(inventory.jobs.begin(), inventory.jobs.end(), runs)) return;
    if (std::chrono::steady_clock::now() > end) give_up("a job runs for more than ten seconds");
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
}

const std::vector<Scenario>& scenarios() {
  static const std::vector<Scenario> all = all_scenarios();
  return all;
}

const std::vector<Scenario>& peer_scenarios() {
  static const std::vector<Scenario> all = all_peer_scenarios();
  return all;
}

const Scenario& scenario_named(const std::string& name) {
  for (const auto* all : {&scenarios(), &peer_scenarios()}) {
    for (const Scenario& scenario : *all) {
      if (scenario.name == name) return scenario;
    }
  }
  give_up("no scenario is named \"" + name + "\"");
}

}  // namespace lockstep::durability
