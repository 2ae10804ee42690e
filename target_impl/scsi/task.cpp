#include "target_impl/scsi/task.hpp"

#include "target_impl/scsi/mode_parameters.hpp"
#include "target_impl/scsi/unit_access.hpp"

#include <algorithm>
#include <cstring>
#include <functional>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

namespace lockstep::scsi {

void Task::reply(std::span<const std::byte> data, std::uint64_t allocation_length) {
  const auto bytes =
      static_cast<std::size_t>(std::min<std::uint64_t>(data.size(), allocation_length));
  if (bytes != 0) {
    std::memcpy(data_in.claim(bytes).data(), data.data(), bytes);
  }
}

void Task::fail(const Sense& sense) noexcept { put_sense(response, logical_unit, sense); }

void put_sense(Response& response, LogicalUnit* unit, const Sense& sense) noexcept {
  response.status = Status::CheckCondition;
  if (unit != nullptr && unit->mode().has(ModeParameter::DescriptorSense)) {
    response.sense_bytes = descriptor_format(sense, response.sense);
    return;
  }
  const auto bytes = fixed_format(sense);
  std::copy(bytes.begin(), bytes.end(), response.sense.begin());
  response.sense_bytes = kSenseBytes;
}

void Task::refuse(const Refusal& refusal) noexcept {
  if (refusal.status == Status::CheckCondition) {
    fail(refusal.sense);
  } else {
    response.status = refusal.status;
  }
}

void Task::refuse_cdb(std::uint16_t byte, std::optional<std::uint8_t> bit) noexcept {
  fail({SenseKey::IllegalRequest,
        AdditionalSense::InvalidFieldInCdb,
        FieldPointer{true, byte, bit},
        {}});
}

void Task::refuse_parameter(std::uint16_t byte, std::optional<std::uint8_t> bit) noexcept {
  fail({SenseKey::IllegalRequest,
        AdditionalSense::InvalidFieldInParameterList,
        FieldPointer{false, byte, bit},
        {}});
}

std::optional<std::span<const std::byte>> Task::parameter_list(std::uint64_t bytes) noexcept {
  response.data_out_wanted = bytes;
  if (command.data_out.size() < bytes) {
    refuse_data_length();
    return std::nullopt;
  }
  return command.data_out.first(static_cast<std::size_t>(bytes));
}

bool Task::write_cache_out() noexcept {
  if (const auto& commits = volume().commits()) {
    note_outcome(wait_for_disk(*commits));
    if (pass != nullptr) {
      unit().gate().enter(pass->emplace());
      const auto refusal =
          refusal_of(unit(), nexus, Need::Ready, Sharing::Reads, unit().conditions().bits());
      if (refusal) {
        refuse(*refusal);
      }
    }
  }
  return response.status == Status::Good;
}

store::CommitOutcome Task::wait_for_disk(store::Commits& commits) noexcept {
  if (pass != nullptr) {
    pass->reset();
  }
  return commits.wait(commits.request());
}

void Task::note_outcome(store::CommitOutcome outcome) noexcept {
  switch (outcome) {
    case store::CommitOutcome::Durable:
      return;
    case store::CommitOutcome::NoSpace:
      fail(SenseKey::DataProtect, AdditionalSense::SpaceAllocationFailedWriteProtect);
      return;
    case store::CommitOutcome::Failed:
      fail(SenseKey::MediumError, AdditionalSense::WriteError);
      return;
  }
}

namespace {

// A command that ends when all who have to hold its change do; the worst outcome counts.
class Awaited {
 public:
  Awaited(std::size_t count, std::shared_ptr<LateEnding> ending, const Response& good,
          const Response& full, const Response& failed)
      : left_(count), ending_(std::move(ending)), good_(good), full_(full), failed_(failed) {}
  void note(store::CommitOutcome outcome) {
    {
      const std::lock_guard lock(mutex_);
      worst_ = std::max(worst_, outcome);
      if (--left_ != 0) {
        return;
      }
    }
    if (worst_ == store::CommitOutcome::Durable) {
      ending_->end(good_);
    } else {
      ending_->end(worst_ == store::CommitOutcome::NoSpace ? full_ : failed_);
    }
  }

 private:
  std::mutex mutex_;
  std::size_t left_;
  store::CommitOutcome worst_ = store::CommitOutcome::Durable;
  const std::shared_ptr<LateEnding> ending_;
  const Response good_;
  const Response full_;
  const Response failed_;
};

}  // namespace

void Task::end_when_held() {
  if (response.status != Status::Good) {
    return;
  }
  std::vector<std::shared_ptr<store::Commits>> awaited;
  if (waits_for_holders) {
    awaited = unit().holders();
  }
  if (waits_for_disk && volume().commits() != nullptr) {
    awaited.push_back(volume().commits());
  }
  if (awaited.empty()) {
    return;
  }
  const std::shared_ptr<LateEnding> ending = data_in.end_later();
  if (ending == nullptr) {
    for (const auto& commits : awaited) {
      note_outcome(wait_for_disk(*commits));
    }
    return;
  }
  // The logical unit may be gone by then, and how it writes sense with it.
  const Response good = response;
  note_outcome(store::CommitOutcome::NoSpace);
  const Response full = response;
  note_outcome(store::CommitOutcome::Failed);
  const Response failed = response;
  response = good;
  const auto all = std::make_shared<Awaited>(awaited.size(), ending, good, full, failed);
  for (const auto& commits : awaited) {
    commits->when_ended([all](store::CommitOutcome outcome) { all->note(outcome); });
  }
}

void Task::finish_change(store::WriteResult result, bool fua) noexcept {
  if (has_changed(result)) {
    unit().count_medium_change();
  }
  if (const auto sense = sense_of_change(result)) {
    fail(*sense);
    return;
  }
  if (fua || !unit().write_cache_enabled()) {
    waits_for_disk = true;
  }
}

std::optional<Sense> sense_of_change(store::WriteResult result) noexcept {
  switch (result) {
    case store::WriteResult::Done:
      break;
    case store::WriteResult::OutOfSpace:
      return Sense{
          SenseKey::DataProtect, AdditionalSense::SpaceAllocationFailedWriteProtect, {}, {}};
    case store::WriteResult::ObserverFailed:
      return Sense{SenseKey::HardwareError, AdditionalSense::InternalTargetFailure, {}, {}};
    case store::WriteResult::Miscompare:
      return Sense{SenseKey::Miscompare, AdditionalSense::MiscompareDuringVerify, {}, {}};
    case store::WriteResult::Unreadable:
      return Sense{SenseKey::MediumError, AdditionalSense::UnrecoveredReadError, {}, {}};
  }
  return std::nullopt;
}

}  // namespace lockstep::scsi
