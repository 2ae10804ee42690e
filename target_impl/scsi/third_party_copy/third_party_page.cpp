#include "target_impl/scsi/third_party_copy/third_party_page.hpp"

#include "target_impl/scsi/command_table.hpp"
#include "target_impl/scsi/third_party_copy/copy_manager.hpp"
#include "target_impl/scsi/third_party_copy/cscd.hpp"

#include <array>

namespace lockstep::scsi {

namespace {

constexpr std::array<std::uint8_t, 3> kDescriptors{0x02, 0x0a, 0xe4};

// One descriptor; offsets count its four bytes of header, as the standard's tables do.
class Descriptor {
 public:
  Descriptor(std::vector<std::byte>& page, std::uint16_t type, std::size_t bytes)
      : page_(page), at_(page.size()) {
    page.resize(at_ + 4 + bytes);
    put(0, 2, type);
    put(2, 2, bytes);
  }
  void put(std::size_t offset, std::size_t bytes, std::uint64_t value) {
    put_big_endian(std::span<std::byte>(page_), at_ + offset, bytes, value);
  }

 private:
  std::vector<std::byte>& page_;
  const std::size_t at_;
};

// Windows looks for this one at the front.
void block_device_rod_limits(std::vector<std::byte>& page, const CopyLimits& limits,
                             std::uint64_t block) {
  Descriptor descriptor(page, 0x0000, 0x20);
  descriptor.put(10, 2, limits.max_ranges);
  descriptor.put(12, 4, limits.max_inactivity_s);
  descriptor.put(16, 4, limits.default_inactivity_s);
  descriptor.put(20, 8, limits.max_transfer_bytes / block);
  descriptor.put(28, 8, limits.optimal_transfer_bytes / block);
}

// Read from the command table, so that it cannot disagree with what works.
void supported_commands(std::vector<std::byte>& page) {
  std::vector<std::byte> list;
  for (const std::uint8_t code : {std::uint8_t{0x83}, std::uint8_t{0x84}}) {
    list.push_back(static_cast<std::byte>(code));
    list.push_back(std::byte{0});
    const std::size_t count_at = list.size() - 1;
    for (const CommandEntry& entry : all_commands()) {
      if (entry.operation_code == code && entry.service_action) {
        list.push_back(static_cast<std::byte>(*entry.service_action));
      }
    }
    list[count_at] = static_cast<std::byte>(list.size() - count_at - 1);
  }
  const std::size_t bytes = (1 + list.size() + 3) / 4 * 4;
  Descriptor descriptor(page, 0x0001, bytes);
  descriptor.put(4, 1, list.size());
  for (std::size_t i = 0; i != list.size(); ++i) {
    descriptor.put(5 + i, 1, std::to_integer<std::uint64_t>(list[i]));
  }
}

void parameter_data(std::vector<std::byte>& page, const CopyLimits& limits) {
  Descriptor descriptor(page, 0x0004, 0x1c);
  descriptor.put(8, 2, limits.max_cscds);
  descriptor.put(10, 2, limits.max_segments);
  descriptor.put(12, 4, limits.max_descriptor_list_bytes);
}

void supported_descriptors(std::vector<std::byte>& page) {
  Descriptor descriptor(page, 0x0008, (1 + kDescriptors.size() + 3) / 4 * 4);
  descriptor.put(4, 1, kDescriptors.size());
  for (std::size_t i = 0; i != kDescriptors.size(); ++i) {
    descriptor.put(5 + i, 1, kDescriptors[i]);
  }
}

void supported_cscd_identifiers(std::vector<std::byte>& page) {
  Descriptor descriptor(page, 0x000c, 4);
  descriptor.put(4, 2, 2);
  descriptor.put(6, 2, kOwnUnitCscd);
}

void rod_token_features(std::vector<std::byte>& page, const CopyLimits& limits,
                        std::uint64_t block) {
  constexpr std::size_t kBlockDeviceBytes = 48;
  Descriptor descriptor(page, 0x0106, 44 + kBlockDeviceBytes);
  descriptor.put(16, 4, limits.default_inactivity_s);
  descriptor.put(20, 4, limits.lifetime_s);
  descriptor.put(24, 4, limits.max_inactivity_s);
  descriptor.put(46, 2, kBlockDeviceBytes);
  descriptor.put(48 + 2, 2, kBlockDeviceBytes - 4);
  descriptor.put(48 + 6, 2, store::kExtentBytes / block);
  descriptor.put(48 + 8, 8, limits.max_transfer_bytes);
  descriptor.put(48 + 16, 8, limits.optimal_transfer_bytes);
  descriptor.put(48 + 24, 8, limits.optimal_transfer_bytes);
  descriptor.put(48 + 32, 8, limits.optimal_transfer_bytes);
}

void supported_rod_types(std::vector<std::byte>& page) {
  constexpr std::uint64_t kTokenIn = 0x02;
  constexpr std::uint64_t kTokenInAndOut = 0x03;
  constexpr std::size_t kEntryBytes = 64;
  constexpr std::array<std::pair<RodType, std::uint64_t>, 3> kTypes{{
      {RodType::PointInTime, kTokenInAndOut},
      {RodType::PersistentPointInTime, kTokenInAndOut},
      {RodType::Zero, kTokenIn},
  }};
  Descriptor descriptor(page, 0x0108, 4 + kTypes.size() * kEntryBytes);
  descriptor.put(6, 2, kTypes.size() * kEntryBytes);
  for (std::size_t i = 0; i != kTypes.size(); ++i) {
    descriptor.put(8 + i * kEntryBytes, 4, static_cast<std::uint64_t>(kTypes[i].first));
    descriptor.put(8 + i * kEntryBytes + 4, 1, kTypes[i].second);
  }
}

void general_copy_operations(std::vector<std::byte>& page, const CopyLimits& limits) {
  Descriptor descriptor(page, 0x8001, 0x20);
  descriptor.put(4, 4, limits.max_concurrent_copies);
  descriptor.put(8, 4, limits.max_results_per_nexus);
  descriptor.put(12, 4, limits.max_segment_bytes);
  descriptor.put(16, 1, limits.granularity_log2);
}

}  // namespace

std::span<const std::uint8_t> implemented_descriptors() noexcept { return kDescriptors; }

void third_party_page(const Task& task, std::vector<std::byte>& page) {
  const CopyLimits& limits = task.device.copies().limits();
  const std::uint64_t block = task.block_bytes();
  block_device_rod_limits(page, limits, block);
  supported_commands(page);
  parameter_data(page, limits);
  supported_descriptors(page);
  supported_cscd_identifiers(page);
  rod_token_features(page, limits, block);
  supported_rod_types(page);
  general_copy_operations(page, limits);
}

}  // namespace lockstep::scsi
