// A small provider in memory, for testing the harness without a target: mirrors, snapshots and
// clones on byte vectors, everything finished at once. Optionally with one bug.
#pragma once

#include "model/port/provider.hpp"

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace lockstep::properties {

enum class FakeBug : std::uint8_t {
  None,
  SnapshotFollowsSource,  // writes to the source show on its snapshots
  MirrorLosesLastBlock,   // a mirror never gets the last block of the source
  ReservedCode,           // a refused create answers 7
  RefusesEverything,
  CannotBeAsked,  // invoke() gives an Error
};

class FakeProvider : public Provider, public DataPath {
 public:
  explicit FakeProvider(FakeBug bug = FakeBug::None) : bug_(bug) {}

  [[nodiscard]] Result<ProviderIdentity> identity() override;
  [[nodiscard]] Result<Capabilities> capabilities() override;
  [[nodiscard]] Result<Answer> invoke(const Request& request) override;
  [[nodiscard]] Result<Inventory> inventory() override;
  [[nodiscard]] DataPath* data_path() noexcept override { return this; }
  [[nodiscard]] FaultPort* fault_port() noexcept override { return nullptr; }

  [[nodiscard]] Result<VolumeGeometry> geometry(const ElementRef& element) override;
  [[nodiscard]] Result<DataAnswer> read(const ElementRef& element, Lba first,
                                        std::span<std::byte> out) override;
  [[nodiscard]] Result<DataAnswer> write(const ElementRef& element, Lba first,
                                         std::span<const std::byte> data) override;
  [[nodiscard]] Result<DataAnswer> unmap(const ElementRef& element, Lba first,
                                         BlockCount count) override;
  [[nodiscard]] Result<DataAnswer> flush(const ElementRef& element) override;

  // What it says it can do; the same for every instance.
  [[nodiscard]] static Capabilities abilities();

 private:
  struct Volume {
    std::optional<std::string> name;
    std::vector<std::byte> bytes;
  };

  [[nodiscard]] Answer create_volume(const CreateVolumeRequest& request);
  [[nodiscard]] Answer drop_volume(const ReturnToStoragePoolRequest& request);
  [[nodiscard]] Answer replicate(const CreateElementReplicaRequest& request);
  [[nodiscard]] Answer modify(const ModifyReplicaSynchronizationRequest& request);
  [[nodiscard]] std::optional<ReturnCode> refusal(const CreateElementReplicaRequest& request) const;
  [[nodiscard]] bool is_related(const ElementRef& element) const;
  [[nodiscard]] bool is_replica(const ElementRef& element) const;
  void copy(const ElementRef& from, const ElementRef& to);
  void store(const ElementRef& element, Lba first, std::span<const std::byte> data);

  std::mutex mutex_;
  FakeBug bug_;
  std::uint64_t next_ = 1;
  std::map<ElementRef, Volume> volumes_;
  std::vector<RelationshipView> relationships_;
};

}  // namespace lockstep::properties
