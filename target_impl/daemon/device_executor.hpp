// A SCSI target device as the iSCSI protocol wants to see it.
#pragma once

#include "target_impl/iscsi/executor.hpp"

#include <memory>
#include <optional>
#include <string>
#include <utility>

namespace lockstep::target {

class DeviceExecutor final : public iscsi::CommandExecutor {
 public:
  explicit DeviceExecutor(std::shared_ptr<scsi::DeviceServer> device)
      : device_(std::move(device)) {}

  [[nodiscard]] const std::string& target_name() const noexcept override {
    return device_->target_name();
  }
  void nexus_started(const scsi::Nexus& nexus) override { device_->nexus_started(nexus); }
  void nexus_lost(const scsi::Nexus& nexus) override { device_->nexus_lost(nexus); }
  void execute(const scsi::Nexus& nexus, std::uint16_t lun, const scsi::Command& command,
               scsi::DataIn& data_in, scsi::Response& response) override {
    device_->execute(nexus, lun, command, data_in, response);
  }
  [[nodiscard]] store::Landing land(const scsi::Nexus& nexus, std::uint16_t lun,
                                    std::span<const std::uint8_t, 16> cdb,
                                    std::size_t bytes) override {
    return device_->land(nexus, lun, cdb, bytes);
  }
  [[nodiscard]] bool reads_once(std::span<const std::uint8_t, 16> cdb) const noexcept override {
    return device_->reads_once(cdb);
  }
  [[nodiscard]] std::optional<bool> attention_pending(const scsi::Nexus& nexus,
                                                      std::uint16_t lun) override {
    return device_->attention_pending(nexus, lun);
  }
  [[nodiscard]] bool manage(const scsi::Nexus& nexus, std::uint16_t lun,
                            scsi::TaskManagement function) override {
    return device_->manage(nexus, lun, function);
  }

 private:
  std::shared_ptr<scsi::DeviceServer> device_;
};

}  // namespace lockstep::target
