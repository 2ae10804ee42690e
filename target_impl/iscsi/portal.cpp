#include "target_impl/iscsi/portal.hpp"

#include "target_impl/iscsi/session.hpp"
#include "target_impl/iscsi/text.hpp"

#include <algorithm>

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

void Portal::add(std::shared_ptr<CommandExecutor> executor, TargetAccess access) {
  std::string key = map_key(executor->target_name());
  ServedTarget target{std::move(executor),
                      std::make_shared<const TargetAccess>(normalized(std::move(access)))};
  const std::lock_guard lock(targets_mutex_);
  targets_[std::move(key)] = std::move(target);
}

void Portal::remove(const std::string& target_name) {
  const std::string key = map_key(target_name);
  const std::lock_guard lock(targets_mutex_);
  targets_.erase(key);
}

ServedTarget Portal::find(const std::string& target_name) const {
  const std::string key = map_key(target_name);
  const std::lock_guard lock(targets_mutex_);
  const auto found = targets_.find(key);
  return found == targets_.end() ? ServedTarget{} : found->second;
}

std::vector<ServedTarget> Portal::targets() const {
  std::vector<ServedTarget> all;
  const std::lock_guard lock(targets_mutex_);
  all.reserve(targets_.size());
  for (const auto& [key, target] : targets_) {
    all.push_back(target);
  }
  return all;
}

bool Portal::has_room(std::size_t bytes, std::size_t own_bytes) const noexcept {
  constexpr std::size_t kModestBytes = std::size_t{512} << 10;
  const std::size_t most = limits_.memory_bytes;
  const bool is_modest = own_bytes + bytes <= kModestBytes;
  const std::size_t reach = is_modest ? most : most - most / 8;
  const std::size_t used = memory_in_use();
  return used <= reach && bytes <= reach - used;
}

void Portal::enter(Session& session) { sessions_.push_back(&session); }

void Portal::leave(Session& session) noexcept { std::erase(sessions_, &session); }

bool Portal::exists(const Session* session) const noexcept {
  return std::find(sessions_.begin(), sessions_.end(), session) != sessions_.end();
}

Session* Portal::find_session(const SessionIdentity& identity) const noexcept {
  const auto found = std::find_if(sessions_.begin(), sessions_.end(), [&](const Session* session) {
    const SessionIdentity& other = session->identity();
    return other.initiator == identity.initiator && other.isid == identity.isid &&
           other.target == identity.target && other.portal_group == identity.portal_group;
  });
  return found == sessions_.end() ? nullptr : *found;
}

std::uint16_t Portal::new_tsih() {
  const auto taken = [this](std::uint16_t tsih) {
    return std::any_of(sessions_.begin(), sessions_.end(),
                       [tsih](const Session* session) { return session->identity().tsih == tsih; });
  };
  do {
    ++last_tsih_;
  } while (last_tsih_ == 0 || taken(last_tsih_));
  return last_tsih_;
}

}  // namespace lockstep::iscsi
