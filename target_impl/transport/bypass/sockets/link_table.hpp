// Which descriptors of this process are sockets of a Link. Looking up one that is none, which is
// what happens for every call on every other descriptor, is a read of one word.
#pragma once

#include "target_impl/transport/bypass/sockets/link.hpp"

#include <utility>

namespace lockstep::transport::bypass {

// A link, kept from its end while this exists.
class LinkUse {
 public:
  LinkUse() = default;
  explicit LinkUse(int slot) noexcept : slot_(slot) {}
  LinkUse(LinkUse&& other) noexcept : slot_(std::exchange(other.slot_, -1)) {}
  LinkUse& operator=(LinkUse&& other) noexcept {
    std::swap(slot_, other.slot_);
    return *this;
  }
  ~LinkUse();

  explicit operator bool() const noexcept { return slot_ >= 0; }
  Link* operator->() const noexcept;
  // Only one descriptor leads to the link, and nobody else is using it.
  [[nodiscard]] bool is_last() const noexcept;
  Link& operator*() const noexcept { return *operator->(); }

 private:
  int slot_ = -1;
};

// False: there has never been a link in this process.
[[nodiscard]] bool has_had_links() noexcept;
// Thread-safe. Descriptors above 65535 and links above 1024 at a time stay on TCP.
[[nodiscard]] LinkUse link_of(int descriptor) noexcept;
// The descriptor is a socket that has begun to connect.
void begin_link(int descriptor) noexcept;
// `copy` is a duplicate of `descriptor` now.
void copy_link(int descriptor, int copy) noexcept;
// The descriptor is about to be closed, or is none of ours.
void forget_link(int descriptor) noexcept;
// As often as there may be one in the range.
void forget_links(unsigned first, unsigned last) noexcept;

}  // namespace lockstep::transport::bypass
