// What the protocol needs of a target device. The daemon adapts scsi::DeviceServer to it; tests
// bring their own.
#pragma once

#include "target_impl/scsi/device_server.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>

namespace lockstep::iscsi {

class CommandExecutor {
 public:
  virtual ~CommandExecutor() = default;
  [[nodiscard]] virtual const std::string& target_name() const noexcept = 0;
  virtual void nexus_started(const scsi::Nexus& nexus) = 0;
  virtual void nexus_lost(const scsi::Nexus& nexus) = 0;
  virtual void execute(const scsi::Nexus& nexus, std::uint16_t lun, const scsi::Command& command,
                       scsi::DataIn& data_in, scsi::Response& response) = 0;
  // As DeviceServer::land().
  [[nodiscard]] virtual store::Landing land(const scsi::Nexus& /*nexus*/, std::uint16_t /*lun*/,
                                            std::span<const std::uint8_t, 16> /*cdb*/,
                                            std::size_t /*bytes*/) {
    return {};
  }
  // As DeviceServer::reads_once().
  [[nodiscard]] virtual bool reads_once(std::span<const std::uint8_t, 16> /*cdb*/) const noexcept {
    return false;
  }
  // Whether a unit attention is due for this nexus there; nothing: no such logical unit.
  [[nodiscard]] virtual std::optional<bool> attention_pending(const scsi::Nexus& nexus,
                                                              std::uint16_t lun) = 0;
  // False: no such logical unit.
  [[nodiscard]] virtual bool manage(const scsi::Nexus& nexus, std::uint16_t lun,
                                    scsi::TaskManagement function) = 0;
};

}  // namespace lockstep::iscsi
