// One command of a session, from submission to completion, and the pool that such slots live in.
// Internal.
//
// libiscsi forgets some callbacks when a connection ends (after a logout by the target, for one),
// so the session's own list of slots, not libiscsi, decides what is outstanding.
#pragma once

#include "target_impl/initiator/initiator.hpp"

#include <iscsi/iscsi.h>
#include <iscsi/scsi-lowlevel.h>

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

namespace lockstep::initiator {

class LibiscsiSession;

// How far a command has got that goes out without libiscsi.
struct WireState {
  std::uint32_t tag = 0;         // 0: not on the way
  std::size_t moved = 0;         // bytes of data-in that have come, or of data-out that have gone
  std::uint64_t sent_until = 0;  // where its bytes end in the stream
};

struct CommandSlot {
  LibiscsiSession* session = nullptr;  // with libiscsi
  CommandSlot* previous = nullptr;
  CommandSlot* next = nullptr;

  scsi_task* task = nullptr;  // libiscsi's; absent until the login has ended
  std::array<std::uint8_t, 16> cdb{};
  std::uint8_t cdb_bytes = 0;
  std::uint16_t lun = 0;
  bool reads = false;
  bool refused = false;
  scsi_iovec buffer{};  // no bytes: no data
  unsigned unit_attentions = 0;
  std::chrono::steady_clock::time_point deadline;
  std::vector<std::byte> parameters;  // data-out that the session made itself
  Done done;

  std::uint32_t number = 0;  // its own, for ever
  WireState wire;
};

// A doubly linked list in order of submission, and the free slots. Steady state: no allocation.
class SlotList {
 public:
  // A slot at the end of the list.
  CommandSlot& append();
  // Takes the slot out; it may be handed out again at once.
  void release(CommandSlot& slot) noexcept;

  [[nodiscard]] CommandSlot* first() const noexcept { return first_; }
  // By its number; null: there has never been one of that number.
  [[nodiscard]] CommandSlot* find(std::size_t number) const noexcept {
    return number < all_.size() ? all_[number].get() : nullptr;
  }
  [[nodiscard]] std::size_t size() const noexcept { return size_; }

 private:
  std::vector<std::unique_ptr<CommandSlot>> all_;
  std::vector<CommandSlot*> free_;
  CommandSlot* first_ = nullptr;
  CommandSlot* last_ = nullptr;
  std::size_t size_ = 0;
};

}  // namespace lockstep::initiator
