#include "target_impl/peer/dispatcher.hpp"

#include "target_impl/peer/pieces.hpp"
#include "target_impl/transport/wake_together.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <utility>

namespace lockstep::peer {
namespace {

constexpr std::size_t kUnderWayMax = 128;
constexpr std::size_t kBulkUnderWayMax = 8;

}  // namespace

void Dispatcher::submit(std::span<Operation> operations) {
  std::map<ChangeRecord*, Ranges> changes;
  for (const Operation& operation : operations) {
    if (operation.record != nullptr) changes[operation.record.get()].push_back(operation.range);
  }
  std::erase_if(changes, [](const auto& change) { return change.first->note(change.second); });
  for (Operation& operation : operations) {
    if (changes.contains(operation.record.get())) {
      end(told_of(operation), {initiator::Outcome::Cancelled, {}, 0, false});
    } else {
      waiting_.push_back(std::move(operation));
    }
  }
}

Dispatcher::Told Dispatcher::told_of(Operation& operation) {
  return {operation.range, operation.number, std::move(operation.ends), std::move(operation.done)};
}

void Dispatcher::end(Told told, const initiator::Completion& ended) {
  ended_(ended);
  ended_operations_.push_back({std::move(told), ended});
}

bool Dispatcher::must_wait(const Operation& operation) const noexcept {
  if (operation.range.count.value == 0) return false;
  const std::uint64_t first = operation.range.first.value;
  const std::uint64_t end = first + operation.range.count.value;
  return std::any_of(busy_.begin(), busy_.end(), [&](const Busy& other) {
    return other.first < end && first < other.end && other.lun == operation.lun;
  });
}

void Dispatcher::send(initiator::Session& session, Operation operation, bool bulk) {
  if (unused_.empty()) unused_.emplace_back();
  under_way_.splice(under_way_.end(), unused_, unused_.begin());
  const auto here = std::prev(under_way_.end());
  const store::BlockRange range = operation.range;
  busy_.push_back({1, 0, operation.lun, &*here});
  if (range.count.value != 0) {
    busy_.back().first = range.first.value;
    busy_.back().end = range.first.value + range.count.value;
  }
  *here = {bulk, busy_.size() - 1, std::move(operation.bytes), told_of(operation)};
  if (bulk) ++bulk_under_way_;
  // Called inside the session's loop, when fill() is not running.
  initiator::Done done = [this, here](const initiator::Completion& completion) {
    ended(here, completion);
  };
  if (here->bytes != nullptr) {
    send_write(session, operation.lun, range, operation.fua, *here->bytes, std::move(done));
  } else {
    operation.send(session, std::move(done));
  }
}

void Dispatcher::ended(std::list<UnderWay>::iterator one, const initiator::Completion& completion) {
  if (one->bulk) --bulk_under_way_;
  // The last takes its place.
  busy_[one->busy] = busy_.back();
  busy_[one->busy].by->busy = one->busy;
  busy_.pop_back();
  Told told = std::move(one->told);
  one->bytes.reset();
  unused_.splice(unused_.begin(), under_way_, one);
  has_answers_ = has_answers_ || !was_cut_off(completion);
  end(std::move(told), completion);
}

void Dispatcher::tell_ended() {
  if (std::exchange(has_answers_, false)) last_answer_ = Clock::now();
  if (ended_operations_.empty()) return;
  const transport::WakeTogether together;
  told_operations_.swap(ended_operations_);
  const auto& all = told_operations_;
  for (std::size_t i = 0; i != all.size(); ++i) {
    const auto& [told, completion] = all[i];
    if (told.ends == nullptr) {
      told.done(completion);
      continue;
    }
    told_ends_.push_back({told.number, told.range, completion});
    if (i + 1 == all.size() || all[i + 1].told.ends != told.ends) {
      told.ends->ended(told_ends_);
      told_ends_.clear();
    }
  }
  told_operations_.clear();
}

bool Dispatcher::send_from(Bulk& bulk, initiator::Session& session, bool& over) {
  if (!bulk.held) {
    auto more = BulkSource::More::No;
    bulk.held = bulk.source->next(more);
    if (!bulk.held) {
      over = more == BulkSource::More::No;
      return false;
    }
  }
  if (bulk.source->is_abandoned()) {
    // Never later: it would overwrite what has been sent since.
    bulk.held->done({initiator::Outcome::Cancelled, {}, 0, false});
    over = true;
    return false;
  }
  if (must_wait(*bulk.held)) return false;
  send(session, *std::exchange(bulk.held, std::nullopt), true);
  return true;
}

void Dispatcher::fill(initiator::Session& session) {
  while (!waiting_.empty() && under_way_.size() < kUnderWayMax && !must_wait(waiting_.front())) {
    Operation next = std::move(waiting_.front());
    waiting_.pop_front();
    send(session, std::move(next), false);
  }
  // In turn, so that no copy waits for another's end.
  bool any = true;
  while (any) {
    any = false;
    for (auto bulk = bulk_.begin(); bulk != bulk_.end() && bulk_under_way_ < kBulkUnderWayMax;) {
      bool over = false;
      any = send_from(*bulk, session, over) || any;
      bulk = over ? bulk_.erase(bulk) : std::next(bulk);
    }
    any = any && bulk_under_way_ < kBulkUnderWayMax;
  }
}

void Dispatcher::ask_for_a_sign_of_life(initiator::Session& session) {
  last_answer_ = Clock::now();  // asked again only after the next interval
  Operation question;
  question.send = [](initiator::Session& to, initiator::Done done) {
    constexpr std::array<std::uint8_t, 6> kTestUnitReady{};
    to.command(0, kTestUnitReady, {}, {}, std::move(done));
  };
  question.done = [](const initiator::Completion&) {};
  send(session, std::move(question), false);
}

void Dispatcher::cut_off(std::span<Operation> behind) {
  const initiator::Completion lost{initiator::Outcome::ConnectionLost, {}, 0, false};
  ended_(lost);
  for (; !waiting_.empty(); waiting_.pop_front()) end(told_of(waiting_.front()), lost);
  for (Operation& operation : behind) end(told_of(operation), lost);
  tell_ended();
  for (Bulk& bulk : std::exchange(bulk_, {})) {
    if (bulk.held) bulk.held->done(lost);
    bulk.source->cut_off();
  }
}

}  // namespace lockstep::peer
