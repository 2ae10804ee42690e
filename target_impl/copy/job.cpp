#include "target_impl/copy/job.hpp"

#include <algorithm>
#include <limits>
#include <utility>

namespace lockstep::copy {
namespace {

using initiator::Completion;
using initiator::Outcome;

constexpr std::uint32_t kTransferBytesMax = 8 * 1024 * 1024;
constexpr std::uint32_t kRequestsMax = 64;
constexpr std::uint32_t kTimesBusyMax = 12;  // about four seconds in all
constexpr std::chrono::milliseconds kBusyWait{4};
constexpr std::chrono::milliseconds kBusyWaitMax{500};

constexpr std::uint8_t kBusy = 0x08;
constexpr std::uint8_t kTaskSetFull = 0x28;
constexpr std::uint8_t kIllegalRequest = 0x05;
constexpr std::uint8_t kDataProtect = 0x07;

bool is_busy(const Completion& completion) {
  return completion.outcome == Outcome::Answered &&
         (completion.answer.scsi_status == kBusy || completion.answer.scsi_status == kTaskSetFull);
}

// The same command would meet the same answer.
bool is_final(const Completion& completion) {
  return completion.outcome == Outcome::Answered &&
         (completion.answer.sense_key == kIllegalRequest ||
          completion.answer.sense_key == kDataProtect);
}

std::string place_text(const Endpoint& place) {
  return "LUN " + std::to_string(place.lun) + " of " + place.target_name + " at " + place.portal;
}

}  // namespace

std::uint16_t Progress::percent() const noexcept {
  if (total_bytes == 0) return 100;
  const std::uint64_t written = written_bytes.load(std::memory_order_relaxed);
  return static_cast<std::uint16_t>(static_cast<double>(written) * 100.0 /
                                    static_cast<double>(total_bytes));
}

std::optional<Error> problem_of(const CopyRequest& request) {
  if (request.block_size.bytes == 0) return usage_error("copy: the block size is 0");
  const std::uint32_t bytes = request.transfer_bytes;
  if (bytes == 0 || bytes % request.block_size.bytes != 0 || bytes > kTransferBytesMax) {
    return usage_error("copy: expected transfers of whole blocks and at most 8 MiB, found " +
                       std::to_string(bytes) + " bytes");
  }
  if (request.requests_in_flight == 0 || request.requests_in_flight > kRequestsMax) {
    return usage_error("copy: expected 1 to 64 requests in flight, found " +
                       std::to_string(request.requests_in_flight));
  }
  std::uint64_t next = 0;
  const std::uint64_t blocks_max =
      std::numeric_limits<std::uint64_t>::max() / request.block_size.bytes;
  for (const Range& range : request.ranges) {
    if (range.first.value < next || range.count.value == 0 || range.first.value > blocks_max ||
        range.count.value > blocks_max - range.first.value) {
      return usage_error("copy: expected ascending ranges that do not overlap, found " +
                         std::to_string(range.count.value) + " blocks at LBA " +
                         std::to_string(range.first.value));
    }
    next = range.first.value + range.count.value;
  }
  return std::nullopt;
}

std::uint64_t total_bytes_of(const CopyRequest& request) {
  std::uint64_t blocks = 0;
  for (const Range& range : request.ranges) blocks += range.count.value;
  return blocks * request.block_size.bytes;
}

CopyJob::CopyJob(CopyId id, CopyRequest request, std::shared_ptr<Progress> progress, Links& links,
                 BufferPool& buffers)
    : id_(id),
      request_(std::move(request)),
      progress_(std::move(progress)),
      links_(links),
      buffers_(buffers) {
  failure_ = problem_of(request_);
  if (failure_) return;
  transfers_ = std::vector<Transfer>(request_.requests_in_flight);
  source_ = links_.join(request_.source, Direction::Reading);
  target_ = links_.join(request_.target, Direction::Writing);
}

CopyJob::~CopyJob() {
  for (Transfer& transfer : transfers_) drop_data(transfer);
  if (source_ != nullptr) links_.leave(source_);
  if (target_ != nullptr) links_.leave(target_);
}

bool CopyJob::assign_next(Transfer& transfer) {
  if (range_ == request_.ranges.size()) return false;
  const Range& range = request_.ranges[range_];
  const std::uint64_t blocks_max = request_.transfer_bytes / request_.block_size.bytes;
  transfer.state = State::Waiting;
  transfer.first = range.first + offset_;
  transfer.count.value = std::min(blocks_max, range.count.value - offset_.value);
  transfer.failures = 0;
  transfer.times_busy = 0;
  transfer.not_before = Clock::time_point::min();
  offset_.value += transfer.count.value;
  if (offset_ == range.count) {
    ++range_;
    offset_ = BlockCount{0};
  }
  return true;
}

void CopyJob::advance(std::size_t share_bytes) {
  for (Transfer& transfer : transfers_) {
    if (stopping() || paused_) {
      if (transfer.state == State::Waiting) drop_data(transfer);
      continue;
    }
    if (transfer.state == State::Free && !assign_next(transfer)) continue;
    if (transfer.state == State::Waiting) issue(transfer, share_bytes);
  }
}

void CopyJob::issue(Transfer& transfer, std::size_t share_bytes) {
  if (transfer.not_before > Clock::time_point::min()) {
    if (transfer.not_before > Clock::now()) return;
    transfer.not_before = Clock::time_point::min();
  }
  Link& link = transfer.has_data ? *target_ : *source_;
  if (link.full()) return;
  if (!transfer.buffer) {
    if (held_bytes_ > 0 && held_bytes_ + request_.transfer_bytes > share_bytes) return;
    transfer.buffer = buffers_.take(request_.transfer_bytes);
    if (!transfer.buffer) {
      if (buffers_.bytes_held() == 0) fail(internal_error("copy: out of memory for a buffer"));
      return;
    }
    held_bytes_ += request_.transfer_bytes;
  }
  auto session = link.session();
  if (!session) return fail(std::move(session).error());
  const auto done = [this, at = &transfer](const Completion& completion) {
    answered(*at, completion);
  };
  ++under_way_;
  if (transfer.has_data) {
    transfer.state = State::Writing;
    session.value()->write(request_.target.lun, transfer.first, request_.block_size,
                           data_of(transfer), done);
  } else {
    transfer.state = State::Reading;
    session.value()->read(request_.source.lun, transfer.first, request_.block_size,
                          data_of(transfer), done);
  }
}

void CopyJob::answered(Transfer& transfer, const Completion& completion) {
  --under_way_;
  const bool was_reading = transfer.state == State::Reading;
  transfer.state = State::Waiting;
  const std::size_t bytes = data_of(transfer).size();
  const bool complete = !completion.overflow && (!was_reading || completion.bytes_in == bytes);
  if (completion.outcome != Outcome::Answered || !completion.answer.good() || !complete) {
    transfer.has_data = !was_reading;
    return failed(transfer, completion, bytes);
  }
  transfer.times_busy = 0;
  if (was_reading) {
    transfer.has_data = true;
    return;
  }
  progress_->written_bytes.fetch_add(bytes, std::memory_order_relaxed);
  drop_data(transfer);
  transfer.state = State::Free;
}

void CopyJob::failed(Transfer& transfer, const Completion& completion, std::size_t bytes) {
  if (is_busy(completion) && transfer.times_busy < kTimesBusyMax) {
    const auto wait = std::min(kBusyWait * (1U << transfer.times_busy++), kBusyWaitMax);
    transfer.not_before = Clock::now() + wait;
    return;
  }
  ++transfer.failures;
  const bool gone = completion.outcome == Outcome::Cancelled;
  if (!gone && !is_final(completion) && transfer.failures <= request_.retries_per_range) return;

  const std::string subject =
      describe(transfer) + ", attempt " + std::to_string(transfer.failures) + ": expected GOOD, ";
  const Link& link = transfer.has_data ? *target_ : *source_;
  if (completion.outcome != Outcome::Answered) {
    const auto reason = link.last_error();
    return fail(transport_error(subject +
                                (completion.outcome == Outcome::TimedOut ? "no answer came in time"
                                                                         : "the session was lost") +
                                (reason ? " (" + reason->message + ")" : "")));
  }
  if (!completion.answer.good()) {
    return fail(target_error(subject + "found " + initiator::answer_text(completion.answer)));
  }
  fail(target_error(subject + "found a transfer of another length than " + std::to_string(bytes) +
                    " bytes; check the block size"));
}

void CopyJob::fail(Error error) {
  if (!failure_) failure_ = std::move(error);
}

void CopyJob::drop_data(Transfer& transfer) {
  transfer.has_data = false;
  if (!transfer.buffer) return;
  held_bytes_ -= transfer.buffer.size();
  buffers_.give_back(std::move(transfer.buffer));
  transfer.buffer = Buffer{};
}

std::span<std::byte> CopyJob::data_of(const Transfer& transfer) const {
  return transfer.buffer.bytes().first(
      static_cast<std::size_t>(bytes_of(transfer.count, request_.block_size).value));
}

std::string CopyJob::describe(const Transfer& transfer) const {
  const bool writing = transfer.has_data;
  return std::string("copy: ") + (writing ? "WRITE of " : "READ of ") +
         std::to_string(transfer.count.value) + " blocks at LBA " +
         std::to_string(transfer.first.value) + (writing ? " to " : " from ") +
         place_text(writing ? request_.target : request_.source);
}

bool CopyJob::ended() const noexcept {
  if (under_way_ > 0) return false;
  if (stopping()) return true;
  return range_ == request_.ranges.size() &&
         std::all_of(transfers_.begin(), transfers_.end(),
                     [](const Transfer& t) { return t.state == State::Free; });
}

CopyJob::Clock::time_point CopyJob::next_attempt() const noexcept {
  auto next = Clock::time_point::max();
  if (paused_) return next;
  for (const Transfer& transfer : transfers_) {
    if (transfer.state == State::Waiting && transfer.not_before > Clock::time_point::min()) {
      next = std::min(next, transfer.not_before);
    }
  }
  return next;
}

void CopyJob::report() noexcept {
  if (!request_.finished) return;
  // An abort that came before the end wins over a failure: the owner asked for it.
  const CopyResult result = aborted_   ? CopyResult::Aborted
                            : failure_ ? CopyResult::Failed
                                       : CopyResult::Done;
  const auto finished = std::move(request_.finished);
  finished(result, aborted_ ? std::nullopt : failure_);
}

}  // namespace lockstep::copy
