#include "target_impl/durability/hunt_worker.hpp"

#include "target_impl/durability/region.hpp"
#include "target_impl/transport/bypass/sockets/link_table.hpp"

#include <algorithm>
#include <sys/socket.h>
#include <utility>

namespace lockstep::durability {
namespace {

using initiator::Completion;
using initiator::Outcome;
using initiator::Session;
using std::chrono::milliseconds;

constexpr BlockSize kBlockSize{static_cast<std::uint32_t>(kBlockBytes)};
constexpr int kLoginAttempts = 100;
// Of turns of the loop, each of which brings several answers.
constexpr std::uint32_t kTurnsPerCut = 500;

bool goes_through_memory(const Session& session) {
  namespace bypass = transport::bypass;
  const bypass::LinkUse link = bypass::link_of(session.descriptor());
  return link && link->way() == bypass::Way::Memory;
}

}  // namespace

HuntWorker::HuntWorker(HuntAccount& account, HuntPlace place, initiator::Isid isid,
                       std::uint32_t seed)
    : account_(account), place_(std::move(place)), random_(seed) {
  options_.initiator_name = "iqn.2026-11.net.lockstep:hunt";
  options_.isid = isid;
  options_.bypass = place_.bypass;
  for (Request& request : requests_) request.data.resize(kMostBlocks * kBlockBytes);
}

bool HuntWorker::connect() {
  std::string why;
  for (int attempt = 0; attempt < kLoginAttempts; ++attempt) {
    auto begun = Session::connect(place_.portal, place_.target_name, options_);
    if (begun) {
      session_ = std::move(begun).value();
      ++account_.counts.sessions;
      account_.counts.through_memory += goes_through_memory(*session_) ? 1 : 0;
      return true;
    }
    why = begun.error().message;
  }
  account_.fail("expected to log in again, found " + why);
  return false;
}

bool HuntWorker::is_free(std::uint32_t first, std::uint32_t count) const {
  return std::none_of(requests_.begin(), requests_.end(), [&](const Request& other) {
    return other.under_way && first < other.first + other.count && other.first < first + count;
  });
}

void HuntWorker::start(Request& request) {
  const std::uint32_t count = below(4) == 0 ? 1 + below(kMostBlocks) : 1 + below(16);
  const std::uint32_t first = below(kHuntBlocks - count + 1);
  if (!is_free(first, count)) return;
  request.under_way = true;
  request.writes = below(2) == 0;
  request.first = first;
  request.count = count;
  const auto data = std::span(request.data).first(count * kBlockBytes);
  const Lba lba{account_.first() + first};
  const auto done = [this, &request](const Completion& completion) { ended(request, completion); };
  if (!request.writes) {
    session_->read(0, lba, kBlockSize, data, done);
    return;
  }
  request.write = account_.new_write();
  for (std::uint32_t i = 0; i < count; ++i) {
    stamp(data.subspan(i * kBlockBytes, kBlockBytes), lba.value + i, request.write);
    account_.begin(first + i, request.write);
  }
  if (place_.forgets_writes && request.write % 100 == 0) {
    Completion pretended;
    ended(request, pretended);
    return;
  }
  session_->write(0, lba, kBlockSize, data, done);
}

void HuntWorker::ended(Request& request, const Completion& completion) {
  request.under_way = false;
  if (completion.outcome != Outcome::Answered) return;  // then nobody knows
  if (!completion.answer.good()) {
    account_.fail("expected GOOD, found " + initiator::answer_text(completion.answer));
    return;
  }
  auto& counts = account_.counts;
  request.writes ? ++counts.writes : ++counts.reads;
  for (std::uint32_t i = 0; i < request.count; ++i) {
    const auto block = std::span(request.data).subspan(i * kBlockBytes, kBlockBytes);
    if (request.writes) {
      account_.end(request.first + i, request.write);
      ++counts.blocks_written;
    } else if (!account_.verify(request.first + i, block)) {
      return;
    }
  }
}

void HuntWorker::drain(Session& session) {
  while (session.outstanding() > 0 && session.run_once(milliseconds(1000))) {
  }
}

void HuntWorker::cut() {
  ++account_.counts.cut;
  switch (below(4)) {
    case 0:
      ::shutdown(session_->descriptor(), SHUT_RDWR);
      break;
    case 1:
      ::shutdown(session_->descriptor(), SHUT_WR);
      break;
    case 2:
      session_.reset();
      break;
    default: {
      // The target ends the old session, in the middle of what it does, for the new one.
      const SessionPtr old = std::move(session_);
      if (connect()) drain(*old);
    }
  }
}

bool HuntWorker::run(std::chrono::steady_clock::time_point until) {
  while (std::chrono::steady_clock::now() < until && !account_.failed()) {
    if (!session_ && !connect()) return false;
    for (Request& request : requests_) {
      if (!request.under_way) start(request);
    }
    if (place_.cuts && below(kTurnsPerCut) == 0) {
      cut();
      continue;
    }
    if (!session_->run_once(milliseconds(1000))) session_.reset();
  }
  if (session_) drain(*session_);
  return !account_.failed();
}

bool HuntWorker::verify_all() {
  if (!session_ && !connect()) return false;
  for (std::uint32_t first = 0; first < kHuntBlocks; first += 256) {
    Request& request = requests_.front();
    request = {true, false, first, 256, 0, std::move(request.data)};
    session_->read(0, Lba{account_.first() + first}, kBlockSize,
                   std::span(request.data).first(256 * kBlockBytes),
                   [&](const Completion& completion) {
                     if (completion.outcome != Outcome::Answered) {
                       account_.fail("expected an answer to the last reads, found none");
                     }
                     ended(request, completion);
                   });
    drain(*session_);
    if (account_.failed()) return false;
  }
  return true;
}

}  // namespace lockstep::durability
