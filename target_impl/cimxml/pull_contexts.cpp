#include "target_impl/cimxml/pull_contexts.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace lockstep::cimxml {
namespace {

constexpr std::size_t kMostOpen = 64;

}  // namespace

void PullContexts::forget_old() {
  const auto now = std::chrono::steady_clock::now();
  std::erase_if(open_, [&](const auto& entry) { return entry.second.expires < now; });
}

PullContexts::Taken PullContexts::take(const std::string& context, Pull& pull, std::size_t most) {
  Taken taken;
  const std::size_t count = std::min(most, pull.left.size());
  const auto end = pull.left.begin() + static_cast<std::ptrdiff_t>(count);
  taken.items.assign(std::make_move_iterator(pull.left.begin()), std::make_move_iterator(end));
  pull.left.erase(pull.left.begin(), end);
  taken.end = pull.left.empty();
  taken.context = context;
  pull.expires = std::chrono::steady_clock::now() + pull.timeout;
  return taken;
}

std::optional<PullContexts::Taken> PullContexts::open(Pull pull, std::size_t most) {
  const std::lock_guard lock(mutex_);
  forget_old();
  const std::string context = "lockstep-" + std::to_string(++last_);
  Taken taken = take(context, pull, most);
  if (taken.end) return taken;
  if (open_.size() >= kMostOpen) return std::nullopt;
  open_.emplace(context, std::move(pull));
  return taken;
}

std::optional<PullContexts::Taken> PullContexts::pull(const std::string& context, bool paths_only,
                                                      std::size_t most) {
  const std::lock_guard lock(mutex_);
  forget_old();
  const auto found = open_.find(context);
  if (found == open_.end() || found->second.paths_only != paths_only) return std::nullopt;
  Taken taken = take(context, found->second, most);
  if (taken.end) open_.erase(found);
  return taken;
}

bool PullContexts::close(const std::string& context) {
  const std::lock_guard lock(mutex_);
  forget_old();
  return open_.erase(context) != 0;
}

}  // namespace lockstep::cimxml
