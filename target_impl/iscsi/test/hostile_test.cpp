// Input that no initiator sends: whatever arrives, nothing crashes, memory stays bounded, other
// sessions go on, and what was stored before is untouched unless a valid write says otherwise.
#include "target_impl/iscsi/test/session_fixture.hpp"

#include <random>

namespace lockstep::iscsi::test {
namespace {

// The same on every platform, unlike the distributions of the standard library.
class Chance {
 public:
  explicit Chance(std::uint32_t seed) : engine_(seed) {}
  std::uint32_t below(std::uint32_t limit) { return static_cast<std::uint32_t>(engine_()) % limit; }
  std::uint8_t byte() { return static_cast<std::uint8_t>(engine_()); }

 private:
  std::mt19937 engine_;
};

class HostileTest : public SessionTest {
 protected:
  // Random flags, lengths and numbers around what is plausible.
  Request plausible(Chance& chance) {
    constexpr std::array kOpcodes{Opcode::NopOut,       Opcode::ScsiCommand,
                                  Opcode::ScsiCommand,  Opcode::TaskManagementRequest,
                                  Opcode::TextRequest,  Opcode::DataOut,
                                  Opcode::DataOut,      Opcode::SnackRequest,
                                  Opcode::LoginRequest, Opcode::AsyncMessage};
    Request request = make_request(kOpcodes[chance.below(kOpcodes.size())], chance.below(12));
    Header& header = request.header;
    header[field::kFlags] = chance.byte();
    if (chance.below(2) == 0) {
      header[field::kFlags] |= kFinal;
    }
    if (chance.below(3) == 0) {
      header[0] |= kImmediate;
    }
    if (chance.below(8) == 0) {
      header[field::kLun + 1] = chance.byte();
    }
    const std::uint32_t off = chance.below(4) == 0 ? chance.below(4) - 1 : 0;
    set32(header, field::kCmdSn, peer->next_cmd_sn + off);
    if (is_opcode(header, Opcode::ScsiCommand)) {
      set32(header, field::kExpectedLength, chance.below(4) * 20000);
      header[field::kCdb] = chance.below(2) == 0 ? kRead10 : kWrite10;
      store_be32(header.data() + field::kCdb + 2, chance.below(20000));
      store_be16(header.data() + field::kCdb + 7, static_cast<std::uint16_t>(chance.below(200)));
    } else if (chance.below(2) == 0) {
      set32(header, field::kTransferTag, last_transfer_tag);
    }
    if (is_opcode(header, Opcode::DataOut)) {
      set32(header, field::kDataSn, chance.below(3));
      set32(header, field::kBufferOffset, chance.below(3) * 1000);
    }
    const std::uint32_t kind = chance.below(6);
    if (kind == 0) {
      request.data = pattern(1000, kind);
    }
    if (kind == 1) {
      request.data = pattern(chance.below(70000), kind);
    }
    if (kind == 2) {
      request.data = text_of({"SendTargets=All", "A=b"});
    }
    return request;
  }

  // Follows the numbers that the target shows, so that most requests get through the window.
  void follow(const std::vector<Answer>& answers) {
    for (const Answer& answer : answers) {
      peer->next_cmd_sn = answer.at(field::kExpCmdSn);
      if (answer.opcode() == Opcode::ReadyToTransfer) {
        last_transfer_tag = answer.at(field::kTransferTag);
      }
    }
  }

  std::uint32_t last_transfer_tag = kReservedTag;
};

TEST_F(HostileTest, SurvivesPlausibleNonsense) {
  int executed = 0;
  for (std::uint32_t seed = 1; seed <= 60; ++seed) {
    start(seed % 2 == 0 ? usual() : text_of({"InitialR2T=Yes", "MaxOutstandingR2T=4"}));
    Chance chance(seed);
    for (int i = 0; i < 150 && !peer->finished(); ++i) {
      peer->send(plausible(chance), 1 + chance.below(100000));
      Request ping = make_request(Opcode::NopOut, 1000);
      ping.header[0] |= kImmediate;
      peer->send(ping);
      follow(peer->answers());
    }
    executed += executor->executed;
    peer.reset();
    ASSERT_EQ(portal->pool().lent_bytes(), 0U) << "seed " << seed;
    ASSERT_TRUE(portal->sessions().empty());
  }
  EXPECT_GT(executed, 150);  // or the nonsense was not plausible
}

TEST_F(HostileTest, SurvivesFlippedBits) {
  for (std::uint32_t seed = 1; seed <= 60; ++seed) {
    start();
    Chance chance(seed);
    std::string bytes;
    for (int i = 0; i < 20; ++i) {
      const auto tag = static_cast<std::uint32_t>(i);
      bytes += peer->encode(peer->numbered(read_command(tag, chance.below(100), 8)));
      bytes += peer->encode(peer->numbered(write_command(tag + 50, 0, 4, pattern(2048, tag))));
      bytes += peer->encode(peer->numbered(make_request(Opcode::NopOut, tag + 100)));
    }
    for (std::uint32_t flips = 1 + chance.below(20); flips > 0; --flips) {
      bytes[chance.below(static_cast<std::uint32_t>(bytes.size()))] ^=
          static_cast<char>(1U << chance.below(8));
    }
    peer->feed(bytes, 1 + chance.below(3000));
    peer.reset();
    ASSERT_EQ(portal->pool().lent_bytes(), 0U) << "seed " << seed;
  }
}

TEST_F(HostileTest, SurvivesGarbageBeforeLogin) {
  for (std::uint32_t seed = 1; seed <= 200; ++seed) {
    Chance chance(seed);
    Peer stranger(*portal);
    std::string bytes(1 + chance.below(20000), '\0');
    for (char& byte : bytes) {
      byte = static_cast<char>(chance.byte());
    }
    stranger.feed(bytes, 1 + chance.below(1000));
    EXPECT_FALSE(stranger.connection().logged_in());
  }
  expect_good(exchange(command(kTestUnitReady, 5, kFinal, 0, 0, 0)), 5);
}

TEST_F(HostileTest, SurvivesMutatedLogins) {
  const std::string text =
      text_of({"InitiatorName=iqn.2026-11.test:peer", "TargetName=iqn.2026-11.org.lockstep:fake",
               "HeaderDigest=None", "MaxBurstLength=65536", "SessionType=Normal"});
  int accepted = 0;
  for (std::uint32_t seed = 1; seed <= 400; ++seed) {
    Chance chance(seed);
    Peer stranger(*portal);
    std::string bytes = stranger.encode(login_request(text, 0x87, 7));
    for (std::uint32_t flips = chance.below(4); flips > 0; --flips) {
      bytes[chance.below(static_cast<std::uint32_t>(bytes.size()))] ^=
          static_cast<char>(1U << chance.below(8));
    }
    stranger.feed(bytes);
    if (stranger.connection().logged_in()) {
      ++accepted;
    }
  }
  EXPECT_GT(accepted, 100);
  EXPECT_LT(accepted, 400);
}

TEST_F(HostileTest, SurvivesEndingAnywhere) {
  // A write with a large payload, cut off at each of many places.
  const std::string all = pattern(128 * 512, 1);
  std::string bytes =
      peer->encode(peer->numbered(write_command(5, 0, 128, all.substr(0, 60000), true)));
  bytes += peer->encode(data_out(5, kReservedTag, 0, 60000, all.substr(60000), true));
  for (std::size_t end = 1; end < bytes.size(); end += 997) {
    start();
    peer->feed(std::string_view(bytes).substr(0, end));
    EXPECT_EQ(executor->executed, 0);
    peer.reset();
    ASSERT_EQ(portal->pool().lent_bytes(), 0U) << end;
  }
}

TEST_F(HostileTest, StopsWorkingForAPeerThatDoesNotRead) {
  // Requests go in, nothing comes out: production must stop at the limit.
  std::string bytes;
  for (std::uint32_t i = 0; i < 100; ++i) {
    bytes += peer->encode(peer->numbered(read_command(i, 0, 1000)));
  }
  Connection& connection = peer->connection();
  const auto space = connection.spaces()[0];
  ASSERT_GE(space.size(), bytes.size());
  std::memcpy(space.data(), bytes.data(), bytes.size());
  connection.received(bytes.size());
  for (int i = 0; i < 1000; ++i) {
    EXPECT_EQ(connection.process(), Connection::State::Paused);
  }
  EXPECT_FALSE(connection.wants_input());
  EXPECT_LT(connection.output().bytes(), (std::size_t{5} << 20));
  EXPECT_LT(executor->executed, 20);
  // Once the output is taken, the rest is carried out.
  while (connection.process() == Connection::State::Paused) {
    (void)peer->answers();
  }
  (void)peer->answers();
  EXPECT_EQ(executor->executed, 100);
}

}  // namespace
}  // namespace lockstep::iscsi::test
