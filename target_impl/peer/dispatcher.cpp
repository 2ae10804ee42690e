#include "target_impl/peer/dispatcher.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace lockstep::peer {
namespace {

constexpr std::size_t kUnderWayMax = 128;
constexpr std::size_t kBulkUnderWayMax = 8;

bool overlap(const store::BlockRange& a, const store::BlockRange& b) noexcept {
  return a.first.value < b.first.value + b.count.value &&
         b.first.value < a.first.value + a.count.value;
}

}  // namespace

bool Dispatcher::must_wait(const Operation& operation) const noexcept {
  if (operation.range.count.value == 0) return false;
  return std::any_of(under_way_.begin(), under_way_.end(), [&](const UnderWay& other) {
    return other.lun == operation.lun && other.range.count.value != 0 &&
           overlap(other.range, operation.range);
  });
}

void Dispatcher::send(initiator::Session& session, Operation operation, bool bulk) {
  under_way_.push_back({operation.lun, operation.range, bulk});
  if (bulk) ++bulk_under_way_;
  const auto here = std::prev(under_way_.end());
  // The session's `done` is called inside its loop, when fill() is not running.
  const auto send = std::move(operation.send);
  send(session, [this, here, done = std::move(operation.done)](const initiator::Completion& ended) {
    if (here->bulk) --bulk_under_way_;
    under_way_.erase(here);
    if (!was_cut_off(ended)) last_answer_ = Clock::now();
    ended_(ended);
    ended_operations_.push_back({done, ended});
  });
}

void Dispatcher::tell_ended() {
  for (const Ended& operation : std::exchange(ended_operations_, {})) {
    operation.done(operation.completion);
  }
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

void Dispatcher::cut_off() {
  tell_ended();
  const initiator::Completion lost{initiator::Outcome::ConnectionLost, {}, 0, false};
  ended_(lost);
  for (Operation& operation : std::exchange(waiting_, {})) operation.done(lost);
  for (Bulk& bulk : std::exchange(bulk_, {})) {
    if (bulk.held) bulk.held->done(lost);
    bulk.source->cut_off();
  }
}

}  // namespace lockstep::peer
