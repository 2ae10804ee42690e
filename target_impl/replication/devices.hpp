// The iSCSI side of the service: one target device with every volume as a LUN for hosts, and one
// for the copy engine alone, with the endpoints of the copies that run.
#pragma once

#include "model/vocab/error.hpp"
#include "target_impl/copy/copy_engine.hpp"
#include "target_impl/daemon/target_server.hpp"
#include "target_impl/scsi/device_server.hpp"
#include "target_impl/scsi/logical_unit.hpp"
#include "target_impl/store/volume.hpp"

#include <bitset>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

namespace lockstep::replication {

// A target device and which of its LUNs 1..255 are taken. Thread-safe.
class LunSpace {
 public:
  explicit LunSpace(std::string target_name);
  [[nodiscard]] const std::shared_ptr<scsi::DeviceServer>& device() const noexcept {
    return device_;
  }
  // The LUN given back first is used again last. Nothing when all are taken.
  [[nodiscard]] std::optional<std::uint16_t> publish(std::shared_ptr<scsi::LogicalUnit> unit);
  // Under the LUN that it had in another process; it must not be taken.
  void publish_again(std::uint16_t lun, std::shared_ptr<scsi::LogicalUnit> unit);
  void withdraw(std::uint16_t lun);
  [[nodiscard]] std::size_t free_luns() const;

 private:
  static constexpr std::size_t kLuns = 256;
  const std::shared_ptr<scsi::DeviceServer> device_;
  mutable std::mutex mutex_;
  std::bitset<kLuns> taken_;
  std::size_t next_ = 1;
};

// A volume that the copy engine can reach for as long as this lives.
class CopyEndpoint {
 public:
  CopyEndpoint(std::shared_ptr<LunSpace> space, std::uint16_t lun, copy::Endpoint endpoint);
  ~CopyEndpoint();
  CopyEndpoint(const CopyEndpoint&) = delete;
  CopyEndpoint& operator=(const CopyEndpoint&) = delete;
  [[nodiscard]] const copy::Endpoint& endpoint() const noexcept { return endpoint_; }

 private:
  const std::shared_ptr<LunSpace> space_;
  const std::uint16_t lun_;
  const copy::Endpoint endpoint_;
};

// Thread-safe.
class Devices {
 public:
  [[nodiscard]] static Result<std::unique_ptr<Devices>> start(
      const target::TargetServerOptions& options);
  ~Devices();

  [[nodiscard]] LunSpace& hosts() noexcept { return *hosts_; }
  [[nodiscard]] std::string portal() const { return server_->portal(); }
  [[nodiscard]] const std::string& target_name() const noexcept {
    return hosts_->device()->target_name();
  }
  // On whose thread hosts' commands run.
  [[nodiscard]] transport::EventLoop& loop() const noexcept { return server_->loop(); }
  // Nothing when the engine's device has no free LUN.
  [[nodiscard]] std::shared_ptr<CopyEndpoint> expose(std::shared_ptr<store::Volume> volume,
                                                     scsi::HostAccess access);

 private:
  Devices() = default;
  std::unique_ptr<target::TargetServer> server_;
  std::shared_ptr<LunSpace> hosts_;
  std::shared_ptr<LunSpace> copies_;
  std::mutex mutex_;
  std::uint64_t exposed_ = 0;  // guarded by mutex_
};

// NAA type 6 identifiers, unlike any other in the life of this process or another.
[[nodiscard]] std::array<std::uint8_t, 16> make_naa_identifier();
[[nodiscard]] std::string hex_text(const std::array<std::uint8_t, 16>& identifier);
// The reverse; nothing unless the text is that of a NAA type 6 identifier.
[[nodiscard]] std::optional<std::array<std::uint8_t, 16>> naa_identifier_of(
    const std::string& text);

}  // namespace lockstep::replication
