#include "target_impl/fuzz/device_pair.hpp"

#include "target_impl/fuzz/served_device.hpp"
#include "target_impl/scsi/logical_unit.hpp"

#include <algorithm>

namespace lockstep::fuzz {
namespace {

constexpr std::size_t kMostDataIn = std::size_t{64} << 20;

class FilledDataIn final : public scsi::DataIn {
 public:
  FilledDataIn(std::vector<std::byte>& data, std::byte fill) : data_(data), fill_(fill) {}
  [[nodiscard]] std::span<std::byte> claim(std::size_t bytes) override {
    expect(++claims_ == 1, "a command claims its data-in once");
    expect(bytes <= kMostDataIn, "a command claims no more than MAXIMUM TRANSFER LENGTH allows");
    data_.assign(bytes, fill_);
    return data_;
  }

 private:
  std::vector<std::byte>& data_;
  std::byte fill_;
  int claims_ = 0;
};

scsi::Nexus nexus_of(std::uint64_t id) {
  const auto digit = static_cast<char>('0' + id % 10);
  return {std::string("iqn.2026-11.net.lockstep:fuzzer,i,0x00023d00000") + digit,
          std::string(kTargetName) + ",t,0x0001", id};
}

void check(const scsi::Response& response) {
  switch (response.status) {
    case scsi::Status::Good:
    case scsi::Status::ConditionMet:
    case scsi::Status::Busy:
    case scsi::Status::ReservationConflict:
    case scsi::Status::TaskSetFull:
    case scsi::Status::TaskAborted:
      return;
    case scsi::Status::CheckCondition:
      expect((response.sense[0] & 0x7e) == 0x70, "sense data is in fixed format");
      expect(response.sense[7] == scsi::kSenseBytes - 8, "sense data is complete");
      expect((response.sense[2] & 0x0f) != 0, "a CHECK CONDITION has a sense key");
      return;
  }
  expect(false, "the status is one of SAM-5's");
}

}  // namespace

DevicePair::DevicePair() : devices_{make_device(), make_device()} {}

void DevicePair::start_nexus(std::uint64_t id) {
  for (auto& device : devices_) {
    device->nexus_started(nexus_of(id));
  }
}

void DevicePair::lose_nexus(std::uint64_t id) {
  for (auto& device : devices_) {
    device->nexus_lost(nexus_of(id));
  }
}

void DevicePair::manage(std::uint64_t nexus, std::uint16_t lun, scsi::TaskManagement function) {
  const bool first = devices_[0]->manage(nexus_of(nexus), lun, function);
  expect(devices_[1]->manage(nexus_of(nexus), lun, function) == first,
         "task management answers alike");
}

Answer DevicePair::run(std::uint64_t nexus, std::uint16_t lun, const scsi::Command& command,
                       bool comparable) {
  constexpr std::array<std::byte, 2> kFills{std::byte{0xc5}, std::byte{0x3a}};
  std::array<Answer, 2> answers;
  for (std::size_t i = 0; i != devices_.size(); ++i) {
    FilledDataIn data_in(answers.at(i).data, kFills.at(i));
    devices_.at(i)->execute(nexus_of(nexus), lun, command, data_in, answers.at(i).response);
    check(answers.at(i).response);
  }
  if (comparable) {
    const auto& [a, b] = answers;
    expect(a.response.status == b.response.status, "both devices give the same status");
    expect(a.response.sense == b.response.sense, "both devices give the same sense data");
    expect(a.response.data_out_wanted == b.response.data_out_wanted, "both want the same data");
    expect(a.response.status != scsi::Status::Good || a.data == b.data,
           "every byte of the data-in is written by the command");
  }
  return answers[0];
}

void DevicePair::compare_volumes() const {
  for (std::uint16_t lun = 0; lun != 3; ++lun) {
    const auto first = devices_[0]->find(lun)->volume().snapshot();
    const auto second = devices_[1]->find(lun)->volume().snapshot();
    expect(first.mapped() == second.mapped(), "both devices have mapped the same");
    for (const store::BlockRange& range : first.mapped()) {
      std::vector<std::byte> a(range.count.value * first.block_size().bytes);
      std::vector<std::byte> b(a.size());
      first.read(range.first, a);
      second.read(range.first, b);
      expect(a == b, "both devices hold the same");
    }
  }
}

std::vector<std::byte> read_data_out(Input& input, std::size_t most_bytes) {
  const std::size_t length = std::min<std::size_t>(input.number(2), most_bytes);
  const std::size_t pattern_bytes = std::min<std::size_t>(input.byte(), length);
  const auto pattern = input.take(pattern_bytes);
  std::vector<std::byte> data(length);
  for (std::size_t i = 0; i != length && !pattern.empty(); ++i) {
    data[i] = std::byte{pattern[i % pattern.size()]};
  }
  return data;
}

}  // namespace lockstep::fuzz
