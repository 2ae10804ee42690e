// What the connections of one server share: the targets it serves with their access rules, its
// addresses, the sessions that exist, and what memory they occupy. Each thread that serves
// connections has a Portal of its own, with buffers of its own; all else is common to them.
//
// Thread-safe, but for pool(), which belongs to the portal's thread, and for what sessions() and
// find_session() lead to: that may be touched only while the thread of that session stands still.
#pragma once

#include "target_impl/iscsi/access.hpp"
#include "target_impl/iscsi/buffer_pool.hpp"
#include "target_impl/iscsi/executor.hpp"
#include "target_impl/iscsi/parameters.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace lockstep::iscsi {

class Session;

struct SessionIdentity {
  std::string initiator;
  std::array<std::uint8_t, 6> isid{};
  std::string target;  // empty in a discovery session
  std::uint16_t tsih = 0;
  std::uint16_t connection_id = 0;
  std::uint16_t portal_group = 1;
};

struct ServedTarget {
  std::shared_ptr<CommandExecutor> executor;
  std::shared_ptr<const TargetAccess> access;  // names normalised
  explicit operator bool() const noexcept { return executor != nullptr; }
  [[nodiscard]] bool reached_through(std::uint16_t portal_group) const;
  // Whether this initiator, on this portal group, may log in.
  [[nodiscard]] bool admits(std::string_view initiator, std::uint16_t portal_group) const;
};

class Portal {
 public:
  explicit Portal(TargetParameters offered = {}, const ServerLimits& limits = {},
                  TargetAccess discovery = {});
  // For one more thread, beside `other`. While there are no connections.
  [[nodiscard]] static std::unique_ptr<Portal> beside(const Portal& other);
  ~Portal();
  Portal(const Portal&) = delete;
  Portal& operator=(const Portal&) = delete;

  // Names are compared in lower case. A name that is there already is replaced. Sessions are not
  // touched.
  void add(std::shared_ptr<CommandExecutor> executor, TargetAccess access = {});
  void remove(const std::string& target_name);
  [[nodiscard]] ServedTarget find(const std::string& target_name) const;
  [[nodiscard]] std::vector<ServedTarget> targets() const;
  [[nodiscard]] const std::shared_ptr<const TargetAccess>& discovery() const noexcept;

  // Where the server listens, with real ports. Set before the first connection.
  void set_addresses(std::vector<PortalAddress> addresses);
  [[nodiscard]] const std::vector<PortalAddress>& addresses() const noexcept;

  void enter(Session& session);
  void leave(Session& session) noexcept;
  // A copy: sessions may end while it is walked, so look each up with `exists`.
  [[nodiscard]] std::vector<Session*> sessions() const;
  [[nodiscard]] bool exists(const Session* session) const noexcept;
  // The session of the same initiator port with the same target port, if there is one.
  [[nodiscard]] Session* find_session(const SessionIdentity& identity) const noexcept;
  [[nodiscard]] std::uint16_t new_tsih();
  [[nodiscard]] std::uint64_t new_nexus_id() noexcept;

  [[nodiscard]] BufferPool& pool() noexcept { return pool_; }
  // Of all threads, at the most so far; they need not have been at their most together.
  [[nodiscard]] std::size_t most_lent_bytes() const noexcept;
  // Buffers that are lent, and requests that are held outside of them; of all threads.
  [[nodiscard]] std::size_t memory_in_use() const noexcept;
  void add_held(std::size_t bytes) noexcept;
  void remove_held(std::size_t bytes) noexcept;
  // Whether someone who occupies `own_bytes` may occupy `bytes` more. Those who are modest may use
  // the last eighth, which nobody else can take.
  [[nodiscard]] bool has_room(std::size_t bytes, std::size_t own_bytes) const noexcept;
  [[nodiscard]] const TargetParameters& offered() const noexcept;
  [[nodiscard]] const ConnectionLimits& limits() const noexcept { return limits_in_all().each; }
  [[nodiscard]] const ServerLimits& limits_in_all() const noexcept;

 private:
  struct Common;
  explicit Portal(std::shared_ptr<Common> common);

  const std::shared_ptr<Common> common_;
  BufferPool pool_;
};

}  // namespace lockstep::iscsi
