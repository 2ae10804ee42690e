#include "target_impl/iscsi/portal.hpp"

#include "target_impl/iscsi/session.hpp"
#include "target_impl/iscsi/text.hpp"

#include <algorithm>

namespace lockstep::iscsi {
namespace {

std::string map_key(const std::string& name) { return normalize_name(name).value_or(name); }

}  // namespace

void Portal::add(std::shared_ptr<CommandExecutor> executor) {
  std::string key = map_key(executor->target_name());
  const std::lock_guard lock(targets_mutex_);
  targets_[std::move(key)] = std::move(executor);
}

void Portal::remove(const std::string& target_name) {
  const std::string key = map_key(target_name);
  const std::lock_guard lock(targets_mutex_);
  targets_.erase(key);
}

std::shared_ptr<CommandExecutor> Portal::find(const std::string& target_name) const {
  const std::string key = map_key(target_name);
  const std::lock_guard lock(targets_mutex_);
  const auto found = targets_.find(key);
  return found == targets_.end() ? nullptr : found->second;
}

std::vector<std::string> Portal::target_names() const {
  std::vector<std::string> names;
  const std::lock_guard lock(targets_mutex_);
  names.reserve(targets_.size());
  for (const auto& [key, executor] : targets_) {
    names.push_back(executor->target_name());
  }
  return names;
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
           other.target == identity.target;
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
