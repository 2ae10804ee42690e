#include "target_impl/scsi/task.hpp"

#include "target_impl/memory/recycling_allocator.hpp"
#include "target_impl/scsi/mode_parameters.hpp"
#include "target_impl/scsi/unit_access.hpp"

#include <algorithm>
#include <atomic>
#include <cstring>
#include <memory>
#include <utility>

namespace lockstep::scsi {

void Task::reply(std::span<const std::byte> data, std::uint64_t allocation_length) {
  const auto bytes =
      static_cast<std::size_t>(std::min<std::uint64_t>(data.size(), allocation_length));
  if (bytes != 0) {
    std::memcpy(data_in.claim(bytes).data(), data.data(), bytes);
  }
}

void Task::fail(const Sense& sense) noexcept { put_sense(response, logical_unit, sense); }

SenseFormat sense_format_of(LogicalUnit* unit) noexcept {
  return unit != nullptr && unit->mode().has(ModeParameter::DescriptorSense)
             ? SenseFormat::Descriptors
             : SenseFormat::Fixed;
}

void put_sense(Response& response, LogicalUnit* unit, const Sense& sense) noexcept {
  put_sense(response, sense_format_of(unit), sense);
}

void put_sense(Response& response, SenseFormat format, const Sense& sense) noexcept {
  response.status = Status::CheckCondition;
  if (format == SenseFormat::Descriptors) {
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

namespace {

// Of a change that is not where it has to be.
[[nodiscard]] Sense sense_of(store::CommitOutcome outcome) noexcept {
  if (outcome == store::CommitOutcome::NoSpace) {
    return {SenseKey::DataProtect, AdditionalSense::SpaceAllocationFailedWriteProtect, {}, {}};
  }
  return {SenseKey::MediumError, AdditionalSense::WriteError, {}, {}};
}

}  // namespace

void Task::note_outcome(store::CommitOutcome outcome) noexcept {
  if (outcome != store::CommitOutcome::Durable) {
    fail(sense_of(outcome));
  }
}

namespace {

// A command that ends when all who have to hold its change do; the worst outcome counts.
class Awaited final : public store::CommitWaiter {
 public:
  // The logical unit may be gone by then, and how it writes sense with it.
  Awaited(std::size_t count, std::shared_ptr<LateEnding> ending, const Response& good,
          SenseFormat format)
      : left_(count), ending_(std::move(ending)), response_(good), format_(format) {}
  void ended(store::CommitOutcome outcome) override {
    auto worst = worst_.load();
    while (worst < outcome && !worst_.compare_exchange_weak(worst, outcome)) {
    }
    if (left_.fetch_sub(1) != 1) {
      return;
    }
    worst = worst_;
    if (worst != store::CommitOutcome::Durable) {
      put_sense(response_, format_, sense_of(worst));
    }
    ending_->end(response_);
  }

 private:
  std::atomic<std::size_t> left_;
  std::atomic<store::CommitOutcome> worst_{store::CommitOutcome::Durable};
  const std::shared_ptr<LateEnding> ending_;
  Response response_;  // of the last to end
  const SenseFormat format_;
};

}  // namespace

void Task::end_when_held() {
  if (response.status != Status::Good) {
    return;
  }
  const auto holders = waits_for_holders ? unit().holders() : nullptr;
  const std::shared_ptr<store::Commits>* const disk =
      waits_for_disk && volume().commits() != nullptr ? &volume().commits() : nullptr;
  const std::size_t count =
      (holders != nullptr ? holders->size() : 0U) + (disk != nullptr ? 1U : 0U);
  if (count == 0) {
    return;
  }
  const auto for_each = [&](const auto& call) {
    if (holders != nullptr) {
      std::for_each(holders->begin(), holders->end(), call);
    }
    if (disk != nullptr) {
      call(*disk);
    }
  };
  std::shared_ptr<LateEnding> ending = data_in.end_later();
  if (ending == nullptr) {
    for_each([&](const auto& commits) { note_outcome(wait_for_disk(*commits)); });
    return;
  }
  const auto all =
      std::allocate_shared<Awaited>(memory::RecyclingAllocator<Awaited>{}, count, std::move(ending),
                                    response, sense_format_of(&unit()));
  for_each([&](const auto& commits) { commits->when_ended(all); });
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
