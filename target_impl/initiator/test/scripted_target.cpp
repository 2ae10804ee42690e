#include "target_impl/initiator/test/scripted_target.hpp"

#include <algorithm>
#include <fcntl.h>
#include <list>
#include <poll.h>
#include <utility>

namespace lockstep::initiator {
namespace {

using Header = std::array<std::byte, 48>;

constexpr std::byte kLoginRequest{0x03};
constexpr std::byte kScsiCommand{0x01};
constexpr std::byte kLogoutRequest{0x06};
constexpr std::byte kOpcodeMask{0x3F};

template <class Value, class Bytes>
Value get(const Bytes& bytes, std::size_t at) {
  Value value = 0;
  for (std::size_t i = 0; i < sizeof(Value); ++i) {
    value = static_cast<Value>((value << 8) | static_cast<std::uint8_t>(bytes[at + i]));
  }
  return value;
}

template <class Value, class Bytes>
void put(Bytes& bytes, std::size_t at, Value value) {
  for (std::size_t i = sizeof(Value); i > 0; --i) {
    bytes[at + i - 1] = static_cast<std::byte>(value & 0xFFU);
    value = static_cast<Value>(value >> 8);
  }
}

bool receive_all(int socket, std::span<std::byte> into) {
  while (!into.empty()) {
    const auto got = ::recv(socket, into.data(), into.size(), 0);
    if (got <= 0) return false;
    into = into.subspan(static_cast<std::size_t>(got));
  }
  return true;
}

bool send_all(int socket, std::span<const std::byte> bytes) {
  while (!bytes.empty()) {
    const auto sent = ::send(socket, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return false;
    bytes = bytes.subspan(static_cast<std::size_t>(sent));
  }
  return true;
}

std::size_t padded(std::size_t bytes) { return (bytes + 3) / 4 * 4; }

}  // namespace

std::uint64_t ScriptedCommand::lba() const { return get<std::uint64_t>(cdb, 2); }
std::uint32_t ScriptedCommand::blocks() const { return get<std::uint32_t>(cdb, 10); }

ScriptedTarget::ScriptedTarget(Script script, ScriptedLogin login)
    : script_(std::move(script)), login_(std::move(login)) {
  std::array<int, 2> ends{-1, -1};
  if (::pipe2(ends.data(), O_CLOEXEC) == 0) stop_ = {Descriptor(ends[0]), Descriptor(ends[1])};
  thread_ = std::thread([this] { run(); });
}

ScriptedTarget::~ScriptedTarget() {
  stop_[1].close();
  thread_.join();
}

void ScriptedTarget::run() {
  std::list<Connection> connections;
  for (;;) {
    std::vector<pollfd> polled{{stop_[0].get(), POLLIN, 0}, {listener_.descriptor(), POLLIN, 0}};
    for (const Connection& c : connections) polled.push_back({c.socket.get(), POLLIN, 0});
    if (::poll(polled.data(), polled.size(), -1) < 0 || polled[0].revents != 0) return;
    std::size_t at = 2;
    for (auto c = connections.begin(); c != connections.end();) {
      const bool readable = polled[at++].revents != 0;
      c = readable && !serve(*c) ? connections.erase(c) : std::next(c);
    }
    if (polled[1].revents != 0) {
      Descriptor socket = listener_.accept();
      connections.push_back(Connection{std::move(socket), accepted_++, 1});
    }
  }
}

bool ScriptedTarget::serve(Connection& connection) {
  Header header{};
  if (!receive_all(connection.socket.get(), header)) return false;
  std::vector<std::byte> data(padded(get<std::uint32_t>(header, 4) & 0xFFFFFFU));
  if (!receive_all(connection.socket.get(), data)) return false;
  const std::byte opcode = header[0] & kOpcodeMask;
  if (opcode == kLoginRequest) return answer_login(connection, header);
  if (opcode == kScsiCommand) return answer_command(connection, header, data);
  if (opcode == kLogoutRequest) {
    Header reply{std::byte{0x26}, std::byte{0x80}};
    send(connection, header, reply, {});
  }
  return false;
}

bool ScriptedTarget::send(Connection& connection, std::span<const std::byte> request,
                          Header& header, std::span<const std::byte> data) {
  put(header, 4, static_cast<std::uint32_t>(data.size()));
  std::copy_n(request.begin() + 16, 4, header.begin() + 16);  // initiator task tag
  const auto command_sn = get<std::uint32_t>(request, 24);
  const bool immediate = (request[0] & std::byte{0x40}) != std::byte{0};
  put(header, 24, connection.stat_sn++);
  put(header, 28, command_sn + (immediate ? 0U : 1U));
  put(header, 32, command_sn + 128U);
  std::vector<std::byte> bytes(header.begin(), header.end());
  bytes.insert(bytes.end(), data.begin(), data.end());
  bytes.resize(padded(bytes.size()));
  return send_all(connection.socket.get(), bytes);
}

bool ScriptedTarget::answer_login(Connection& connection, std::span<const std::byte> header) {
  Header reply{std::byte{0x23}, std::byte{0x87}};  // to the full feature phase
  std::copy_n(header.begin() + 8, 6, reply.begin() + 8);
  put(reply, 14, std::uint16_t{1});
  put(reply, 36, login_.status);
  std::string text;
  for (const char* pair :
       {"HeaderDigest=None", "DataDigest=None", "InitialR2T=No", "ImmediateData=Yes",
        "MaxRecvDataSegmentLength=262144", "FirstBurstLength=262144", "MaxBurstLength=262144"}) {
    text += std::string(pair) + '\0';
  }
  if (!login_.target_address.empty()) text = "TargetAddress=" + login_.target_address + '\0';
  return send(connection, header, reply, std::as_bytes(std::span(text)));
}

bool ScriptedTarget::answer_command(Connection& connection, std::span<const std::byte> header,
                                    std::span<const std::byte> data) {
  ScriptedCommand command;
  for (std::size_t i = 0; i < 16; ++i) {
    command.cdb[i] = std::to_integer<std::uint8_t>(header[32 + i]);
  }
  command.expected_bytes = get<std::uint32_t>(header, 20);
  command.data_out = data;
  command.connection = connection.number;
  const ScriptedReply reply = script_(command);
  using Action = ScriptedReply::Action;
  if (reply.action == Action::Silence) return true;
  if (reply.action == Action::HangUp) return false;
  if (reply.action == Action::RequestLogout) {
    Header event{std::byte{0x32}, std::byte{0x80}};
    std::array<std::byte, 48> request{};
    std::copy(header.begin(), header.end(), request.begin());
    std::fill_n(request.begin() + 16, 4, std::byte{0xFF});
    event[36] = std::byte{1};
    return send(connection, request, event, {});
  }
  const bool reading = (header[1] & std::byte{0x40}) != std::byte{0};
  Header response{};
  std::vector<std::byte> segment;
  if (reading && reply.status == 0) {
    response[0] = std::byte{0x25};
    response[1] = std::byte{0x81};  // final, with status
    segment = reply.data_in;
    const auto sent = static_cast<std::uint32_t>(segment.size());
    if (sent < command.expected_bytes) {
      response[1] |= std::byte{0x02};
      put(response, 44, command.expected_bytes - sent);
    }
  } else {
    response[0] = std::byte{0x21};
    response[1] = std::byte{0x80};
    if (reply.status == 2) {
      segment.assign(2 + 18, std::byte{0});
      put(segment, 0, std::uint16_t{18});
      segment[2] = std::byte{0x70};
      segment[4] = std::byte{reply.sense_key};
      segment[9] = std::byte{10};
      put(segment, 14, reply.asc_ascq);
    }
  }
  if (reply.residual_overflow != 0) {
    response[1] |= std::byte{0x04};
    put(response, 44, reply.residual_overflow);
  }
  response[3] = std::byte{reply.status};
  return send(connection, header, response, segment);
}

}  // namespace lockstep::initiator
