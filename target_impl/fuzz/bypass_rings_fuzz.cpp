// A peer that writes what it likes into the memory of a channel, at any moment: each end believes
// it only as far as it makes sense, touches nothing outside its rings, and what has lied once is
// not believed again.
#include "target_impl/fuzz/input.hpp"
#include "target_impl/transport/bypass/channel_end.hpp"
#include "target_impl/transport/bypass/segment.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <utility>
#include <vector>

namespace {

namespace bypass = lockstep::transport::bypass;
using lockstep::fuzz::Input;

constexpr std::size_t kRing = 4096;
constexpr std::size_t kMostBytes = 3 * kRing;

using lockstep::fuzz::expect;

struct World {
  explicit World(bypass::Side victim_side)
      : segment(std::move(bypass::Segment::create(kRing).value())),
        side(victim_side),
        victim(segment, victim_side, kNowhere) {}

  static constexpr int kNowhere = -1;  // its rings are heard by nobody
  bypass::Segment segment;
  bypass::Side side;
  bypass::ChannelEnd victim;
  std::uint64_t received = 0;  // as the victim counts
  std::uint64_t sent = 0;
  bool was_broken = false;
};

std::uint64_t position(Input& input) {
  // Near what is there, near the ends of the number range, or anything.
  const std::uint64_t high = input.number(4);
  const std::uint64_t any = high << 32 | input.number(4);
  switch (input.byte() % 4) {
    case 0:
      return any % (2 * kRing);
    case 1:
      return ~std::uint64_t{0} - any % (2 * kRing);
    default:
      return any;
  }
}

void lie(World& world, Input& input) {
  auto& state = world.segment.state();
  const bool server = world.side == bypass::Side::Server;
  auto& in = server ? state.to_server : state.to_client;
  auto& out = server ? state.to_client : state.to_server;
  switch (input.byte() % 6) {
    case 0:
      in.written = position(input);
      break;
    case 1:
      out.read = position(input);
      break;
    case 2:
      in.written = world.received + input.number(2) % (kRing + 2);
      break;
    case 3:
      out.read = world.sent - input.number(2) % (kRing + 2);
      break;
    case 4:
      state.server.sleeps = input.number(4);
      state.server.processor = input.number(4);
      state.client.sleeps = input.number(4);
      state.client.processor = input.number(4);
      break;
    default: {
      auto ring = server ? world.segment.to_server() : world.segment.to_client();
      ring[input.number(2) % ring.size()] = std::byte{0x5A};
    }
  }
}

void act(World& world, Input& input) {
  bypass::ChannelEnd& victim = world.victim;
  // Exactly as large as asked for, so that a byte too many is seen.
  std::vector<std::byte> first(input.number(2) % kMostBytes);
  std::vector<std::byte> second(input.number(2) % kMostBytes);
  const std::size_t room = first.size() + second.size();
  const std::array spaces{std::span(first), std::span(second)};
  switch (input.byte() % 5) {
    case 0: {
      const std::size_t available = victim.available();
      const std::size_t got = victim.receive(spaces);
      // For the second space it looks again and may find as much once more.
      expect(got >= std::min(available, room) && got <= std::min(2 * kRing, room),
             "what is available is received, and for each space no more than the ring holds");
      world.received += got;
      break;
    }
    case 1:
      expect(victim.peek(spaces) <= std::min(kRing, room), "no more is peeked at than there is");
      break;
    case 2: {
      const std::array<std::span<const std::byte>, 2> pieces{spaces[0], spaces[1]};
      const std::size_t put = victim.send(pieces);
      expect(put <= std::min(2 * kRing, room), "of each piece no more is sent than the ring holds");
      world.sent += put;
      break;
    }
    case 3:
      if (victim.may_sleep(input.byte() & 3U)) victim.awake();
      break;
    default:
      victim.announce(bypass::kForBytes);
      (void)victim.is_announced(bypass::kForBytes);
  }
  expect(!world.was_broken || victim.is_broken(), "what has lied is not believed again");
  world.was_broken = victim.is_broken();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Input input(data, size);
  World world((input.byte() & 1U) != 0 ? bypass::Side::Server : bypass::Side::Client);
  while (!input.empty()) {
    if ((input.byte() & 1U) != 0) {
      lie(world, input);
    } else {
      act(world, input);
    }
  }
  return 0;
}
