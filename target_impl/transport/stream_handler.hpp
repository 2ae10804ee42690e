// What runs on a byte stream, whatever carries it: the transport moves bytes, the handler gives
// them meaning. All calls come from the thread of the event loop.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace lockstep::transport {

class StreamHandler {
 public:
  virtual ~StreamHandler() = default;

  // Where received bytes go: the first space until it is full, then the second.
  using Spaces = std::array<std::span<std::byte>, 2>;
  [[nodiscard]] virtual Spaces spaces() = 0;
  // Whether nobody looks soon at what is put into the first space.
  [[nodiscard]] virtual bool keeps_first_space() const { return false; }
  virtual void received(std::size_t bytes) = 0;
  // How many bytes it would rather look at where the peer has put them; 0: it wants them received.
  // They stay there, but the peer may change them, as long as has_borrowed().
  [[nodiscard]] virtual std::size_t borrows() const { return 0; }
  virtual void borrow(std::span<const std::byte> /*bytes*/) {}
  [[nodiscard]] virtual bool has_borrowed() const { return false; }
  // False: nothing is to be received until output has been sent.
  [[nodiscard]] virtual bool wants_input() const = 0;

  enum class State : std::uint8_t {
    NeedsInput,  // everything received has been handled
    Paused,      // there may be more to handle once output has been sent
    Finished,    // the stream is to be closed once the output has been sent
  };
  // Pauses once there are `enough` bytes of new output, or earlier.
  virtual State process(std::size_t enough) = 0;

  [[nodiscard]] virtual std::size_t unsent() const = 0;
  // The next output, in order; returns how many pieces were filled. They stay valid until sent().
  [[nodiscard]] virtual std::size_t gather(std::span<std::span<const std::byte>> pieces) = 0;
  virtual void sent(std::size_t bytes) = 0;

  // The stream is gone; nothing is called afterwards. The handler may destroy the stream, but not
  // from inside this call.
  virtual void closed() = 0;
};

}  // namespace lockstep::transport
