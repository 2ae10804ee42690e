// An outside provider in a few lines: two pools, volumes, mirrors, and a life of its own.
#pragma once

#include "conformance/suite/runner.hpp"
#include "model/port/provider.hpp"

#include <algorithm>
#include <functional>
#include <map>
#include <string>
#include <vector>

namespace lockstep::conformance::test {

// What several providers of a run see: it outlives them as an array does.
struct SmallArrayWorld {
  SmallArrayWorld() {
    for (const char* name : {"gold", "silver"}) {
      PoolView pool;
      pool.ref.path = std::string("pool:") + name;
      pool.name = name;
      inventory.pools.push_back(pool);
    }
    add_volume("theirs", "gold", "volume:theirs");
  }

  ElementView& add_volume(const std::string& name, const std::string& pool,
                          const std::string& path) {
    ElementView view;
    view.ref.path = path;
    view.element_name = name;
    view.pool = PoolRef{"pool:" + pool};
    inventory.elements.push_back(view);
    return inventory.elements.back();
  }

  Inventory inventory;
  int made = 0;
  int asked = 0;
  std::function<void()> after_making;  // a crash of ours, for instance
};

class SmallArray : public Provider, public OutsideProvider {
 public:
  explicit SmallArray(SmallArrayWorld& world) : world_(world), data_(*this) {}

  Result<ProviderIdentity> identity() override {
    ProviderIdentity who;
    who.organisation = "Example";
    who.product = "Array";
    return who;
  }
  Result<Capabilities> capabilities() override { return Capabilities{}; }
  Result<Inventory> inventory() override { return world_.inventory; }
  DataPath* data_path() noexcept override { return &data_; }
  FaultPort* fault_port() noexcept override { return nullptr; }
  KnownReferences known_references() override {
    KnownReferences known;
    known.username = "somebody";
    return known;
  }

  Result<Answer> invoke(const Request& request) override {
    ++world_.asked;
    Answer answer;
    Inventory& now = world_.inventory;
    if (const auto* volume = std::get_if<CreateVolumeRequest>(&request)) {
      const std::string path = "volume:" + std::to_string(++world_.made);
      ElementView& view = world_.add_volume(volume->element_name.value_or(""), "gold", path);
      view.pool = volume->pool;
      if (world_.after_making) world_.after_making();
      answer.target_element = view.ref;
    } else if (const auto* replica = std::get_if<CreateElementReplicaRequest>(&request)) {
      const std::string path = "volume:" + std::to_string(++world_.made);
      RelationshipView pair;
      pair.ref.path = "pair:" + std::to_string(world_.made);
      pair.source_element = replica->source_element;
      pair.target_element = ElementRef{path};
      world_.add_volume("", "gold", path);
      now.relationships.push_back(pair);
      // As with a job: the answer names nothing.
      answer.code = ReturnCode::JobStarted;
    } else if (const auto* modify = std::get_if<ModifyReplicaSynchronizationRequest>(&request)) {
      std::erase_if(now.relationships,
                    [&](const auto& view) { return view.ref == *modify->synchronization; });
    } else if (const auto* back = std::get_if<ReturnToStoragePoolRequest>(&request)) {
      std::erase_if(now.elements, [&](const auto& view) { return view.ref == back->element; });
    }
    return answer;
  }

 private:
  class Bytes : public DataPath {
   public:
    explicit Bytes(SmallArray& array) : array_(array) {}
    Result<VolumeGeometry> geometry(const ElementRef&) override { return VolumeGeometry{}; }
    Result<DataAnswer> read(const ElementRef&, Lba, std::span<std::byte>) override {
      return DataAnswer{};
    }
    Result<DataAnswer> write(const ElementRef&, Lba, std::span<const std::byte>) override {
      ++array_.world_.asked;
      return DataAnswer{};
    }
    Result<DataAnswer> unmap(const ElementRef&, Lba, BlockCount) override {
      ++array_.world_.asked;
      return DataAnswer{};
    }
    Result<DataAnswer> flush(const ElementRef&) override { return DataAnswer{}; }

   private:
    SmallArray& array_;
  };

  SmallArrayWorld& world_;
  Bytes data_;
};

}  // namespace lockstep::conformance::test
