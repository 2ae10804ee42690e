#include "target_impl/iscsi/connection.hpp"

#include <algorithm>
#include <utility>

namespace lockstep::iscsi {
namespace {

// Commands whose answers others bring, as those of a mirror do: the first answers are there while
// the rest of a batch waits to be begun, and go out between, so that all who take part in a command
// work at the same time.
constexpr std::size_t kLateAtOnce = 16;

}  // namespace

Connection::Connection(Portal& portal, ConnectionHost& host, std::string local_address,
                       std::uint16_t portal_group)
    : portal_(portal),
      host_(host),
      local_address_(std::move(local_address)),
      receiver_(portal.pool(), kDefaultMaxReceive),
      writer_(portal.pool()) {
  login_.emplace(portal_, writer_, portal_group);
}

bool Connection::finished() const noexcept { return failed_ || (session_ && session_->closing()); }

bool Connection::wants_input() const noexcept {
  return !finished() && !waits_ && writer_.queue().bytes() < portal_.limits().unsent_bytes;
}

Connection::State Connection::process(std::size_t enough) {
  if (waits_) {
    return State::Waits;
  }
  const std::size_t before = writer_.queue().bytes();
  const std::size_t most = std::min(enough, portal_.limits().batch_bytes);
  const std::size_t late_before = session_ ? session_->late_count() : 0;
  const std::size_t half =
      enough == SIZE_MAX ? batch_split_.begin(receiver_.pdus_at_hand()) : std::size_t{0};
  for (std::size_t handled = 0; !finished(); ++handled) {
    const std::size_t unsent = writer_.queue().bytes();
    const bool is_half = half != 0 && handled == half && unsent > before;
    if (is_half || unsent >= portal_.limits().unsent_bytes || unsent >= before + most) {
      return State::Paused;
    }
    if (session_ && session_->late_count() >= late_before + kLateAtOnce) {
      host_.attend();
      return State::Yields;
    }
    switch (receiver_.next(pdu_, *this)) {
      case Receiver::Outcome::Incomplete:
        return State::NeedsInput;
      case Receiver::Outcome::Complete:
        if (host_.has_others() && concerns_others()) {
          waits_ = true;
          host_.want_alone();
          return State::Waits;
        }
        handle(pdu_);
        break;
      case Receiver::Outcome::BadHeaderDigest:  // where the next PDU begins cannot be known
      case Receiver::Outcome::TooLong:
        failed_ = true;
        break;
    }
  }
  return State::Finished;
}

// A login may end an earlier session.
bool Connection::concerns_others() const noexcept {
  return !session_ || session_->concerns_others(pdu_);
}

void Connection::handle_alone() {
  if (std::exchange(waits_, false) && !finished()) {
    handle(pdu_);
  }
}

void Connection::handle(const Pdu& pdu) {
  if (session_) {
    session_->handle(pdu);
    return;
  }
  switch (login_->handle(pdu)) {
    case Login::Progress::Continues:
      break;
    case Login::Progress::Failed:
      failed_ = true;
      break;
    case Login::Progress::Done:
      begin_session();
      break;
  }
}

void Connection::begin_session() {
  SessionSetup setup;
  setup.identity = login_->identity();
  setup.parameters = login_->parameters();
  setup.executor = login_->target().executor;
  setup.access = login_->target().access;
  setup.local_address = local_address_;
  login_.reset();
  receiver_.use_digests(setup.parameters.header_digest, setup.parameters.data_digest);
  receiver_.limit_data(portal_.offered().max_receive);
  writer_.use_digests(setup.parameters.header_digest, setup.parameters.data_digest);
  session_ = std::make_unique<Session>(portal_, writer_, host_, std::move(setup));
}

// Data during login is small, so this is only asked for in a session.
std::byte* Connection::place(const Header& header, std::size_t bytes) {
  return session_->place(header, bytes);
}

}  // namespace lockstep::iscsi
