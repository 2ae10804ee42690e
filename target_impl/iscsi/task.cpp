#include "target_impl/iscsi/task.hpp"

#include <algorithm>

namespace lockstep::iscsi {
namespace {

constexpr std::uint32_t kSlotBits = 12;
constexpr std::uint32_t kSlotMask = (1U << kSlotBits) - 1;

}  // namespace

TaskTable::TaskTable(std::size_t slots) : slots_(std::min<std::size_t>(slots, kSlotMask)) {
  active_.reserve(slots_.size());
  for (std::size_t i = slots_.size(); i > 0; --i) {
    free_.push_back(static_cast<std::uint16_t>(i - 1));
  }
}

Task* TaskTable::add() {
  if (free_.empty()) {
    return nullptr;
  }
  const std::uint16_t slot = free_.back();
  free_.pop_back();
  active_.push_back(slot);
  slots_[slot] = Task{};
  slots_[slot].active = true;
  return &slots_[slot];
}

void TaskTable::remove(Task& task) noexcept {
  const auto slot = static_cast<std::uint16_t>(&task - slots_.data());
  task.active = false;
  task.buffer.release();
  std::erase(active_, slot);
  free_.push_back(slot);
}

Task* TaskTable::find_by_tag(std::uint32_t tag) noexcept {
  for (const std::uint16_t slot : active_) {
    if (task_tag(slots_[slot].command) == tag) {
      return &slots_[slot];
    }
  }
  return nullptr;
}

Task* TaskTable::find_by_transfer_tag(std::uint32_t transfer_tag) noexcept {
  const std::uint32_t slot = transfer_tag & kSlotMask;
  if (slot >= slots_.size() || !slots_[slot].active) {
    return nullptr;
  }
  return &slots_[slot];
}

std::uint32_t TaskTable::new_transfer_tag(const Task& task) noexcept {
  const auto slot = static_cast<std::uint32_t>(&task - slots_.data());
  return (++generation_ << kSlotBits) | slot;
}

}  // namespace lockstep::iscsi
