// Test support: a peer system, that is a target with spare logical units, behind a fault proxy.
#pragma once

#include "target_impl/daemon/target_server.hpp"
#include "target_impl/daemon/test/server_options.hpp"
#include "target_impl/peer/test/fault_proxy.hpp"
#include "target_impl/scsi/device_server.hpp"
#include "target_impl/scsi/logical_unit.hpp"
#include "target_impl/store/volume.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace lockstep::peer::test {

inline const std::string kPeerTarget = "iqn.2026-11.net.lockstep:peer";
inline const std::string kPeerUser = "mirror";
inline const std::string kPeerPassword = "a password of some length";

class PeerRig {
 public:
  // One spare LUN, from 1 on, for each size in blocks of 512 bytes.
  explicit PeerRig(const std::vector<std::uint64_t>& sizes, bool guarded = true) {
    device_ = std::make_shared<scsi::DeviceServer>(kPeerTarget);
    for (const std::uint64_t blocks : sizes) {
      volumes_.push_back(
          std::make_shared<store::Volume>(BlockCount{blocks}, BlockSize{512}, pool_));
      scsi::LogicalUnitOptions options;
      options.naa_identifier = {0x60, 0x0e, 0x01};
      options.naa_identifier[15] = static_cast<std::uint8_t>(volumes_.size());
      options.serial_number = "peer-" + std::to_string(volumes_.size());
      device_->add(static_cast<std::uint16_t>(volumes_.size()),
                   std::make_shared<scsi::LogicalUnit>(volumes_.back(), options));
    }
    auto server = target::TargetServer::start(target::test::server_options());
    if (!server) {
      ADD_FAILURE() << server.error().message;
      std::abort();
    }
    server_ = std::move(server).value();
    iscsi::TargetAccess access;
    if (guarded) access.accounts.push_back({kPeerUser, iscsi::Secret(kPeerPassword)});
    EXPECT_TRUE(server_->serve(device_, access));
    proxy_ = std::make_unique<FaultProxy>(server_->portal());
  }

  [[nodiscard]] FaultProxy& proxy() { return *proxy_; }
  [[nodiscard]] std::string portal() const { return proxy_->portal(); }
  [[nodiscard]] std::string direct_portal() const { return server_->portal(); }
  // `lun` from 1 on.
  [[nodiscard]] store::Volume& volume(std::uint16_t lun) { return *volumes_.at(lun - 1U); }
  [[nodiscard]] std::string naa(std::uint16_t lun) const {
    std::string text = "600e0100000000000000000000000000";
    text.back() = static_cast<char>('0' + lun);
    return text;
  }
  [[nodiscard]] std::string read(std::uint16_t lun, std::uint64_t lba, std::uint64_t blocks = 1) {
    std::string data(blocks * 512, '?');
    EXPECT_TRUE(
        volume(lun).read(Lba{lba}, std::as_writable_bytes(std::span(data.data(), data.size()))));
    return data;
  }

 private:
  std::shared_ptr<store::Pool> pool_ = store::make_pool(ByteCount{1ULL << 30});
  std::vector<std::shared_ptr<store::Volume>> volumes_;
  std::shared_ptr<scsi::DeviceServer> device_;
  std::unique_ptr<target::TargetServer> server_;
  std::unique_ptr<FaultProxy> proxy_;
};

}  // namespace lockstep::peer::test
