#include "bench/peers/contender.hpp"
#include "target_impl/daemon/target_server.hpp"
#include "target_impl/scsi/logical_unit.hpp"
#include "target_impl/store/volume.hpp"

#include <array>
#include <memory>
#include <unistd.h>

namespace lockstep::bench::peers {
namespace {

constexpr const char* kTargetName = "iqn.2026-11.net.lockstep:peers";
constexpr std::uint8_t kLuns = 2;
constexpr BlockSize kBlockSize{512};

// In the child; ends only by being killed. Its portal, or nothing, goes to `report`.
void serve(std::uint64_t volume_bytes, std::uint32_t spin_us, int report) {
  const auto pool = store::make_pool(ByteCount{2 * kLuns * volume_bytes});
  const auto device = std::make_shared<scsi::DeviceServer>(kTargetName);
  for (std::uint8_t lun = 0; lun < kLuns; ++lun) {
    scsi::LogicalUnitOptions options;
    options.naa_identifier[0] = 0x60;
    options.naa_identifier[15] = static_cast<std::uint8_t>(lun + 1);
    options.serial_number = "peers-" + std::to_string(lun);
    device->add(lun, std::make_shared<scsi::LogicalUnit>(
                         std::make_shared<store::Volume>(
                             BlockCount{volume_bytes / kBlockSize.bytes}, kBlockSize, pool),
                         options));
  }
  target::TargetServerOptions options;
  options.spin_us = spin_us;
  const auto server = target::TargetServer::start(options);
  if (server) {
    server.value()->serve(device);
    const std::string portal = server.value()->portal();
    [[maybe_unused]] const auto written = ::write(report, portal.data(), portal.size());
  }
  ::close(report);
  while (server) ::pause();
}

}  // namespace

Result<Contender> start_own_target(std::uint64_t volume_bytes, std::uint32_t spin_us) {
  std::array<int, 2> pipe{};
  if (::pipe(pipe.data()) != 0) return internal_error("own target: no pipe");
  auto child = Child::start_copy([&] {
    ::close(pipe[0]);
    serve(volume_bytes, spin_us, pipe[1]);
  });
  ::close(pipe[1]);
  std::array<char, 64> portal{};
  const ssize_t bytes = child ? ::read(pipe[0], portal.data(), portal.size()) : 0;
  ::close(pipe[0]);
  LOCKSTEP_TRY(Child process, std::move(child));
  if (bytes <= 0) return internal_error("own target: it did not start");
  return Contender{"lockstep", std::string(portal.data(), static_cast<std::size_t>(bytes)),
                   kTargetName, 0, std::move(process)};
}

}  // namespace lockstep::bench::peers
