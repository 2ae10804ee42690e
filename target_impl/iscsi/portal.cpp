#include "target_impl/iscsi/portal.hpp"

#include "target_impl/iscsi/session.hpp"
#include "target_impl/iscsi/text.hpp"

#include <algorithm>
#include <atomic>
#include <map>
#include <mutex>
#include <numeric>
#include <utility>

namespace lockstep::iscsi {
namespace {

std::string map_key(const std::string& name) { return normalize_name(name).value_or(name); }

}  // namespace

bool ServedTarget::reached_through(std::uint16_t portal_group) const {
  const auto& groups = access->portal_groups;
  return groups.empty() || std::find(groups.begin(), groups.end(), portal_group) != groups.end();
}

bool ServedTarget::admits(std::string_view initiator, std::uint16_t portal_group) const {
  return reached_through(portal_group) && iscsi::admits(access->initiators, initiator);
}

struct Portal::Common {
  TargetParameters offered;
  ServerLimits limits;
  std::shared_ptr<const TargetAccess> discovery;
  std::vector<PortalAddress> addresses;
  std::vector<const BufferPool*> pools;  // fixed before the first connection

  std::atomic<std::size_t> held_bytes{0};
  std::atomic<std::uint64_t> last_nexus_id{0};

  mutable std::mutex targets_mutex;
  std::map<std::string, ServedTarget> targets;
  mutable std::mutex sessions_mutex;
  std::vector<Session*> sessions;
  std::uint16_t last_tsih = 0;  // guarded by sessions_mutex
};

Portal::Portal(TargetParameters offered, const ServerLimits& limits, TargetAccess discovery)
    : Portal(std::make_shared<Common>()) {
  common_->offered = offered;
  common_->limits = limits;
  common_->discovery = std::make_shared<const TargetAccess>(normalized(std::move(discovery)));
}

Portal::Portal(std::shared_ptr<Common> common) : common_(std::move(common)) {
  common_->pools.push_back(&pool_);
}

Portal::~Portal() { std::erase(common_->pools, &pool_); }

std::unique_ptr<Portal> Portal::beside(const Portal& other) {
  return std::unique_ptr<Portal>(new Portal(other.common_));
}

const std::shared_ptr<const TargetAccess>& Portal::discovery() const noexcept {
  return common_->discovery;
}

void Portal::set_addresses(std::vector<PortalAddress> addresses) {
  common_->addresses = std::move(addresses);
}

const std::vector<PortalAddress>& Portal::addresses() const noexcept { return common_->addresses; }

const TargetParameters& Portal::offered() const noexcept { return common_->offered; }

const ServerLimits& Portal::limits_in_all() const noexcept { return common_->limits; }

void Portal::add(std::shared_ptr<CommandExecutor> executor, TargetAccess access) {
  std::string key = map_key(executor->target_name());
  ServedTarget target{std::move(executor),
                      std::make_shared<const TargetAccess>(normalized(std::move(access)))};
  const std::lock_guard lock(common_->targets_mutex);
  common_->targets[std::move(key)] = std::move(target);
}

void Portal::remove(const std::string& target_name) {
  const std::string key = map_key(target_name);
  const std::lock_guard lock(common_->targets_mutex);
  common_->targets.erase(key);
}

ServedTarget Portal::find(const std::string& target_name) const {
  const std::string key = map_key(target_name);
  const std::lock_guard lock(common_->targets_mutex);
  const auto found = common_->targets.find(key);
  return found == common_->targets.end() ? ServedTarget{} : found->second;
}

std::vector<ServedTarget> Portal::targets() const {
  std::vector<ServedTarget> all;
  const std::lock_guard lock(common_->targets_mutex);
  all.reserve(common_->targets.size());
  for (const auto& [key, target] : common_->targets) {
    all.push_back(target);
  }
  return all;
}

std::size_t Portal::most_lent_bytes() const noexcept {
  const auto& pools = common_->pools;
  return std::accumulate(
      pools.begin(), pools.end(), std::size_t{0},
      [](std::size_t sum, const BufferPool* pool) { return sum + pool->most_lent_bytes(); });
}

std::size_t Portal::memory_in_use() const noexcept {
  std::size_t bytes = common_->held_bytes.load(std::memory_order_relaxed);
  for (const BufferPool* pool : common_->pools) bytes += pool->lent_bytes();
  return bytes;
}

void Portal::add_held(std::size_t bytes) noexcept {
  common_->held_bytes.fetch_add(bytes, std::memory_order_relaxed);
}

void Portal::remove_held(std::size_t bytes) noexcept {
  common_->held_bytes.fetch_sub(bytes, std::memory_order_relaxed);
}

bool Portal::has_room(std::size_t bytes, std::size_t own_bytes) const noexcept {
  constexpr std::size_t kModestBytes = std::size_t{512} << 10;
  const std::size_t most = common_->limits.memory_bytes;
  const bool is_modest = own_bytes + bytes <= kModestBytes;
  const std::size_t reach = is_modest ? most : most - most / 8;
  const std::size_t used = memory_in_use();
  return used <= reach && bytes <= reach - used;
}

void Portal::enter(Session& session) {
  const std::lock_guard lock(common_->sessions_mutex);
  common_->sessions.push_back(&session);
}

void Portal::leave(Session& session) noexcept {
  const std::lock_guard lock(common_->sessions_mutex);
  std::erase(common_->sessions, &session);
}

std::vector<Session*> Portal::sessions() const {
  const std::lock_guard lock(common_->sessions_mutex);
  return common_->sessions;
}

bool Portal::exists(const Session* session) const noexcept {
  const std::lock_guard lock(common_->sessions_mutex);
  const auto& sessions = common_->sessions;
  return std::find(sessions.begin(), sessions.end(), session) != sessions.end();
}

Session* Portal::find_session(const SessionIdentity& identity) const noexcept {
  const std::lock_guard lock(common_->sessions_mutex);
  const auto& sessions = common_->sessions;
  const auto found = std::find_if(sessions.begin(), sessions.end(), [&](const Session* session) {
    const SessionIdentity& other = session->identity();
    return other.initiator == identity.initiator && other.isid == identity.isid &&
           other.target == identity.target && other.portal_group == identity.portal_group;
  });
  return found == sessions.end() ? nullptr : *found;
}

std::uint16_t Portal::new_tsih() {
  const std::lock_guard lock(common_->sessions_mutex);
  const auto taken = [this](std::uint16_t tsih) {
    return std::any_of(common_->sessions.begin(), common_->sessions.end(),
                       [tsih](const Session* session) { return session->identity().tsih == tsih; });
  };
  do {
    ++common_->last_tsih;
  } while (common_->last_tsih == 0 || taken(common_->last_tsih));
  return common_->last_tsih;
}

std::uint64_t Portal::new_nexus_id() noexcept {
  return common_->last_nexus_id.fetch_add(1, std::memory_order_relaxed) + 1;
}

}  // namespace lockstep::iscsi
