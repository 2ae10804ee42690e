// A peer system that tests kill: `crash_peer DIRECTORY PORT`, a durable target with spare logical
// units (crash_peer.hpp). PORT 0: any. Prints "port N" and serves until its standard input ends.
#include "target_impl/durability/crash_peer.hpp"

#include "target_impl/daemon/target_server.hpp"
#include "target_impl/daemon/volume_source.hpp"
#include "target_impl/durability/region.hpp"
#include "target_impl/scsi/logical_unit.hpp"

#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <memory>
#include <string>

namespace lockstep::durability {
namespace {

Result<std::shared_ptr<scsi::LogicalUnit>> spare(target::VolumeSource& volumes, std::uint8_t lun) {
  const std::string name = spare_name(lun);
  const BlockCount blocks =
      lun == kJournalLun ? kJournalGeometry.blocks : BlockCount{kSourceBlocks};
  LOCKSTEP_TRY(auto volume, volumes.volume(name, blocks, BlockSize{kBlockBytes}));
  scsi::LogicalUnitOptions options;
  options.naa_identifier = {0x60, 0x0f, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, lun};
  options.serial_number = name;
  options.persistent_state = volumes.state(name);
  auto unit = std::make_shared<scsi::LogicalUnit>(std::move(volume), std::move(options));
  LOCKSTEP_TRY(unit->restore());
  return unit;
}

Status serve(const std::string& directory, std::uint16_t port) {
  LOCKSTEP_TRY(const auto volumes, target::durable_volumes(directory, ByteCount{64 << 20}));
  const auto device = std::make_shared<scsi::DeviceServer>(kPeerTarget);
  for (std::uint8_t lun = 1; lun <= kJournalLun; ++lun) {
    LOCKSTEP_TRY(auto unit, spare(*volumes, lun));
    device->add(lun, std::move(unit));
  }
  target::TargetServerOptions options;
  options.portals.front().port = port;
  LOCKSTEP_TRY(const auto server, target::TargetServer::start(options));
  server->serve(device);
  std::printf("port %u\n", static_cast<unsigned>(server->port()));
  std::fflush(stdout);
  for (std::string line; std::getline(std::cin, line);) {
  }
  return ok();
}

}  // namespace
}  // namespace lockstep::durability

int main(int count, char** arguments) {
  if (count != 3) {
    std::fprintf(stderr, "usage: crash_peer DIRECTORY PORT\n");
    return 64;
  }
  const auto served = lockstep::durability::serve(
      arguments[1], static_cast<std::uint16_t>(std::atoi(arguments[2])));
  if (served) return 0;
  std::fprintf(stderr, "crash_peer: %s\n", served.error().message.c_str());
  return 1;
}
