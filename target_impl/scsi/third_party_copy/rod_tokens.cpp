#include "target_impl/scsi/third_party_copy/rod_tokens.hpp"

#include <openssl/rand.h>

#include <algorithm>
#include <utility>

namespace lockstep::scsi {

RodTokens::RodTokens(CopyLimits limits, Clock clock) : limits_(limits), clock_(std::move(clock)) {
  // Identifiers only have to differ from each other; a random start keeps those of two runs apart.
  if (RAND_bytes(reinterpret_cast<unsigned char*>(&next_identifier_), sizeof next_identifier_) !=
      1) {
    next_identifier_ = 1;
  }
}

RodTokens::~RodTokens() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  if (reaper_.joinable()) {
    reaper_.join();
  }
}

std::shared_ptr<RodTokens> RodTokens::of_process() {
  static const auto table = std::make_shared<RodTokens>();
  return table;
}

void RodTokens::add_target(const std::string& name) {
  const std::lock_guard lock(mutex_);
  ++targets_[name];
}

void RodTokens::remove_target(const std::string& name) {
  const std::lock_guard lock(mutex_);
  const auto found = targets_.find(name);
  if (found != targets_.end() && --found->second == 0) {
    targets_.erase(found);
  }
}

std::size_t RodTokens::cost_of(const Rod& rod) noexcept {
  constexpr std::size_t kPerPart = 3 * sizeof(std::uint64_t);
  return sizeof(Live) + sizeof(Rod) + rod.parts() * kPerPart;
}

RodTokens::Instant RodTokens::now() const {
  return clock_ ? clock_() : std::chrono::steady_clock::now();
}

void RodTokens::end(Lives::iterator live, AdditionalSense reason, Released& released) {
  const Instant forgotten = now() + 2 * std::chrono::seconds(limits_.lifetime_s);
  live_bytes_ -= cost_of(*live->second.rod);
  released.push_back(std::move(live->second.rod));
  dead_.insert_or_assign(live->first, Dead{live->second.bytes, reason, forgotten});
  dead_order_.push_back(live->first);
  live_.erase(live);
}

void RodTokens::end_due(Instant now, Released& released) {
  for (auto at = live_.begin(); at != live_.end();) {
    const auto live = at++;
    if (live->second.due() <= now) {
      end(live, AdditionalSense::TokenExpired, released);
    }
  }
  while (!dead_order_.empty() && (dead_order_.size() > limits_.max_dead_tokens ||
                                  dead_.at(dead_order_.front()).forgotten <= now)) {
    dead_.erase(dead_order_.front());
    dead_order_.pop_front();
  }
}

std::variant<TokenBytes, Sense> RodTokens::create(Order order) {
  const auto refused = [](SenseKey key, AdditionalSense reason) {
    return Sense{key, reason, {}, {}};
  };
  Released released;
  const std::unique_lock lock(mutex_);
  const Instant now = this->now();
  end_due(now, released);
  if (live_.size() >= limits_.max_tokens) {
    return refused(SenseKey::IllegalRequest, AdditionalSense::InsufficientResourcesForRodToken);
  }
  if (live_bytes_ + cost_of(*order.rod) > limits_.max_token_table_bytes) {
    return refused(SenseKey::IllegalRequest, AdditionalSense::InsufficientResourcesForRod);
  }
  order.fields.identifier = next_identifier_++;
  Live live{{},
            std::move(order.rod),
            now + std::chrono::seconds(limits_.lifetime_s),
            order.inactivity,
            now};
  if (!make_token(order.fields, live.bytes)) {
    return refused(SenseKey::HardwareError, AdditionalSense::InternalTargetFailure);
  }
  live_bytes_ += cost_of(*live.rod);
  const TokenBytes bytes = live.bytes;
  live_.emplace(order.fields.identifier, std::move(live));
  if (!clock_ && !reaper_.joinable()) {
    reaper_ = std::thread([this] { reap(); });
  }
  changed_.notify_all();
  return bytes;
}

std::variant<RodTokens::Use, AdditionalSense> RodTokens::redeem(TokenView token) {
  if (const AdditionalSense fault = fault_of_token(token); fault != AdditionalSense::None) {
    return fault;
  }
  const std::uint64_t identifier = identifier_of(token);
  Released released;
  const std::unique_lock lock(mutex_);
  end_due(now(), released);
  if (const auto found = live_.find(identifier); found != live_.end()) {
    Live& live = found->second;
    if (!equal_tokens(token, live.bytes)) {
      return AdditionalSense::TokenCorrupt;
    }
    ++live.uses;
    return Use(*this, identifier, live.rod);
  }
  if (const auto found = dead_.find(identifier); found != dead_.end()) {
    return equal_tokens(token, found->second.bytes) ? found->second.reason
                                                    : AdditionalSense::TokenCorrupt;
  }
  const bool ours = std::any_of(targets_.begin(), targets_.end(), [token](const auto& target) {
    return is_made_by(token, target.first);
  });
  return ours ? AdditionalSense::TokenUnknown : AdditionalSense::RemoteTokenNotSupported;
}

RodTokens::Use::~Use() {
  if (table_ != nullptr) {
    table_->finish_use(identifier_);
  }
}

void RodTokens::Use::delete_token() const { table_->delete_token(identifier_); }

void RodTokens::finish_use(std::uint64_t identifier) {
  {
    const std::lock_guard lock(mutex_);
    const auto found = live_.find(identifier);
    if (found == live_.end()) {
      return;
    }
    --found->second.uses;
    found->second.idle_since = now();
  }
  changed_.notify_all();
}

void RodTokens::delete_token(std::uint64_t identifier) {
  Released released;
  const std::unique_lock lock(mutex_);
  if (const auto found = live_.find(identifier); found != live_.end()) {
    end(found, AdditionalSense::TokenDeleted, released);
  }
}

void RodTokens::end_if(AdditionalSense reason, const std::function<bool(const Live&)>& chosen) {
  Released released;
  const std::unique_lock lock(mutex_);
  for (auto at = live_.begin(); at != live_.end();) {
    const auto live = at++;
    if (chosen(live->second)) {
      end(live, reason, released);
    }
  }
}

void RodTokens::cancel(const store::Volume& volume) {
  end_if(AdditionalSense::TokenCancelled,
         [&volume](const Live& live) { return live.rod->origin() == &volume; });
}

void RodTokens::revoke_all() {
  end_if(AdditionalSense::TokenRevoked, [](const Live& /*live*/) { return true; });
}

std::size_t RodTokens::alive() const {
  const std::lock_guard lock(mutex_);
  return live_.size();
}

void RodTokens::reap() {
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    Released released;
    end_due(now(), released);
    if (!released.empty()) {
      lock.unlock();
      released.clear();
      lock.lock();
      continue;
    }
    if (live_.empty()) {
      changed_.wait(lock);
      continue;
    }
    const auto next = std::min_element(
        live_.begin(), live_.end(),
        [](const auto& a, const auto& b) { return a.second.due() < b.second.due(); });
    changed_.wait_until(lock, next->second.due());
  }
}

}  // namespace lockstep::scsi
