// A durable target that tests kill: `crash_target DIRECTORY`. Prints "port N", then obeys lines on
// standard input, each answered by "ok" once it is durable:
//
//   keep     keeps a snapshot of LUN 0, in place of the one before; LUN 2 after the next start
//   clone    makes LUN 1 a clone of LUN 0
//
// LUNs 3 and 4 are there for initiators to copy to by token.
#include "target_impl/daemon/target_server.hpp"
#include "target_impl/scsi/logical_unit.hpp"
#include "target_impl/store/durable_store.hpp"

#include <cstdio>
#include <iostream>
#include <memory>
#include <string>

namespace lockstep {
namespace {

constexpr BlockCount kBlocks{1000};
constexpr BlockSize kBlock{512};

void say(const std::string& line) {
  std::puts(line.c_str());
  std::fflush(stdout);
}

int fail(const Error& error) {
  std::fprintf(stderr, "crash_target: %s\n", error.message.c_str());
  return 1;
}

std::shared_ptr<store::Volume> volume_named(store::DurableStore& store, const std::string& name) {
  auto volume = store.find_volume(name);
  return volume != nullptr ? volume : store.create_volume(name, kBlocks, kBlock).value();
}

std::shared_ptr<scsi::LogicalUnit> unit_of(std::shared_ptr<store::Volume> volume,
                                           std::uint8_t number) {
  scsi::LogicalUnitOptions options;
  options.naa_identifier = {0x60, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, number};
  options.serial_number = std::to_string(number);
  return std::make_shared<scsi::LogicalUnit>(std::move(volume), options);
}

int run(const std::string& directory) {
  store::DurableOptions options;
  options.capacity = ByteCount{16 << 20};
  options.cache = ByteCount{1 << 20};
  options.dirty = ByteCount{1 << 20};
  options.commit_interval_ms = 5;
  auto opened = store::DurableStore::open(directory, options);
  if (!opened) {
    return fail(opened.error());
  }
  store::DurableStore& store = *opened.value();
  const auto origin = volume_named(store, "origin");
  const auto clone = volume_named(store, "clone");
  const auto device = std::make_shared<scsi::DeviceServer>("iqn.2026-11.net.lockstep:crash");
  device->add(0, unit_of(origin, 0));
  device->add(1, unit_of(clone, 1));
  for (const std::uint8_t lun : {std::uint8_t{3}, std::uint8_t{4}}) {
    device->add(lun, unit_of(volume_named(store, "copied by token " + std::to_string(lun)), lun));
  }
  if (const auto kept = store.find_image("kept")) {
    auto shown = std::make_shared<store::Volume>(kBlocks, kBlock, store.pool());
    if (shown->assign(*kept) == store::WriteResult::Done) {
      device->add(2, unit_of(std::move(shown), 2));
    }
  }
  auto server = target::TargetServer::start({});
  if (!server) {
    return fail(server.error());
  }
  server.value()->serve(device);
  say("port " + std::to_string(server.value()->port()));
  for (std::string line; std::getline(std::cin, line);) {
    bool done = false;
    if (line == "keep") {
      done = store.keep_image("kept", origin->snapshot()).has_value();
    } else if (line == "clone") {
      done = clone->assign(origin->snapshot()) == store::WriteResult::Done;
    }
    done = done && store.commit() == store::CommitOutcome::Durable;
    say(done ? "ok" : "failed");
  }
  return 0;
}

}  // namespace
}  // namespace lockstep

int main(int count, char** arguments) {
  if (count != 2) {
    std::fprintf(stderr, "usage: crash_target DIRECTORY\n");
    return 64;
  }
  return lockstep::run(arguments[1]);
}
