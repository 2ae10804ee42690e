// Commands whose data-out has not all arrived yet. Others never become tasks: they end where they
// begin.
#pragma once

#include "target_impl/iscsi/buffer_pool.hpp"
#include "target_impl/iscsi/pdu.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace lockstep::iscsi {

inline constexpr std::size_t kMaxOutstandingR2t = 16;

struct ReadyToTransfer {
  std::uint32_t transfer_tag = 0;
  std::size_t limit = 0;  // offset behind its last byte
};

struct Task {
  bool active = false;
  Header command{};
  std::size_t expected_in = 0;
  std::size_t expected_out = 0;  // what the initiator announced
  std::size_t wanted = 0;        // what is collected of it
  std::size_t received = 0;      // contiguous from the start
  PooledBuffer buffer;
  std::size_t accounted = 0;  // of the connection's allowance

  bool unsolicited_open = false;  // more Data-Out will come unasked
  std::size_t unsolicited_limit = 0;
  std::uint32_t next_data_sn = 0;  // within the sequence that is being received
  std::size_t requested = 0;       // offset behind the last R2T sent
  std::uint32_t r2t_count = 0;
  std::array<ReadyToTransfer, kMaxOutstandingR2t> outstanding{};
  std::size_t outstanding_count = 0;
  bool waits_for_room = false;
  // Its data was wrong: it is drained and ends with CHECK CONDITION.
  bool failed = false;
  std::uint16_t failure_code = 0;  // ASC and ASCQ, with ABORTED COMMAND

  [[nodiscard]] bool is_complete() const noexcept {
    const bool quiet = !unsolicited_open && outstanding_count == 0;
    return quiet && (failed || received >= wanted);
  }
  void pop_request() noexcept {
    for (std::size_t i = 1; i < outstanding_count; ++i) {
      outstanding[i - 1] = outstanding[i];
    }
    --outstanding_count;
    next_data_sn = 0;
  }
};

// A fixed number of slots. Transfer tags carry the slot, so a Data-Out finds its task at once.
class TaskTable {
 public:
  explicit TaskTable(std::size_t slots);

  [[nodiscard]] Task* add();  // null: full
  void remove(Task& task) noexcept;
  [[nodiscard]] Task* find_by_tag(std::uint32_t task_tag) noexcept;
  [[nodiscard]] Task* find_by_transfer_tag(std::uint32_t transfer_tag) noexcept;
  // Never kReservedTag, and not the same again for a long time.
  [[nodiscard]] std::uint32_t new_transfer_tag(const Task& task) noexcept;
  [[nodiscard]] bool empty() const noexcept { return active_.empty(); }
  // Slots in use, in no order. Removing invalidates the walk.
  [[nodiscard]] const std::vector<std::uint16_t>& active() const noexcept { return active_; }
  [[nodiscard]] Task& at(std::uint16_t slot) noexcept { return slots_[slot]; }

 private:
  std::vector<Task> slots_;
  std::vector<std::uint16_t> free_;
  std::vector<std::uint16_t> active_;
  std::uint32_t generation_ = 0;
};

}  // namespace lockstep::iscsi
