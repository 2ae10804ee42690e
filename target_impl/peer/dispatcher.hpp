// Which operation goes out next on a link's session. Internal; for one thread
// at a time.
#pragma once

#include "target_impl/iscsi/ring.hpp"
#include "target_impl/peer/operation.hpp"

#include <chrono>
#include <cstddef>
#include <functional>
#include <list>
#include <memory>
#include <optional>
#include <span>
#include <vector>

namespace lockstep::peer {

class Dispatcher {
 public:
  using Clock = std::chrono::steady_clock;
  // `ended` hears of every completion before the operation itself does.
  explicit Dispatcher(std::function<void(const initiator::Completion&)> ended)
      : ended_(std::move(ended)) {}

  // Notes what they change, together: one wait for the disk at most.
  void submit(std::span<Operation> operations);
  void add(std::shared_ptr<BulkSource> source) { bulk_.push_back({std::move(source), {}}); }
  // Queues on the session what may go out now.
  void fill(initiator::Session& session);
  // Tells the operations that have ended. Together, after all answers that had come were taken in:
  // those who wait for them are woken once.
  void tell_ended();
  void ask_for_a_sign_of_life(initiator::Session& session);
  // The session is over, and with it all that was under way: the rest, and what comes behind it,
  // ends the same way, and is told so.
  void cut_off(std::span<Operation> behind);
  [[nodiscard]] bool has_bulk() const noexcept { return !bulk_.empty() || bulk_under_way_ != 0; }
  [[nodiscard]] Clock::time_point last_answer() const noexcept { return last_answer_; }

 private:
  // Whom to tell of an operation.
  struct Told {
    store::BlockRange range;
    std::uint64_t number = 0;
    std::shared_ptr<ChangeEnds> ends;
    initiator::Done done;
  };
  struct UnderWay {
    bool bulk = false;
    std::size_t busy = 0;  // where its blocks stand in busy_
    Bytes bytes;           // that go out, or have
    Told told;
  };
  // Blocks that are being changed; of a command that changes none: the end lies before the first.
  struct Busy {
    std::uint64_t first = 1;
    std::uint64_t end = 0;
    std::uint16_t lun = 0;
    UnderWay* by = nullptr;
  };
  struct Ended {
    Told told;
    initiator::Completion completion;
  };
  struct Bulk {
    std::shared_ptr<BulkSource> source;
    std::optional<Operation> held;  // asked for, but overlaps something under way
  };

  [[nodiscard]] bool must_wait(const Operation& operation) const noexcept;
  [[nodiscard]] static Told told_of(Operation& operation);
  void end(Told told, const initiator::Completion& ended);
  void ended(std::list<UnderWay>::iterator one, const initiator::Completion& ended);
  void send(initiator::Session& session, Operation operation, bool bulk);
  // False: this source has nothing to send now. `over`: nor later.
  bool send_from(Bulk& bulk, initiator::Session& session, bool& over);

  const std::function<void(const initiator::Completion&)> ended_;
  iscsi::Ring<Operation> waiting_;
  std::list<Bulk> bulk_;
  std::list<UnderWay> under_way_;
  std::list<UnderWay> unused_;
  std::vector<Busy> busy_;  // of under_way_, in any order: every change is held against all of it
  std::vector<Ended> ended_operations_;
  // While they are told; kept for their memory.
  std::vector<Ended> told_operations_;
  std::vector<ChangeEnds::End> told_ends_;
  std::size_t bulk_under_way_ = 0;
  bool has_answers_ = false;  // since it was noted when
  Clock::time_point last_answer_ = Clock::now();
};

}  // namespace lockstep::peer
