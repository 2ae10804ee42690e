#include "target_impl/fuzz/served_device.hpp"

#include "target_impl/fuzz/input.hpp"

#include <utility>

// A short quarantine: inputs are small and many, and an error shows within its own input.
extern "C" const char* __asan_default_options() {  // NOLINT(bugprone-reserved-identifier)
  return "quarantine_size_mb=16:detect_stack_use_after_return=1:allocator_may_return_null=0";
}

namespace lockstep::fuzz {
namespace {

constexpr std::uint64_t kVolumeBytes = 3 * store::kExtentBytes;
// Less than the volumes together, so that it can run out.
constexpr std::uint64_t kPoolBytes = 5 * store::kExtentBytes;

std::shared_ptr<scsi::LogicalUnit> make_unit(const std::shared_ptr<store::Pool>& pool,
                                             std::uint32_t block_bytes, std::uint8_t number) {
  scsi::LogicalUnitOptions options;
  options.naa_identifier = {0x6a, 0xbc, 0xde, 0xf0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, number};
  options.serial_number = "fuzz-" + std::to_string(number);
  auto volume = std::make_shared<store::Volume>(BlockCount{kVolumeBytes / block_bytes},
                                                BlockSize{block_bytes}, pool);
  return std::make_shared<scsi::LogicalUnit>(std::move(volume), std::move(options));
}

}  // namespace

std::shared_ptr<scsi::DeviceServer> make_device() {
  auto device = std::make_shared<scsi::DeviceServer>(kTargetName);
  const auto pool = store::make_pool(ByteCount{kPoolBytes});
  device->add(0, make_unit(pool, 512, 0));
  device->add(1, make_unit(pool, 4096, 1));
  auto read_only = make_unit(pool, 512, 2);
  read_only->set_host_access(scsi::HostAccess::ReadOnly);
  device->add(2, std::move(read_only));
  return device;
}

iscsi::ServerLimits small_limits() {
  iscsi::ServerLimits in_all;
  iscsi::ConnectionLimits& limits = in_all.each;
  limits.task_bytes = std::size_t{256} << 10;
  limits.collected_bytes = std::size_t{512} << 10;
  limits.command_window = 8;
  limits.unsent_bytes = std::size_t{64} << 10;
  limits.batch_bytes = std::size_t{16} << 10;
  return in_all;
}

ServedDevice::ServedDevice() : portal(iscsi::TargetParameters{}, small_limits()) {
  portal.add(executor);
}

ServedDevice::~ServedDevice() {
  expect(portal.pool().lent_bytes() == 0, "every buffer has come back to its pool");
  expect(portal.sessions().empty(), "no session outlives its connection");
}

}  // namespace lockstep::fuzz
