#include "target_impl/initiator/command_slot.hpp"

namespace lockstep::initiator {

CommandSlot& SlotList::append() {
  if (free_.empty()) {
    all_.push_back(std::make_unique<CommandSlot>());
    all_.back()->number = static_cast<std::uint32_t>(all_.size() - 1);
    free_.reserve(all_.size());
    free_.push_back(all_.back().get());
  }
  CommandSlot& slot = *free_.back();
  free_.pop_back();
  slot.previous = last_;
  slot.next = nullptr;
  (last_ != nullptr ? last_->next : first_) = &slot;
  last_ = &slot;
  ++size_;
  return slot;
}

void SlotList::release(CommandSlot& slot) noexcept {
  (slot.previous != nullptr ? slot.previous->next : first_) = slot.next;
  (slot.next != nullptr ? slot.next->previous : last_) = slot.previous;
  --size_;
  slot.task = nullptr;
  slot.refused = false;
  slot.buffer = {};
  slot.unit_attentions = 0;
  slot.parameters.clear();
  slot.done = nullptr;
  slot.wire = {};
  free_.push_back(&slot);
}

}  // namespace lockstep::initiator
