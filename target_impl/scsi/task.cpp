#include "target_impl/scsi/task.hpp"

#include "target_impl/scsi/mode_parameters.hpp"

#include <algorithm>
#include <cstring>

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

void Task::finish_change(store::WriteResult result) noexcept {
  switch (result) {
    case store::WriteResult::Done:
      unit().count_medium_change();
      return;
    case store::WriteResult::OutOfSpace:
      fail(SenseKey::DataProtect, AdditionalSense::SpaceAllocationFailedWriteProtect);
      return;
    case store::WriteResult::ObserverFailed:
      unit().count_medium_change();
      fail(SenseKey::HardwareError, AdditionalSense::InternalTargetFailure);
      return;
    case store::WriteResult::Miscompare:
      fail(SenseKey::Miscompare, AdditionalSense::MiscompareDuringVerify);
      return;
    case store::WriteResult::Unreadable:
      fail_unreadable();
      return;
  }
}

}  // namespace lockstep::scsi
