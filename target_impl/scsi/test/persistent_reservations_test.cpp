// PERSISTENT RESERVE IN and OUT by raw CDBs, as SPC-4 5.13, 6.15 and 6.16 say.
#include "target_impl/scsi/persistent_reservations.hpp"

#include "target_impl/scsi/test/rig.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace lockstep::scsi::test {
namespace {

enum Action : unsigned {
  kRegister,
  kReserve,
  kRelease,
  kClear,
  kPreempt,
  kPreemptAndAbort,
  kRegisterAndIgnore,
  kRegisterAndMove
};
enum Type : unsigned {
  kWriteExclusive = 1,
  kExclusiveAccess = 3,
  kWriteRegistrants = 5,
  kExclusiveRegistrants = 6,
  kWriteAll = 7,
  kExclusiveAll = 8
};
constexpr unsigned kAptpl = 0x01;

Bytes list_of(std::uint64_t key, std::uint64_t action_key, unsigned flags = 0) {
  Bytes list(24);
  for (std::size_t i = 0; i != 8; ++i) {
    list[i] = static_cast<std::byte>(key >> (56 - 8 * i));
    list[8 + i] = static_cast<std::byte>(action_key >> (56 - 8 * i));
  }
  list[20] = static_cast<std::byte>(flags);
  return list;
}

void append(Bytes& list, std::size_t bytes, std::uint64_t value) {
  for (std::size_t i = bytes; i != 0; --i) {
    list.push_back(static_cast<std::byte>(value >> (8 * (i - 1))));
  }
}

void append_transport_id(Bytes& list, const std::string& port) {
  append(list, 2, 0x4500);
  const std::size_t padded = (port.size() + 4) / 4 * 4;
  append(list, 2, padded);
  for (std::size_t i = 0; i != padded; ++i) {
    list.push_back(i < port.size() ? static_cast<std::byte>(port[i]) : std::byte{0});
  }
}

class PersistentReserve : public ::testing::Test {
 protected:
  PersistentReserve() {
    for (std::uint64_t id = 2; id <= kOnlooker; ++id) {
      rig.join(id);
    }
  }

  std::string out(std::uint64_t nexus, unsigned action, const Bytes& list, unsigned type = 0) {
    const auto bytes = static_cast<unsigned>(list.size());
    return rig.run_on(nexus, 0, {0x5f, action, type, 0, 0, 0, 0, bytes >> 8, bytes & 0xff}, list)
        .verdict();
  }
  std::string out(std::uint64_t nexus, unsigned action, std::uint64_t key,
                  std::uint64_t action_key = 0, unsigned type = 0) {
    return out(nexus, action, list_of(key, action_key), type);
  }
  // By a nexus that is never registered, and so has no attention to report first.
  static constexpr std::uint64_t kOnlooker = 5;
  Bytes in(unsigned action) {
    return rig.run_on(kOnlooker, 0, {0x5e, action, 0, 0, 0, 0, 0, 8, 0}).data;
  }
  std::vector<std::uint64_t> keys() {
    const Bytes data = in(0);
    EXPECT_EQ(number_at(data, 4, 4), data.size() - 8);
    std::vector<std::uint64_t> found;
    for (std::size_t at = 8; at < data.size(); at += 8) {
      found.push_back(number_at(data, at, 8));
    }
    std::sort(found.begin(), found.end());
    return found;
  }
  std::uint64_t generation() { return number_at(in(0), 0, 4); }
  // Type and key of the reservation; 0 when there is none.
  std::pair<std::uint64_t, std::uint64_t> reservation() {
    const Bytes data = in(1);
    return data.size() < 24 ? std::pair<std::uint64_t, std::uint64_t>{}
                            : std::pair{number_at(data, 21, 1), number_at(data, 8, 8)};
  }
  std::string ready(std::uint64_t nexus) { return rig.run_on(nexus, 0, {0x00}).verdict(); }
  // Everybody has the key 0x10 times its number.
  void register_all() {
    for (std::uint64_t id = 1; id != 5; ++id) {
      ASSERT_EQ(out(id, kRegister, 0, 0x10 * id), "good");
    }
  }

  std::shared_ptr<MemoryState> state = std::make_shared<MemoryState>();
  Rig rig{[this](LogicalUnitOptions& options) { options.persistent_state = state; }};
};

TEST_F(PersistentReserve, RegistersChangesAndRemovesKeys) {
  EXPECT_EQ(out(1, kRegister, 5, 0x10), "conflict");
  EXPECT_EQ(out(1, kRegister, 0, 0x10), "good");
  EXPECT_EQ(out(2, kRegister, 0, 0x10), "good");
  EXPECT_EQ(out(2, kRegister, 0, 0x20), "conflict");
  EXPECT_EQ(out(2, kRegister, 0x10, 0x20), "good");
  EXPECT_EQ(keys(), (std::vector<std::uint64_t>{0x10, 0x20}));
  EXPECT_EQ(generation(), 3U);
  EXPECT_EQ(out(2, kRegisterAndIgnore, 0x99, 0x21), "good");
  EXPECT_EQ(out(1, kRegister, 0x10, 0), "good");
  EXPECT_EQ(keys(), std::vector<std::uint64_t>{0x21});
  EXPECT_EQ(rig.run({0x5e, 0, 0, 0, 0, 0, 0, 0, 8}).data.size(), 8U);
}

TEST_F(PersistentReserve, ChecksTheParameterList) {
  EXPECT_EQ(rig.run({0x5f, 0, 0, 0, 0, 0, 0, 0, 23}, Bytes(23)).verdict(), "5/1a00");
  EXPECT_EQ(rig.run({0x5f, 0, 0, 0, 0, 0, 0, 0, 24}, Bytes(20)).verdict(), "5/0e03");
  EXPECT_EQ(out(1, kRegister, Bytes(28)), "5/1a00");
  EXPECT_EQ(out(1, kRegister, list_of(0, 1, 0x04)), "5/2600");  // ALL_TG_PT
  EXPECT_EQ(out(1, kRegister, 0, 0x10), "good");
  EXPECT_EQ(out(1, kReserve, 0x10, 0, 2), "5/2400");
  EXPECT_EQ(out(1, kReserve, 0x10, 0, 0x11), "5/2400");  // scope
  EXPECT_EQ(out(1, 8, 0x10, 0, 0), "5/2400");
  EXPECT_EQ(rig.run({0x5e, 4, 0, 0, 0, 0, 0, 8, 0}).verdict(), "5/2400");
}

TEST_F(PersistentReserve, ReservesAndReleases) {
  EXPECT_EQ(out(1, kReserve, 0, 0, kWriteExclusive), "conflict");
  register_all();
  const auto before = generation();
  EXPECT_EQ(out(1, kReserve, 0x11, 0, kWriteExclusive), "conflict");
  EXPECT_EQ(out(1, kReserve, 0x10, 0, kWriteExclusive), "good");
  EXPECT_EQ(out(1, kReserve, 0x10, 0, kWriteExclusive), "good");
  EXPECT_EQ(out(1, kReserve, 0x10, 0, kExclusiveAccess), "conflict");
  EXPECT_EQ(out(2, kReserve, 0x20, 0, kWriteExclusive), "conflict");
  EXPECT_EQ(reservation(), (std::pair<std::uint64_t, std::uint64_t>{1, 0x10}));
  EXPECT_EQ(out(2, kRelease, 0x20, 0, kWriteExclusive), "good");
  EXPECT_EQ(out(1, kRelease, 0x10, 0, kExclusiveAccess), "5/2604");
  EXPECT_EQ(reservation().first, 1U);
  EXPECT_EQ(out(1, kRelease, 0x10, 0, kWriteExclusive), "good");
  EXPECT_EQ(reservation().first, 0U);
  EXPECT_EQ(ready(2), "good");  // releasing this type is told to nobody
  EXPECT_EQ(generation(), before);
}

TEST_F(PersistentReserve, TellsRegistrantsOfAReleaseWhereTheyShare) {
  register_all();
  EXPECT_EQ(out(1, kReserve, 0x10, 0, kWriteRegistrants), "good");
  EXPECT_EQ(out(1, kRelease, 0x10, 0, kWriteRegistrants), "good");
  EXPECT_EQ(ready(1), "good");
  EXPECT_EQ(ready(2), "6/2a04");
  EXPECT_EQ(ready(2), "good");
}

TEST_F(PersistentReserve, LosesTheReservationWithItsHolder) {
  register_all();
  EXPECT_EQ(out(1, kReserve, 0x10, 0, kExclusiveRegistrants), "good");
  EXPECT_EQ(out(1, kRegister, 0x10, 0), "good");
  EXPECT_EQ(reservation().first, 0U);
  EXPECT_EQ(ready(3), "6/2a04");
}

TEST_F(PersistentReserve, KeepsAReservationOfAllUntilTheLastLeaves) {
  ASSERT_EQ(out(1, kRegister, 0, 0x10), "good");
  ASSERT_EQ(out(2, kRegister, 0, 0x20), "good");
  EXPECT_EQ(out(1, kReserve, 0x10, 0, kWriteAll), "good");
  EXPECT_EQ(reservation(), (std::pair<std::uint64_t, std::uint64_t>{7, 0}));
  EXPECT_EQ(out(2, kReserve, 0x20, 0, kWriteAll), "good");
  EXPECT_EQ(out(1, kRegister, 0x10, 0), "good");
  EXPECT_EQ(reservation().first, 7U);
  EXPECT_EQ(out(2, kRegister, 0x20, 0), "good");
  EXPECT_EQ(reservation().first, 0U);
}

TEST_F(PersistentReserve, ClearsEverything) {
  register_all();
  EXPECT_EQ(out(1, kReserve, 0x10, 0, kExclusiveAccess), "good");
  EXPECT_EQ(out(2, kClear, 0x21), "conflict");
  const auto before = generation();
  EXPECT_EQ(out(2, kClear, 0x20), "good");
  EXPECT_TRUE(keys().empty());
  EXPECT_EQ(generation(), before + 1);
  EXPECT_EQ(ready(3), "6/2a03");
  EXPECT_EQ(ready(2), "good");
}

TEST_F(PersistentReserve, PreemptsTheHolder) {
  register_all();
  ASSERT_EQ(out(3, kRegister, 0x30, 0x10), "good");  // the key of 1 and 3 now
  EXPECT_EQ(out(1, kReserve, 0x10, 0, kWriteRegistrants), "good");
  EXPECT_EQ(out(2, kPreempt, 0x20, 0x10, kExclusiveAccess), "good");
  EXPECT_EQ(reservation(), (std::pair<std::uint64_t, std::uint64_t>{3, 0x20}));
  EXPECT_EQ(keys(), (std::vector<std::uint64_t>{0x20, 0x40}));
  EXPECT_EQ(ready(1), "6/2a05");
  EXPECT_EQ(ready(3), "6/2a05");
  EXPECT_EQ(ready(4), "6/2a04");  // the type has changed
  EXPECT_EQ(ready(2), "good");
}

TEST_F(PersistentReserve, PreemptsRegistrationsOnly) {
  register_all();
  EXPECT_EQ(out(1, kReserve, 0x10, 0, kWriteExclusive), "good");
  EXPECT_EQ(out(2, kPreempt, 0x20, 0x99, kWriteExclusive), "conflict");
  EXPECT_EQ(out(2, kPreempt, 0x20, 0, kWriteExclusive), "5/2600");
  EXPECT_EQ(out(2, kPreemptAndAbort, 0x20, 0x30, kExclusiveAccess), "good");
  EXPECT_EQ(reservation(), (std::pair<std::uint64_t, std::uint64_t>{1, 0x10}));
  EXPECT_EQ(keys(), (std::vector<std::uint64_t>{0x10, 0x20, 0x40}));
  EXPECT_EQ(ready(3), "6/2a05");
  EXPECT_EQ(ready(4), "good");
}

TEST_F(PersistentReserve, PreemptsAllRegistrantsWithKeyZero) {
  register_all();
  EXPECT_EQ(out(1, kReserve, 0x10, 0, kExclusiveAll), "good");
  EXPECT_EQ(out(4, kPreempt, 0x40, 0, kWriteExclusive), "good");
  EXPECT_EQ(keys(), std::vector<std::uint64_t>{0x40});
  EXPECT_EQ(reservation(), (std::pair<std::uint64_t, std::uint64_t>{1, 0x40}));
}

TEST_F(PersistentReserve, MovesARegistrationToAnotherPort) {
  register_all();
  EXPECT_EQ(out(1, kReserve, 0x10, 0, kWriteExclusive), "good");
  Bytes list = list_of(0x10, 0x77);
  list[17] = std::byte{0x02};  // UNREG
  list[19] = std::byte{1};     // relative target port
  append_transport_id(list, Rig::nexus(9).initiator_port);
  list[20] = list[21] = list[22] = std::byte{0};
  list[23] = static_cast<std::byte>(list.size() - 24);
  EXPECT_EQ(out(2, kRegisterAndMove, list), "conflict");
  Bytes cut = list;
  cut.pop_back();
  EXPECT_EQ(out(1, kRegisterAndMove, cut), "5/1a00");
  EXPECT_EQ(out(1, kRegisterAndMove, list), "good");
  EXPECT_EQ(reservation(), (std::pair<std::uint64_t, std::uint64_t>{1, 0x77}));
  EXPECT_EQ(keys(), (std::vector<std::uint64_t>{0x20, 0x30, 0x40, 0x77}));
  rig.join(9);
  EXPECT_EQ(rig.run_on(9, 0, {0x2a, 0, 0, 0, 0, 0, 0, 0, 1}, filled(kBlock, 1)).verdict(), "good");
  EXPECT_EQ(rig.run_on(1, 0, {0x2a, 0, 0, 0, 0, 0, 0, 0, 1}, filled(kBlock, 1)).verdict(),
            "conflict");
}

TEST_F(PersistentReserve, RegistersOtherPortsToo) {
  Bytes list = list_of(0, 0x10, 0x08);  // SPEC_I_PT
  Bytes ids;
  append_transport_id(ids, Rig::nexus(2).initiator_port);
  append_transport_id(ids, Rig::nexus(3).initiator_port);
  append(list, 4, ids.size());
  list.insert(list.end(), ids.begin(), ids.end());
  Bytes bad = list;
  bad[28] = std::byte{0x05};  // without ISID: not a port
  EXPECT_EQ(out(1, kRegister, bad), "5/2600");
  EXPECT_EQ(out(1, kRegisterAndIgnore, list), "5/2600");
  EXPECT_EQ(out(1, kRegister, list), "good");
  EXPECT_EQ(keys(), (std::vector<std::uint64_t>{0x10, 0x10, 0x10}));
  EXPECT_EQ(out(3, kReserve, 0x10, 0, kWriteExclusive), "good");
}

TEST_F(PersistentReserve, ShowsCapabilitiesAndFullStatus) {
  register_all();
  ASSERT_EQ(out(2, kReserve, 0x20, 0, kExclusiveAccess), "good");
  const Bytes capabilities = in(2);
  ASSERT_EQ(capabilities.size(), 8U);
  EXPECT_EQ(number_at(capabilities, 0, 2), 8U);
  EXPECT_EQ(number_at(capabilities, 2, 1), 0x09U);
  EXPECT_EQ(number_at(capabilities, 4, 2), 0xea01U);
  const Bytes status = in(3);
  EXPECT_EQ(number_at(status, 4, 4), status.size() - 8);
  std::size_t at = 8;
  for (std::uint64_t id = 1; id != 5; ++id) {
    EXPECT_EQ(number_at(status, at, 8), 0x10 * id);
    EXPECT_EQ(number_at(status, at + 12, 1), id == 2 ? 1U : 0U);
    EXPECT_EQ(number_at(status, at + 13, 1), id == 2 ? 3U : 0U);
    EXPECT_EQ(number_at(status, at + 18, 2), 1U);
    EXPECT_EQ(number_at(status, at + 24, 1), 0x45U);
    const std::string port = Rig::nexus(id).initiator_port;
    EXPECT_EQ(std::string(reinterpret_cast<const char*>(status.data()) + at + 28), port);
    at += 24 + number_at(status, at + 20, 4);
  }
  EXPECT_EQ(at, status.size());
}

TEST_F(PersistentReserve, BelongsToPortsAndNotToSessions) {
  register_all();
  ASSERT_EQ(out(1, kReserve, 0x10, 0, kExclusiveAccess), "good");
  rig.server.nexus_lost(Rig::nexus(1));
  EXPECT_TRUE(rig.server.manage(Rig::nexus(2), 0, TaskManagement::LogicalUnitReset));
  Nexus again = Rig::nexus(1);
  again.id = 100;
  rig.server.nexus_started(again);
  EXPECT_EQ(rig.run_as(again, 0, {0x00}).verdict(), "6/2900");
  EXPECT_EQ(rig.run_as(again, 0, {0x28, 0, 0, 0, 0, 0, 0, 0, 1}).verdict(), "good");
  Nexus other_port = again;
  other_port.target_port = "iqn.2026-11.net.lockstep:test,t,0x0002";
  EXPECT_EQ(rig.run_as(other_port, 0, {0x28, 0, 0, 0, 0, 0, 0, 0, 1}).verdict(), "conflict");
}

TEST_F(PersistentReserve, SurvivesARestartWithAptplOnly) {
  ASSERT_EQ(out(1, kRegister, list_of(0, 0x10)), "good");
  ASSERT_EQ(out(1, kReserve, 0x10, 0, kWriteExclusive), "good");
  EXPECT_TRUE(state->load().value().empty());
  ASSERT_EQ(out(2, kRegister, list_of(0, 0x20, kAptpl)), "good");
  const auto restarted = rig.new_unit(
      8, kBlock, [this](LogicalUnitOptions& options) { options.persistent_state = state; });
  ASSERT_TRUE(restarted->restore().has_value());
  rig.server.add(0, restarted);
  EXPECT_EQ(rig.run_on(kOnlooker, 0, {0xa0, 0, 0, 0, 0, 0, 0, 0, 1, 0}).verdict(), "good");
  EXPECT_EQ(reservation(), (std::pair<std::uint64_t, std::uint64_t>{1, 0x10}));
  EXPECT_EQ(keys(), (std::vector<std::uint64_t>{0x10, 0x20}));
  EXPECT_EQ(generation(), 0U);
  EXPECT_EQ(rig.run_on(3, 0, {0xa0, 0, 0, 0, 0, 0, 0, 0, 1, 0}).verdict(), "good");
  EXPECT_EQ(rig.run_on(3, 0, {0x2a, 0, 0, 0, 0, 0, 0, 0, 1}, filled(kBlock, 1)).verdict(),
            "conflict");
  ASSERT_EQ(rig.run_on(2, 0, {0xa0, 0, 0, 0, 0, 0, 0, 0, 1, 0}).verdict(), "good");
  ASSERT_EQ(out(2, kRegister, list_of(0x20, 0x20)), "good");  // APTPL off again
  EXPECT_TRUE(state->load().value().empty());
}

TEST(PersistentReserveBlob, IsReadBackOrRefused) {
  PersistentReservations state;
  state.persists = true;
  state.type = ReservationType::ExclusiveAccess;
  state.registrations = {{{"initiator", "target"}, 7, true}, {{"other", "target"}, 8, false}};
  const auto blob = to_blob(state);
  EXPECT_EQ(from_blob(blob), state);
  EXPECT_EQ(from_blob({}), PersistentReservations{});
  for (std::size_t cut = 1; cut != blob.size(); ++cut) {
    EXPECT_FALSE(from_blob(std::span(blob).first(cut)).has_value()) << cut;
  }
  auto two_holders = state;
  two_holders.registrations[1].holds = true;
  EXPECT_FALSE(from_blob(to_blob(two_holders)).has_value());
  auto bad_type = blob;
  bad_type[8] = std::byte{2};
  EXPECT_FALSE(from_blob(bad_type).has_value());
}

class FailingState final : public PersistentState {
 public:
  Result<std::vector<std::byte>> load() override { return std::vector<std::byte>{std::byte{1}}; }
  Result<void> save(std::span<const std::byte>) override { return config_error("full"); }
};

TEST(PersistentReserveState, IsNotServedWhenItIsDamaged) {
  Rig rig;
  const auto unit = rig.new_unit(8, kBlock, [](LogicalUnitOptions& options) {
    options.persistent_state = std::make_shared<FailingState>();
  });
  EXPECT_FALSE(unit->restore().has_value());
}

TEST(PersistentReserveState, ChangesNothingThatCannotBeSaved) {
  Rig rig([](LogicalUnitOptions& options) {
    options.persistent_state = std::make_shared<FailingState>();
  });
  const Cdb registers{0x5f, 0, 0, 0, 0, 0, 0, 0, 24};
  EXPECT_EQ(rig.run(registers, list_of(0, 1, kAptpl)).verdict(), "4/4400");
  EXPECT_EQ(rig.run({0x5e, 0, 0, 0, 0, 0, 0, 1, 0}).data, filled(8, 0));
  EXPECT_EQ(rig.run(registers, list_of(0, 1)).verdict(), "good");
}

TEST(PersistentReserveState, RefusesAptplWithoutAPlaceForIt) {
  Rig rig;
  EXPECT_EQ(rig.run({0x5f, 0, 0, 0, 0, 0, 0, 0, 24}, list_of(0, 1, kAptpl)).verdict(), "5/2600");
  EXPECT_EQ(number_at(rig.run({0x5e, 2, 0, 0, 0, 0, 0, 1, 0}).data, 2, 1), 0x08U);
}

TEST(PersistentReserveLimit, RefusesMoreRegistrationsThanItKeeps) {
  Rig rig;
  for (std::uint64_t id = 1; id <= PersistentReservations::kMaxRegistrations; ++id) {
    if (id != 1) {
      rig.join(id);
    }
    ASSERT_EQ(rig.run_on(id, 0, {0x5f, 0, 0, 0, 0, 0, 0, 0, 24}, list_of(0, id)).verdict(), "good");
  }
  rig.join(1000);
  EXPECT_EQ(rig.run_on(1000, 0, {0x5f, 0, 0, 0, 0, 0, 0, 0, 24}, list_of(0, 1)).verdict(),
            "5/5504");
}

}  // namespace
}  // namespace lockstep::scsi::test
