// A running target with volumes of 512-byte blocks behind LUN 0, 1, 2 ...
#pragma once

#include "target_impl/copy/copy_engine.hpp"
#include "target_impl/daemon/target_server.hpp"
#include "target_impl/daemon/test/server_options.hpp"
#include "target_impl/scsi/logical_unit.hpp"
#include "target_impl/store/volume.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

namespace lockstep::copy {

class ServedLuns {
 public:
  static constexpr std::uint32_t kBlockBytes = 512;
  static constexpr const char* kTargetName = "iqn.2026-11.net.lockstep:served";

  ServedLuns(std::size_t luns, std::uint64_t bytes) {
    const auto pool = store::make_pool(ByteCount{4 * luns * bytes});
    device_ = std::make_shared<scsi::DeviceServer>(kTargetName);
    for (std::size_t lun = 0; lun < luns; ++lun) {
      auto volume = std::make_shared<store::Volume>(BlockCount{bytes / kBlockBytes},
                                                    BlockSize{kBlockBytes}, pool);
      scsi::LogicalUnitOptions options;
      options.naa_identifier = {0x60, 0, 0, 0, 0, 0, 0, 0,
                                0,    0, 0, 0, 0, 0, 0, static_cast<std::uint8_t>(lun + 1)};
      options.serial_number = "served-" + std::to_string(lun);
      units_.push_back(std::make_shared<scsi::LogicalUnit>(std::move(volume), options));
      device_->add(static_cast<std::uint16_t>(lun), units_.back());
    }
    start({});
  }

  // Starts again on the port it had.
  void restart() {
    target::TargetServerOptions options = target::test::server_options();
    options.portals.front().port = server_->port();
    server_.reset();
    start(options);
  }
  void stop() { server_.reset(); }

  [[nodiscard]] std::string portal() const { return server_->portal(); }
  [[nodiscard]] scsi::LogicalUnit& unit(std::size_t lun) { return *units_[lun]; }
  [[nodiscard]] Endpoint endpoint(std::uint16_t lun) const {
    return {server_->portal(), kTargetName, lun};
  }

  // Past the wire.
  [[nodiscard]] std::vector<std::byte> content(std::size_t lun) {
    auto& volume = units_[lun]->volume();
    std::vector<std::byte> bytes(static_cast<std::size_t>(volume.blocks().value) * kBlockBytes);
    volume.read(Lba{0}, bytes);
    return bytes;
  }
  void fill(std::size_t lun, unsigned seed) {
    auto& volume = units_[lun]->volume();
    std::vector<std::byte> bytes(static_cast<std::size_t>(volume.blocks().value) * kBlockBytes);
    std::uint32_t state = seed * 2654435761U + 1;
    for (std::byte& b : bytes) {
      state = state * 1664525U + 1013904223U;
      b = static_cast<std::byte>(state >> 24);
    }
    EXPECT_EQ(volume.write(Lba{0}, bytes), store::WriteResult::Done);
  }

 private:
  void start(const target::TargetServerOptions& options) {
    auto started = target::TargetServer::start(options);
    ASSERT_TRUE(started.has_value()) << started.error().message;
    server_ = std::move(started).value();
    server_->serve(device_);
  }

  std::shared_ptr<scsi::DeviceServer> device_;
  std::vector<std::shared_ptr<scsi::LogicalUnit>> units_;
  std::unique_ptr<target::TargetServer> server_;
};

}  // namespace lockstep::copy
