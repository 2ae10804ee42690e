// The loop of a session: waiting, deadlines, and the end of commands and of the session.
#include "target_impl/initiator/basic_session.hpp"

#include "target_impl/initiator/batching_session.hpp"
#include "target_impl/initiator/session.hpp"

#include <algorithm>
#include <poll.h>
#include <utility>

namespace lockstep::initiator {
namespace {

constexpr unsigned kUnitAttentionsMax = 4;

bool is_unit_attention(const DataAnswer& answer) noexcept {
  return answer.scsi_status == SCSI_STATUS_CHECK_CONDITION &&
         answer.sense_key == SCSI_SENSE_UNIT_ATTENTION;
}

}  // namespace

int wait_ms(std::chrono::steady_clock::time_point when, std::chrono::steady_clock::time_point now) {
  if (when <= now) return 0;
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(when - now).count();
  return static_cast<int>(std::min<std::int64_t>(left, 60'000));
}

BasicSession::BasicSession(std::string portal, std::string target_name,
                           const SessionOptions& options)
    : portal_(std::move(portal)),
      target_name_(std::move(target_name)),
      options_(options),
      login_deadline_(Clock::now() + options.connect_timeout) {}

std::string BasicSession::subject() const { return "target " + target_name_ + " at " + portal_; }

Error BasicSession::login_timeout() const {
  const std::string within = std::to_string(options_.connect_timeout.count()) + " ms";
  if (state_ == State::Connecting) {
    return transport_error(subject() + ": expected a TCP connection within " + within +
                           ", the portal did not answer; check address, port and firewall");
  }
  return transport_error(subject() + ": expected an answer to the login within " + within +
                         ", the portal accepted the connection and said nothing; check that an " +
                         "iSCSI target listens on that port");
}

std::optional<std::chrono::steady_clock::time_point> BasicSession::next_deadline() const noexcept {
  if (lost_ || refused_ > 0) return Clock::time_point::min();
  if (state_ != State::Open) return login_deadline_;
  if (slots_.first() == nullptr) return std::nullopt;
  return slots_.first()->deadline;
}

Status BasicSession::service(short revents) {
  if (inside_loop_) return ok();  // called from inside a `done`
  if (state_ != State::Over && revents != 0) {
    inside_loop_ = true;
    serve(revents);
    inside_loop_ = false;
  }
  if ((revents & POLLIN) == 0) take_late_input();
  check_deadlines();
  complete_refused();
  return settle();
}

Status BasicSession::run_once(std::chrono::milliseconds wait) {
  if (inside_loop_) return ok();
  LOCKSTEP_TRY(flush_submissions());
  if (state_ == State::Over) return service(0);
  const auto now = Clock::now();
  auto until =
      now + std::clamp(wait, std::chrono::milliseconds{0}, std::chrono::milliseconds{60'000});
  if (const auto deadline = next_deadline()) until = std::min(until, *deadline);
  pollfd waiting{descriptor(), events(), 0};
  const int ready = ::poll(&waiting, 1, wait_ms(until, now));
  return service(ready > 0 ? waiting.revents : short{0});
}

Status BasicSession::run_until_idle() {
  while (slots_.size() > 0) {
    LOCKSTEP_TRY(run_once(std::chrono::minutes{1}));
  }
  return ok();
}

Status BasicSession::finish_login() {
  while (state_ != State::Open) {
    LOCKSTEP_TRY(run_once(std::chrono::minutes{1}));
  }
  return ok();
}

void BasicSession::open() {
  state_ = State::Open;
  for (CommandSlot* slot = slots_.first(); slot != nullptr; slot = slot->next) {
    if (!slot->refused) send(*slot);
  }
}

// What has come in time is not held against a target because nobody has looked.
void BasicSession::take_late_input() {
  const auto deadline = next_deadline();
  if (lost_ || state_ != State::Open || !deadline || *deadline > Clock::now()) return;
  pollfd waiting{descriptor(), POLLIN, 0};
  if (::poll(&waiting, 1, 0) <= 0) return;
  inside_loop_ = true;
  serve(waiting.revents);
  inside_loop_ = false;
}

void BasicSession::check_deadlines() {
  if (lost_ || state_ == State::Over) return;
  const auto deadline = next_deadline();
  if (!deadline || *deadline > Clock::now() || refused_ > 0) return;
  if (state_ != State::Open) {
    mark_lost(login_timeout());
    return;
  }
  mark_lost(transport_error(subject() + ": expected an answer to a command within " +
                            std::to_string(options_.command_timeout.count()) +
                            " ms, none came; the session was ended"),
            Outcome::TimedOut);
}

CommandSlot& BasicSession::prepare(std::uint16_t lun, std::span<const std::uint8_t> cdb,
                                   Done done) {
  CommandSlot& slot = slots_.append();
  slot.lun = lun;
  slot.cdb_bytes = static_cast<std::uint8_t>(cdb.size());
  slot.cdb = {};
  std::copy(cdb.begin(), cdb.end(), slot.cdb.begin());
  slot.deadline = Clock::now() + options_.command_timeout;
  slot.done = std::move(done);
  return slot;
}

void BasicSession::submit(CommandSlot& slot) {
  if (state_ == State::Open && !lost_) send(slot);
}

void BasicSession::refuse(CommandSlot& slot) {
  slot.refused = true;
  ++refused_;
}

void BasicSession::complete_refused() {
  for (std::size_t left = refused_ > 0 ? slots_.size() : 0; left > 0; --left) {
    CommandSlot* slot = slots_.first();
    while (slot != nullptr && !slot->refused) slot = slot->next;
    if (slot == nullptr) return;
    --refused_;
    complete(*slot, Completion{Outcome::Cancelled, {}, 0, false});
  }
}

void BasicSession::answer(CommandSlot& slot, const Completion& completion) {
  if (is_unit_attention(completion.answer) && slot.unit_attentions < kUnitAttentionsMax) {
    ++slot.unit_attentions;
    send(slot);
    return;
  }
  complete(slot, completion);
}

void BasicSession::complete(CommandSlot& slot, const Completion& completion) {
  const Done done = std::move(slot.done);
  slots_.release(slot);
  if (done) done(completion);
}

void BasicSession::mark_lost(Error reason, Outcome outcome) {
  if (lost_) return;
  lost_ = std::move(reason);
  lost_outcome_ = outcome;
}

Status BasicSession::settle() {
  if (!lost_) return ok();
  state_ = State::Over;
  close();
  refused_ = 0;
  for (std::size_t left = slots_.size(); left > 0 && slots_.first() != nullptr; --left) {
    CommandSlot& slot = *slots_.first();
    complete(slot, Completion{slot.refused ? Outcome::Cancelled : lost_outcome_, {}, 0, false});
  }
  return *lost_;
}

void BasicSession::end() {
  mark_lost(internal_error("session destroyed"), Outcome::Cancelled);
  static_cast<void>(settle());
}

namespace {

Result<std::unique_ptr<BasicSession>> begin(const std::string& portal,
                                            const std::string& target_name,
                                            const SessionOptions& options) {
  if (options.batching) {
    LOCKSTEP_TRY(auto session, BatchingSession::begin(portal, target_name, options));
    return std::unique_ptr<BasicSession>(std::move(session));
  }
  LOCKSTEP_TRY(auto session, LibiscsiSession::begin(portal, target_name, options));
  return std::unique_ptr<BasicSession>(std::move(session));
}

}  // namespace

Result<std::unique_ptr<Session>> Session::start_connect(const std::string& portal,
                                                        const std::string& target_name,
                                                        const SessionOptions& options) {
  LOCKSTEP_TRY(auto session, begin(portal, target_name, options));
  return std::unique_ptr<Session>(std::move(session));
}

Result<std::unique_ptr<Session>> Session::connect(const std::string& portal,
                                                  const std::string& target_name,
                                                  const SessionOptions& options) {
  LOCKSTEP_TRY(auto session, begin(portal, target_name, options));
  LOCKSTEP_TRY(session->finish_login());
  return std::unique_ptr<Session>(std::move(session));
}

}  // namespace lockstep::initiator
