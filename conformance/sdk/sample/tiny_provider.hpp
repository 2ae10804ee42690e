// A provider with volumes and snapshots in memory: what a vendor writes to be judged in process.
#pragma once

#include "model/port/provider.hpp"

#include <cstddef>
#include <map>
#include <mutex>
#include <vector>

namespace tiny {

class TinyProvider final : public lockstep::Provider, private lockstep::DataPath {
 public:
  [[nodiscard]] lockstep::Result<lockstep::ProviderIdentity> identity() override;
  [[nodiscard]] lockstep::Result<lockstep::Capabilities> capabilities() override;
  [[nodiscard]] lockstep::Result<lockstep::Answer> invoke(
      const lockstep::Request& request) override;
  [[nodiscard]] lockstep::Result<lockstep::Inventory> inventory() override;
  [[nodiscard]] lockstep::DataPath* data_path() noexcept override { return this; }
  [[nodiscard]] lockstep::FaultPort* fault_port() noexcept override { return nullptr; }

 private:
  using Bytes = std::vector<std::byte>;
  struct Volume {
    std::optional<std::string> name;
    Bytes bytes;
  };

  lockstep::Result<lockstep::VolumeGeometry> geometry(const lockstep::ElementRef& element) override;
  lockstep::Result<lockstep::DataAnswer> read(const lockstep::ElementRef& element,
                                              lockstep::Lba first,
                                              std::span<std::byte> out) override;
  lockstep::Result<lockstep::DataAnswer> write(const lockstep::ElementRef& element,
                                               lockstep::Lba first,
                                               std::span<const std::byte> data) override;
  lockstep::Result<lockstep::DataAnswer> unmap(const lockstep::ElementRef& element,
                                               lockstep::Lba first,
                                               lockstep::BlockCount count) override;
  lockstep::Result<lockstep::DataAnswer> flush(const lockstep::ElementRef& element) override;

  lockstep::Answer create_volume(const lockstep::CreateVolumeRequest& request);
  lockstep::Answer return_volume(const lockstep::ReturnToStoragePoolRequest& request);
  lockstep::Answer snapshot(const lockstep::CreateElementReplicaRequest& request);
  lockstep::Answer modify(const lockstep::ModifyReplicaSynchronizationRequest& request);
  [[nodiscard]] bool is_related(const lockstep::ElementRef& element) const;
  // The bytes of a range, or empty when it is not inside a volume.
  std::span<std::byte> range(const lockstep::ElementRef& element, lockstep::Lba first,
                             std::size_t bytes);

  std::mutex mutex_;  // a Provider is called from several threads
  std::uint64_t last_ = 0;
  std::map<lockstep::ElementRef, Volume> volumes_;
  std::vector<lockstep::RelationshipView> snapshots_;
};

}  // namespace tiny
