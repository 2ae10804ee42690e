// Commands, their plan, and sequences of them: no provider needed.
#include "model/vocab/names.hpp"
#include "properties/commands/command_json.hpp"
#include "properties/commands/plan.hpp"
#include "properties/commands/renumber.hpp"
#include "properties/generators/draws.hpp"
#include "properties/generators/sequences.hpp"

#include <boost/json.hpp>
#include <gtest/gtest.h>
#include <rapidcheck/Random.h>

namespace lockstep::properties {
namespace {

constexpr Handle volume(std::uint32_t number) { return Handle{HandleKind::Volume, number}; }
constexpr Handle relationship(std::uint32_t number) {
  return Handle{HandleKind::Relationship, number};
}

// A provider that lists everything, so that every kind of command is drawn.
std::shared_ptr<const World> rich_world() {
  World world;
  Capabilities& all = world.capabilities;
  for (const Method method : all_values<Method>()) all.methods.insert(method);
  all.synchronous_actions = all.methods;
  all.asynchronous_actions = {Method::CreateElementReplica, Method::ModifyReplicaSynchronization};
  all.copy_types = {CopyType::Async, CopyType::Sync, CopyType::UnSyncAssoc};
  for (const SyncType sync_type : all_values<SyncType>()) {
    const ReplicationKind kind{sync_type, Mode::Asynchronous, Locality::Local};
    all.kinds.insert(kind);
    for (const Operation operation : all_values<Operation>()) {
      all.operations[kind].insert(operation);
    }
    all.wait_for_copy_states[{Method::CreateElementReplica, kind}] = {CopyState::Synchronized,
                                                                      CopyState::Inactive};
  }
  for (const FaultKind kind : all_values<FaultKind>()) world.faults.insert(kind);
  return std::make_shared<const World>(world);
}

Sequence drawn(std::uint64_t seed) {
  return random_sequences(rich_world())(rc::Random(seed), 100).value().sequence;
}

std::string error_of(const std::string& text) {
  const auto result = command_from_json(boost::json::parse(text), "operations[3]");
  return result.has_error() ? result.error().message : "no error";
}

TEST(Handles, ReadTheWayTheyAreWritten) {
  EXPECT_EQ(to_text(relationship(12)), "r12");
  EXPECT_EQ(parse_handle("v7"), volume(7));
  for (const char* wrong : {"", "v", "v0", "v01", "x1", "v1x", "v-1", "v99999"}) {
    EXPECT_EQ(parse_handle(wrong), std::nullopt) << wrong;
  }
}

TEST(Commands, ReadAsCallsWithSymbolicHandles) {
  Replicate create;
  create.sources = {volume(1)};
  create.sync_type = 7;
  create.wait = 4;
  create.made_relationships = {relationship(1)};
  create.made_volumes = {volume(2)};
  EXPECT_EQ(to_text(Command(create)),
            "r1, v2 = CreateElementReplica(SyncType=Snapshot, SourceElement=v1, "
            "WaitForCopyState=Synchronized)");
  EXPECT_EQ(to_text(Command(WriteBlocks{volume(1), 3, 2})), "write(v1, lba=3, blocks=2)");
  EXPECT_EQ(name_of(Command(create)), "CreateElementReplica");
}

TEST(CommandJson, KeepsEveryDrawnCommandAsItIs) {
  std::set<std::size_t> kinds;
  for (std::uint64_t seed = 0; seed < 300; ++seed) {
    for (const Command& command : drawn(seed)) {
      kinds.insert(command.index());
      const auto back = command_from_json(to_json(command), "here");
      ASSERT_TRUE(back.has_value()) << back.error().message;
      ASSERT_EQ(back.value(), command) << to_text(command);
    }
  }
  EXPECT_EQ(kinds.size(), std::variant_size_v<Command>) << "some command is never drawn";
}

TEST(CommandJson, NamesTheMemberAtFault) {
  EXPECT_EQ(error_of(R"([])"), "operations[3]: expected a JSON object, found []");
  EXPECT_EQ(error_of(R"({})"), "operations[3].do: expected to be present, found nothing");
  EXPECT_EQ(error_of(R"({"do":"fly"})"),
            "operations[3].do: expected a known command, found \"fly\"");
  EXPECT_EQ(error_of(R"({"do":"read"})"),
            "operations[3].volume: expected to be present, found nothing");
  EXPECT_EQ(error_of(R"({"do":"read","volume":"r1"})"),
            "operations[3].volume: expected a handle like v1, found \"r1\"");
  EXPECT_EQ(error_of(R"({"do":"read","volume":"v1","lba":3})"),
            "operations[3].lba: expected no such member, found 3");
  EXPECT_EQ(error_of(R"({"do":"create_volume","made":"v1","blocks":-1})"),
            "operations[3].blocks: expected a whole number up to 65536, found -1");
  EXPECT_EQ(error_of(R"({"do":"replicate","method":"CreateGroup"})"),
            "operations[3].method: expected one of the five replication methods, found "
            "\"CreateGroup\"");
}

TEST(Renumber, CountsHandlesInTheOrderTheyAreMade) {
  Replicate create;
  create.sources = {volume(9)};
  create.made_relationships = {relationship(4)};
  create.made_volumes = {volume(3)};
  create.meanwhile = Meanwhile{volume(9), 0, 1, 1};
  const Sequence sequence = {CreateVolume{volume(9), 128, std::nullopt}, create,
                             ReadVolume{volume(3)}};
  std::string text;
  for (const Command& command : renumbered(sequence)) text += to_text(command) + '\n';
  EXPECT_EQ(text,
            "v1 = create_volume(blocks=128)\n"
            "r1, v2 = CreateElementReplica(SourceElement=v1) || write(v1, lba=0, blocks=1)\n"
            "read(v2)\n");
  EXPECT_EQ(renumbered(drawn(3)), renumbered(renumbered(drawn(3))));
}

TEST(Plan, RefusesWhatIsNotThere) {
  Plan plan;
  EXPECT_FALSE(plan.possible(ReadVolume{volume(1)}));
  plan.apply(CreateVolume{volume(1), 128, std::nullopt});
  EXPECT_TRUE(plan.possible(ReadVolume{volume(1)}));
  EXPECT_FALSE(plan.possible(CreateVolume{volume(1), 128, std::nullopt})) << "made twice";
  EXPECT_TRUE(plan.possible(WriteBlocks{volume(1), 127, 1}));
  EXPECT_FALSE(plan.possible(WriteBlocks{volume(1), 127, 2})) << "beyond the end";
  EXPECT_FALSE(plan.possible(WriteBlocks{volume(1), ~std::uint64_t{0}, 2})) << "overflow";
  plan.apply(DropVolume{volume(1)});
  EXPECT_FALSE(plan.possible(ReadVolume{volume(1)}));
}

TEST(Plan, NeverWaitsForACopyThatIsHeld) {
  Plan plan;
  plan.apply(CreateVolume{volume(1), 128, std::nullopt});
  Replicate create;
  create.sources = {volume(1)};
  create.sync_type = 8;
  create.wait = 4;
  EXPECT_TRUE(plan.possible(create));
  plan.apply(Disturb{FaultKind::CopyHeld, std::nullopt});
  EXPECT_FALSE(plan.possible(create));
  plan.apply(Disturb{FaultKind::CopyReleased, std::nullopt});
  EXPECT_TRUE(plan.possible(create));
}

// Two synchronous mirrors, r2 and r3, that make up the group relationship r1.
Plan plan_with_group() {
  Plan plan;
  plan.apply(CreateVolume{volume(1), 128, std::nullopt});
  plan.apply(CreateVolume{volume(2), 128, std::nullopt});
  Replicate create;
  create.method = Method::CreateGroupReplicaFromElements;
  create.sources = {volume(1), volume(2)};
  create.sync_type = number_of(SyncType::Mirror);
  create.mode = number_of(Mode::Synchronous);
  create.made_group_relationship = relationship(1);
  create.made_relationships = {relationship(2), relationship(3)};
  create.made_volumes = {volume(3), volume(4)};
  plan.apply(create);
  return plan;
}

void ask(Plan& plan, Operation operation, Handle of) {
  Modify op;
  op.relationships = {of};
  op.operation = number_of(operation);
  plan.apply(op);
}

TEST(Plan, AGroupIsWhereItsPairsAre) {
  Plan plan = plan_with_group();
  const auto place = [&](std::uint32_t number) {
    return plan.relationship(relationship(number))->place;
  };
  ask(plan, Operation::Fracture, relationship(2));
  EXPECT_EQ(place(2), machine::Place(CopyState::Fractured));
  EXPECT_EQ(place(3), machine::Place(CopyState::Synchronized));
  EXPECT_EQ(place(1), machine::Place(CopyState::Mixed));
  ask(plan, Operation::Fracture, relationship(3));
  EXPECT_EQ(place(1), machine::Place(CopyState::Fractured));
  ask(plan, Operation::ResyncReplica, relationship(1));
  EXPECT_EQ(place(2), place(1));
  EXPECT_EQ(place(3), place(1));
  ask(plan, Operation::ReverseRoles, relationship(1));
  EXPECT_EQ(plan.relationship(relationship(3))->sources, std::vector{volume(4)});
}

TEST(Plan, AGroupGoesWithItsLastPair) {
  Plan plan = plan_with_group();
  ask(plan, Operation::Detach, relationship(2));
  EXPECT_EQ(plan.relationship(relationship(2)), nullptr);
  ASSERT_NE(plan.relationship(relationship(1)), nullptr);
  ask(plan, Operation::Detach, relationship(3));
  EXPECT_TRUE(plan.relationships().empty());
  plan = plan_with_group();
  ask(plan, Operation::Detach, relationship(1));
  EXPECT_TRUE(plan.relationships().empty());
}

TEST(Plan, KnowsWhatHasComeApart) {
  Plan plan = plan_with_group();
  plan.apply(WriteBlocks{volume(1), 5, 2});
  EXPECT_FALSE(plan.relationship(relationship(2))->apart);  // it follows
  ask(plan, Operation::Fracture, relationship(2));
  plan.apply(WriteBlocks{volume(1), 7, 2});
  EXPECT_TRUE(plan.relationship(relationship(2))->apart);
  EXPECT_FALSE(plan.relationship(relationship(3))->apart);
  EXPECT_EQ(plan.volume(volume(1))->written_first, 7U);
  ask(plan, Operation::ResyncReplica, relationship(2));
  EXPECT_FALSE(plan.relationship(relationship(2))->apart);
}

TEST(Sequences, AreTheSameForTheSameSeed) {
  std::set<std::string> different;
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    EXPECT_EQ(drawn(seed), drawn(seed));
    std::string text;
    for (const Command& command : drawn(seed)) text += to_text(command) + '\n';
    different.insert(text);
  }
  EXPECT_GT(different.size(), 15u);
}

TEST(Sequences, HoldOnlyWhatIsPossible) {
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    const Sequence sequence = drawn(seed);
    EXPECT_EQ(only_possible(sequence), sequence);
    EXPECT_LE(sequence.size(), rich_world()->max_operations);
  }
}

TEST(Sequences, ShrinkToPossibleOnesThatAreSimpler) {
  for (std::uint64_t seed = 0; seed < 30; ++seed) {
    const Sequence sequence = drawn(seed);
    for (const Sequence& candidate : smaller(sequence)) {
      EXPECT_LE(candidate.size(), sequence.size());
      EXPECT_NE(candidate, sequence);
      EXPECT_EQ(only_possible(candidate), candidate);
    }
  }
}

TEST(Sequences, ShrinkingAlwaysEnds) {
  // Following the last candidate each time takes the path with the smallest steps.
  Sequence sequence = drawn(7);
  int steps = 0;
  for (; steps < 2000; ++steps) {
    const std::vector<Sequence> candidates = smaller(sequence);
    if (candidates.empty()) break;
    sequence = candidates.back();
  }
  EXPECT_LT(steps, 2000);
}

}  // namespace
}  // namespace lockstep::properties
