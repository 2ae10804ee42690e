// What one end of a connection does in the memory that the two share, and when it rings for the
// other. Owns nothing: Channel does.
#pragma once

#include "target_impl/transport/bypass/byte_ring.hpp"
#include "target_impl/transport/bypass/segment.hpp"

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

namespace lockstep::transport::bypass {

enum class Side : std::uint8_t { Server, Client };

// Through which socket the server rings for the client.
enum class Wake : std::uint8_t {
  ByBell = 0,
  // The TCP connection, so that it becomes readable for whatever the client waits with.
  ByTcp = 1,
};

// What a byte through the bell says.
inline constexpr std::byte kRing{1};      // there is what you sleep for
inline constexpr std::byte kRingMeUp{2};  // from the client: ring for me now, whatever there is

// What becomes of the bytes in the first space: what is kept is copied past the caches.
enum class First : std::uint8_t { UsedSoon, Kept };

// Of the other end, as far as it says so.
enum class Whereabouts : std::uint8_t {
  Elsewhere,  // on another processor
  Asleep,
  Here,  // on this very processor: it can go on only when this end does not
};

// For one thread at a time. Copies of an end are the same end: only one of them may be used.
class ChannelEnd {
 public:
  // The segment's memory must outlive it. `rings`: the socket through which it rings.
  ChannelEnd(const Segment& segment, Side side, int rings) noexcept;

  // Copies as much as there is space for and lets the other end have it; returns how much.
  [[nodiscard]] std::size_t send(std::span<const std::span<const std::byte>> pieces) noexcept;
  // From here on the other end gets what is sent in large parts, or when let_go() is called: what
  // belongs together wakes it once.
  void hold_back() noexcept { holds_back_ = true; }
  void let_go() noexcept;
  // Copies what has come, the first space first; returns how much.
  [[nodiscard]] std::size_t receive(std::span<const std::span<std::byte>> spaces,
                                    First first = First::UsedSoon) noexcept;
  // As receive(), without copying: see RingReader::lend(). Nothing is received before give_back().
  [[nodiscard]] std::span<const std::byte> lend(std::size_t most) noexcept {
    return reader_.lend(most);
  }
  void give_back() noexcept;
  // As receive(), and the same bytes come again.
  [[nodiscard]] std::size_t peek(std::span<const std::span<std::byte>> spaces) noexcept;
  [[nodiscard]] std::size_t available() noexcept { return reader_.look(); }
  [[nodiscard]] bool has_bytes() noexcept { return reader_.available() != 0; }
  [[nodiscard]] bool has_space() noexcept { return writer_.space(1) != 0; }
  // The other end has written what no honest one does; nothing is sent or received any more.
  [[nodiscard]] bool is_broken() const noexcept {
    return reader_.is_broken() || writer_.is_broken();
  }

  // Announces that this end sleeps until what it waits for (kForBytes, kForSpace) is there. False:
  // something is there, or the channel is broken, so it must not sleep. 0: it waits for nothing.
  [[nodiscard]] bool may_sleep(std::uint32_t waits_for) noexcept;
  void awake() noexcept { own_->sleeps.store(0); }

  // Whether it pays to look for what the other end does next, instead of sleeping.
  [[nodiscard]] Whereabouts other_end() noexcept;

  // For an end that cannot know whether it is about to sleep: announces, beside what is announced.
  // What came before is not rung for.
  void announce(std::uint32_t waits_for) noexcept { own_->sleeps.fetch_or(waits_for); }
  // Whether nobody has rung for it since it was announced.
  [[nodiscard]] bool is_announced(std::uint32_t waits_for) const noexcept {
    return (own_->sleeps.load() & waits_for) == waits_for;
  }

  // How far the other end has read, or nothing if it has read everything.
  [[nodiscard]] std::optional<std::uint64_t> other_lags_at() const noexcept {
    const std::uint64_t at = writer_.reader_at();
    return at == writer_.end() ? std::nullopt : std::optional(at);
  }
  // Rings for a client that announced nothing, and lets it know that (take_unasked_ring).
  void ring_unasked() noexcept {
    other_->sleeps.fetch_or(kRungUnasked);
    ring();
  }
  // Of a client's end: whether it has been rung for so since the last call.
  [[nodiscard]] bool take_unasked_ring() noexcept {
    return (own_->sleeps.load() & kRungUnasked) != 0 &&
           (own_->sleeps.fetch_and(~kRungUnasked) & kRungUnasked) != 0;
  }

  void ring_through(int socket) noexcept { rings_ = socket; }
  // Whether the other end sleeps or not.
  void ring(std::byte what = kRing) noexcept;

 private:
  void tell() noexcept;
  void ring_if_it_sleeps_for(std::uint32_t what) noexcept;
  // Lets the other end know where this one runs, and returns that.
  std::uint32_t note_processor() noexcept;

  RingWriter writer_;
  RingReader reader_;
  EndState* own_;
  EndState* other_;
  int rings_;
  bool holds_back_ = false;
  std::size_t untold_ = 0;  // bytes that the other end does not know of
};

}  // namespace lockstep::transport::bypass
