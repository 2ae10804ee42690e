// Bytes that lie in memory which the peer shares: what stays there, and what is copied first.
#include "target_impl/iscsi/test/session_fixture.hpp"

#include <string>
#include <vector>

namespace lockstep::iscsi::test {
namespace {

class LentTest : public SessionTest {
 protected:
  static constexpr std::size_t kPageBytes = 4096;

  [[nodiscard]] std::string write_of(std::uint32_t tag, std::uint32_t block, char fill) {
    return peer->encode(
        peer->numbered(write_command(tag, block, 8, std::string(kPageBytes, fill))));
  }
  [[nodiscard]] std::string two_writes() {
    const std::string first = write_of(1, 0, 'a');
    return first + write_of(2, 8, 'b');
  }
  // Lends `shared`, which must live until has_borrowed() ends.
  Connection::State lend(const std::string& shared) {
    Connection& connection = peer->connection();
    EXPECT_GE(connection.borrows(), shared.size());
    connection.borrow(std::as_bytes(std::span(shared)));
    EXPECT_TRUE(connection.has_borrowed());
    return connection.process();
  }
  // Where in `shared` the data were that the device got without a copy.
  [[nodiscard]] std::vector<std::ptrdiff_t> lent_at(const std::string& shared) const {
    std::vector<std::ptrdiff_t> at;
    for (const std::byte* data : executor->lent_data) {
      at.push_back(data - reinterpret_cast<const std::byte*>(shared.data()));
    }
    return at;
  }
};

TEST_F(LentTest, DataOfWritesStayWhereTheyAre) {
  const std::string shared = two_writes();
  EXPECT_EQ(lend(shared), Connection::State::NeedsInput);
  EXPECT_FALSE(peer->connection().has_borrowed());
  EXPECT_EQ(peer->answers().size(), 2U);
  EXPECT_EQ(lent_at(shared), (std::vector<std::ptrdiff_t>{
                                 kHeaderBytes, 2 * kHeaderBytes + std::ptrdiff_t{kPageBytes}}));
  EXPECT_EQ(medium(0, 2 * kPageBytes), std::string(kPageBytes, 'a') + std::string(kPageBytes, 'b'));
}

// What is interpreted must not change between two looks.
TEST_F(LentTest, EverythingElseIsCopiedFirst) {
  Request ping = make_request(Opcode::NopOut, 7);
  ping.data = "ping";
  std::string shared = write_of(1, 0, 'a');
  shared += peer->encode(peer->numbered(ping));
  shared += write_of(2, 8, 'b');
  const std::size_t of_ping = kHeaderBytes + kPageBytes + kHeaderBytes;
  Connection& connection = peer->connection();
  connection.borrow(std::as_bytes(std::span(shared)));
  EXPECT_EQ(connection.process(), Connection::State::NeedsInput);
  shared.replace(of_ping, 4, "pong");
  const auto answers = peer->answers();
  ASSERT_EQ(answers.size(), 3U);
  EXPECT_EQ(answers[1].text(), "ping");
  EXPECT_EQ(lent_at(shared).size(), 1U);
  EXPECT_EQ(medium(8, kPageBytes), std::string(kPageBytes, 'b'));
}

TEST_F(LentTest, AWriteWhoseDataComeInPartsIsCopied) {
  const std::string shared =
      peer->encode(peer->numbered(write_command(1, 0, 16, std::string(kPageBytes, 'a'), true)));
  EXPECT_EQ(lend(shared), Connection::State::NeedsInput);
  EXPECT_TRUE(executor->lent_data.empty());
  peer->send(data_out(1, kReservedTag, 0, kPageBytes, std::string(kPageBytes, 'b'), true));
  expect_good(peer->answer(), 1);
  EXPECT_EQ(medium(0, 2 * kPageBytes), std::string(kPageBytes, 'a') + std::string(kPageBytes, 'b'));
}

TEST_F(LentTest, MayEndAnywhere) {
  const std::string all = two_writes();
  for (const std::size_t end : {std::size_t{1}, std::size_t{kHeaderBytes}, kHeaderBytes + 1,
                                all.size() / 2 - 1, all.size() / 2, all.size() / 2 + 60}) {
    SCOPED_TRACE(end);
    start();
    const std::string bytes = two_writes();
    const std::string shared = bytes.substr(0, end);
    EXPECT_EQ(lend(shared), Connection::State::NeedsInput);
    EXPECT_FALSE(peer->connection().has_borrowed());
    const bool between = end == all.size() / 2;
    EXPECT_EQ(peer->connection().borrows() != 0, between) << "in order";
    peer->feed(bytes.substr(end));
    EXPECT_EQ(peer->answers().size(), 2U);
    EXPECT_EQ(medium(0, 2 * kPageBytes),
              std::string(kPageBytes, 'a') + std::string(kPageBytes, 'b'));
  }
}

TEST_F(LentTest, NothingIsBorrowedDuringLoginOrWithDigests) {
  {
    Peer stranger(*portal);  // not longer than this portal
    EXPECT_EQ(stranger.connection().borrows(), 0U);
  }
  EXPECT_NE(peer->connection().borrows(), 0U);
  start(usual() + text_of({"DataDigest=CRC32C"}));
  EXPECT_EQ(peer->connection().borrows(), 0U);
}

TEST_F(LentTest, WhatComesTooEarlyIsCopied) {
  const std::string first = write_of(1, 0, 'a');
  const std::string shared = write_of(2, 8, 'b') + first;
  EXPECT_EQ(lend(shared), Connection::State::NeedsInput);
  EXPECT_EQ(lent_at(shared),
            std::vector<std::ptrdiff_t>{2 * kHeaderBytes + std::ptrdiff_t{kPageBytes}});
  EXPECT_EQ(medium(8, kPageBytes), std::string(kPageBytes, 'b'));
}

// Answers are sent before all that was lent has been handled.
TEST_F(LentTest, IsKeptWhileTheConnectionPauses) {
  std::string shared;
  for (std::uint32_t i = 0; i != 4; ++i) shared += write_of(i, 8 * i, static_cast<char>('a' + i));
  Connection& connection = peer->connection();
  connection.borrow(std::as_bytes(std::span(shared)));
  EXPECT_EQ(connection.process(1), Connection::State::Paused);
  EXPECT_TRUE(connection.has_borrowed());
  while (connection.process(1) == Connection::State::Paused) static_cast<void>(peer->answers());
  EXPECT_FALSE(connection.has_borrowed());
  EXPECT_EQ(executor->lent_data.size(), 4U);
}

}  // namespace
}  // namespace lockstep::iscsi::test
