#include "target_impl/daemon/volume_source.hpp"

#include "target_impl/store/durable_store.hpp"

#include <cstddef>
#include <span>
#include <utility>
#include <vector>

namespace lockstep::target {
namespace {

class MemoryVolumes final : public VolumeSource {
 public:
  explicit MemoryVolumes(ByteCount capacity) : pool_(store::make_pool(capacity)) {}

  [[nodiscard]] Result<std::shared_ptr<store::Volume>> volume(const std::string& /*name*/,
                                                              BlockCount blocks,
                                                              BlockSize block_size) override {
    return std::make_shared<store::Volume>(blocks, block_size, pool_);
  }
  [[nodiscard]] std::shared_ptr<scsi::PersistentState> state(const std::string& /*name*/) override {
    return nullptr;
  }
  [[nodiscard]] const std::shared_ptr<store::Pool>& pool() const noexcept override { return pool_; }
  [[nodiscard]] Status flush() override { return ok(); }

 private:
  const std::shared_ptr<store::Pool> pool_;
};

// Under one key of the store.
class StoredState final : public scsi::PersistentState {
 public:
  StoredState(std::shared_ptr<store::DurableStore> store, std::string key)
      : store_(std::move(store)), key_(std::move(key)) {}

  [[nodiscard]] Result<std::vector<std::byte>> load() override {
    return store_->get(key_).value_or(std::vector<std::byte>{});
  }
  [[nodiscard]] Result<void> save(std::span<const std::byte> blob) override {
    if (blob.empty()) {
      store_->erase(key_);
    } else {
      LOCKSTEP_TRY(store_->put(key_, blob));
    }
    if (store_->commit() != store::CommitOutcome::Durable) {
      return config_error(key_ + ": expected the store to keep it, found its disk full or failing");
    }
    return ok();
  }

 private:
  const std::shared_ptr<store::DurableStore> store_;
  const std::string key_;
};

class DurableVolumes final : public VolumeSource {
 public:
  DurableVolumes(std::string directory, std::shared_ptr<store::DurableStore> store)
      : directory_(std::move(directory)), store_(std::move(store)) {}

  [[nodiscard]] Result<std::shared_ptr<store::Volume>> volume(const std::string& name,
                                                              BlockCount blocks,
                                                              BlockSize block_size) override {
    auto found = store_->find_volume(name);
    if (!found) {
      return store_->create_volume(name, blocks, block_size);
    }
    if (found->blocks() != blocks || found->block_size() != block_size) {
      return config_error("store " + directory_ + ": volume \"" + name + "\": expected " +
                          text_of(blocks, block_size) + ", found " +
                          text_of(found->blocks(), found->block_size()) +
                          "; correct the configuration or choose another volume name");
    }
    return found;
  }
  [[nodiscard]] std::shared_ptr<scsi::PersistentState> state(const std::string& name) override {
    return std::make_shared<StoredState>(store_, "reservations/" + name);
  }
  [[nodiscard]] const std::shared_ptr<store::Pool>& pool() const noexcept override {
    return store_->pool();
  }
  [[nodiscard]] Status flush() override {
    switch (store_->commit()) {
      case store::CommitOutcome::Durable:
        return ok();
      case store::CommitOutcome::NoSpace:
        return config_error("store " + directory_ +
                            ": expected room for what was written, found a full disk; what was not "
                            "flushed before is lost");
      case store::CommitOutcome::Failed:
        break;
    }
    return config_error("store " + directory_ + ": expected to flush it, found a failing disk");
  }

 private:
  [[nodiscard]] static std::string text_of(BlockCount blocks, BlockSize size) {
    return std::to_string(blocks.value) + " blocks of " + std::to_string(size.bytes) + " bytes";
  }

  const std::string directory_;
  const std::shared_ptr<store::DurableStore> store_;
};

}  // namespace

Result<std::unique_ptr<VolumeSource>> durable_volumes(const std::string& directory,
                                                      ByteCount capacity) {
  store::DurableOptions options;
  options.capacity = capacity;
  LOCKSTEP_TRY(auto store, store::DurableStore::open(directory, options));
  return std::make_unique<DurableVolumes>(directory, std::move(store));
}

std::unique_ptr<VolumeSource> memory_volumes(ByteCount capacity) {
  return std::make_unique<MemoryVolumes>(capacity);
}

}  // namespace lockstep::target
