// What a target answers to a session without libiscsi: any PDUs in any order, and any bytes. Each
// command ends once, and nothing but the buffers of reads is written.
#include "target_impl/fuzz/input.hpp"
#include "target_impl/initiator/initiator.hpp"
#include "target_impl/initiator/test/listener.hpp"
#include "target_impl/iscsi/pdu.hpp"

#include <array>
#include <chrono>
#include <cstdint>
#include <cstring>
#include <vector>

namespace {

namespace field = lockstep::iscsi::field;

using lockstep::BlockSize;
using lockstep::Lba;
using lockstep::fuzz::expect;
using lockstep::fuzz::Input;
using lockstep::initiator::Completion;
using lockstep::initiator::Descriptor;
using lockstep::initiator::Session;

constexpr std::size_t kCommands = 4;
constexpr std::array<std::uint8_t, 9> kOpcodes{0x20, 0x21, 0x23, 0x25, 0x25,
                                               0x31, 0x32, 0x3F, 0x01};

std::vector<std::byte> next_pdu(Input& input, std::uint32_t number) {
  lockstep::iscsi::Header header{};
  const std::uint8_t kind = input.byte();
  header[0] = kOpcodes[kind % kOpcodes.size()];
  header[1] = input.byte();
  header[2] = (kind & 0x80U) != 0 ? input.byte() : std::uint8_t{0};
  header[3] = (kind & 0x40U) != 0 ? input.byte() : std::uint8_t{0};
  const std::uint8_t which = input.byte();
  // The session's tags count the uses above the places.
  const std::uint32_t tag =
      which >= 0xF0 ? input.number(4) : (which / 8U + 1U) << 16U | (which % kCommands);
  lockstep::iscsi::set32(header, field::kTaskTag, tag);
  lockstep::iscsi::set32(header, field::kTransferTag, input.number(1));
  lockstep::iscsi::set32(header, field::kStatSn, number);
  lockstep::iscsi::set32(header, field::kMaxCmdSn, input.number(1));
  lockstep::iscsi::set32(header, field::kBufferOffset, input.number(2));
  lockstep::iscsi::set32(header, field::kDesiredLength, input.number(2));
  const std::size_t bytes = input.number(2);
  lockstep::iscsi::store_be24(&header[field::kDataLength], static_cast<std::uint32_t>(bytes));
  std::vector<std::byte> pdu(header.size() + lockstep::iscsi::padded(bytes), std::byte{0x55});
  std::memcpy(pdu.data(), header.data(), header.size());
  for (std::size_t i = 0; i < bytes && i < 32; ++i) {
    pdu[header.size() + i] = static_cast<std::byte>(input.byte());
  }
  return pdu;
}

void send(const Descriptor& connection, const std::vector<std::byte>& bytes) {
  static_cast<void>(
      ::send(connection.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT));
}

// The least that lets a session in: both stages are skipped.
std::vector<std::byte> login_answer() {
  auto header = lockstep::iscsi::make_header(lockstep::iscsi::Opcode::LoginResponse, 0);
  header[field::kFlags] = 0x83;
  lockstep::iscsi::set32(header, field::kMaxCmdSn, 3);
  std::vector<std::byte> pdu(header.size());
  std::memcpy(pdu.data(), header.data(), header.size());
  return pdu;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static lockstep::initiator::Listener listener;
  Input input(data, size);
  lockstep::initiator::SessionOptions options;
  options.batching = true;
  options.bypass = false;
  auto begun = Session::start_connect(listener.portal(), "iqn.2026-11.net.lockstep:fuzz", options);
  expect(begun.has_value(), "a session begins");
  auto session = std::move(begun).value();
  const Descriptor connection = listener.accept();
  const linger at_once{1, 0};  // no port is kept for later
  ::setsockopt(connection.get(), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  const std::uint8_t kind = input.byte();
  if ((kind & 1U) != 0) send(connection, login_answer());

  std::array<std::byte, 3 * 2048> around{};
  const std::span read_into = std::span(around).subspan(2048, 2048);
  const std::vector<std::byte> written(96 * 1024, std::byte{0x33});
  std::array<unsigned, kCommands> ended{};
  for (std::size_t i = 0; i != kCommands; ++i) {
    const auto done = [&ended, i](const Completion&) { ++ended[i]; };
    if (i % 2 == 0) {
      session->write(0, Lba{i}, BlockSize{512}, written, done);
    } else {
      session->read(0, Lba{i}, BlockSize{512}, read_into, done);
    }
  }
  const auto turn = [&] { return session->run_once(std::chrono::milliseconds{0}).has_value(); };
  bool alive = turn() && turn() && turn();
  std::vector<std::byte> sink(256 * 1024);
  for (std::uint32_t number = 1; alive && !input.empty() && number < 64; ++number) {
    if ((kind & 2U) != 0) {
      std::vector<std::byte> any(std::min<std::size_t>(input.left(), 64));
      for (std::byte& one : any) one = static_cast<std::byte>(input.byte());
      send(connection, any);
    } else {
      send(connection, next_pdu(input, number));
    }
    alive = turn();
    static_cast<void>(::recv(connection.get(), sink.data(), sink.size(), MSG_DONTWAIT));
  }
  session.reset();
  for (const unsigned times : ended) expect(times == 1, "each command ends once");
  for (std::size_t i = 0; i != around.size(); ++i) {
    const bool is_ours = i >= 2048 && i < 2 * 2048;
    expect(is_ours || around[i] == std::byte{0}, "only the buffers of reads are written");
  }
  return 0;
}
