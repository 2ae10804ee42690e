// What the connections of one server share: the targets it serves with their access rules, its
// addresses, the sessions that exist, and the memory pool. Targets may be added and removed from
// any thread; everything else belongs to the thread of the event loop.
#pragma once

#include "target_impl/iscsi/access.hpp"
#include "target_impl/iscsi/buffer_pool.hpp"
#include "target_impl/iscsi/executor.hpp"
#include "target_impl/iscsi/parameters.hpp"

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
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
                  TargetAccess discovery = {})
      : offered_(offered),
        limits_(limits),
        discovery_(std::make_shared<const TargetAccess>(normalized(std::move(discovery)))) {}
  Portal(const Portal&) = delete;
  Portal& operator=(const Portal&) = delete;

  // Names are compared in lower case. A name that is there already is replaced. Sessions are not
  // touched.
  void add(std::shared_ptr<CommandExecutor> executor, TargetAccess access = {});
  void remove(const std::string& target_name);
  [[nodiscard]] ServedTarget find(const std::string& target_name) const;
  [[nodiscard]] std::vector<ServedTarget> targets() const;
  [[nodiscard]] const std::shared_ptr<const TargetAccess>& discovery() const noexcept {
    return discovery_;
  }

  // Where the server listens, with real ports. Set before the first connection.
  void set_addresses(std::vector<PortalAddress> addresses) { addresses_ = std::move(addresses); }
  [[nodiscard]] const std::vector<PortalAddress>& addresses() const noexcept { return addresses_; }

  void enter(Session& session);
  void leave(Session& session) noexcept;
  // A copy: sessions may end while it is walked, so look each up with `exists`.
  [[nodiscard]] std::vector<Session*> sessions() const { return sessions_; }
  [[nodiscard]] bool exists(const Session* session) const noexcept;
  // The session of the same initiator port with the same target port, if there is one.
  [[nodiscard]] Session* find_session(const SessionIdentity& identity) const noexcept;
  [[nodiscard]] std::uint16_t new_tsih();
  [[nodiscard]] std::uint64_t new_nexus_id() noexcept { return ++last_nexus_id_; }

  [[nodiscard]] BufferPool& pool() noexcept { return pool_; }
  // Buffers that are lent, and requests that are held outside of them.
  [[nodiscard]] std::size_t memory_in_use() const noexcept {
    return pool_.lent_bytes() + held_bytes_;
  }
  void add_held(std::size_t bytes) noexcept { held_bytes_ += bytes; }
  void remove_held(std::size_t bytes) noexcept { held_bytes_ -= bytes; }
  // Whether someone who occupies `own_bytes` may occupy `bytes` more. Those who are modest may use
  // the last eighth, which nobody else can take.
  [[nodiscard]] bool has_room(std::size_t bytes, std::size_t own_bytes) const noexcept;
  [[nodiscard]] const TargetParameters& offered() const noexcept { return offered_; }
  [[nodiscard]] const ConnectionLimits& limits() const noexcept { return limits_.each; }
  [[nodiscard]] const ServerLimits& limits_in_all() const noexcept { return limits_; }

 private:
  const TargetParameters offered_;
  const ServerLimits limits_;
  const std::shared_ptr<const TargetAccess> discovery_;
  std::vector<PortalAddress> addresses_;
  BufferPool pool_;
  std::size_t held_bytes_ = 0;
  mutable std::mutex targets_mutex_;
  std::map<std::string, ServedTarget> targets_;
  std::vector<Session*> sessions_;
  std::uint64_t last_nexus_id_ = 0;
  std::uint16_t last_tsih_ = 0;
};

}  // namespace lockstep::iscsi
