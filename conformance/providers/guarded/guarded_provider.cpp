// The provider behind the guard: every call passes it on the way out and on the way back.
#include "conformance/providers/guarded/guard.hpp"
#include "conformance/suite/runner.hpp"
#include "model/port/lun_urls.hpp"

#include <utility>

namespace lockstep::conformance {
namespace {

class GuardedDataPath : public DataPath, public LunUrls {
 public:
  GuardedDataPath(DataPath& inner, Guard& guard) : inner_(inner), guard_(guard) {}

  Result<VolumeGeometry> geometry(const ElementRef& element) override {
    return inner_.geometry(element);
  }
  Result<DataAnswer> read(const ElementRef& element, Lba first, std::span<std::byte> out) override {
    return inner_.read(element, first, out);
  }
  Result<DataAnswer> write(const ElementRef& element, Lba first,
                           std::span<const std::byte> data) override {
    LOCKSTEP_TRY(guard_.permit_write(element));
    return inner_.write(element, first, data);
  }
  Result<DataAnswer> unmap(const ElementRef& element, Lba first, BlockCount count) override {
    LOCKSTEP_TRY(guard_.permit_write(element));
    return inner_.unmap(element, first, count);
  }
  Result<DataAnswer> flush(const ElementRef& element) override { return inner_.flush(element); }
  // Who asks may write there without passing here.
  Result<std::string> url_of(const ElementRef& element) override {
    LOCKSTEP_TRY(guard_.permit_write(element));
    return lun_url_of(inner_, element);
  }

 private:
  DataPath& inner_;
  Guard& guard_;
};

class GuardedProvider : public Provider, public OutsideProvider {
 public:
  GuardedProvider(std::unique_ptr<Provider> inner, std::shared_ptr<Guard> guard)
      : inner_(std::move(inner)), guard_(std::move(guard)) {
    if (DataPath* path = inner_->data_path()) {
      data_path_ = std::make_unique<GuardedDataPath>(*path, *guard_);
    }
  }

  Result<ProviderIdentity> identity() override { return inner_->identity(); }
  Result<Capabilities> capabilities() override { return inner_->capabilities(); }
  Result<Answer> invoke(const Request& request) override {
    LOCKSTEP_TRY(const auto permitted, guard_->permit(request));
    LOCKSTEP_TRY(const auto number, guard_->intend(permitted));
    LOCKSTEP_TRY(auto answer, inner_->invoke(permitted));
    LOCKSTEP_TRY(guard_->answered(number, permitted, answer));
    return answer;
  }
  Result<Inventory> inventory() override {
    LOCKSTEP_TRY(auto inventory, inner_->inventory());
    LOCKSTEP_TRY(guard_->seen(inventory));
    return inventory;
  }
  DataPath* data_path() noexcept override { return data_path_.get(); }
  FaultPort* fault_port() noexcept override { return inner_->fault_port(); }
  KnownReferences known_references() override {
    auto* outside = dynamic_cast<OutsideProvider*>(inner_.get());
    return outside == nullptr ? KnownReferences{} : outside->known_references();
  }

 private:
  std::unique_ptr<Provider> inner_;
  std::shared_ptr<Guard> guard_;
  std::unique_ptr<GuardedDataPath> data_path_;
};

}  // namespace

std::unique_ptr<Provider> guarded(std::unique_ptr<Provider> inner, std::shared_ptr<Guard> guard) {
  return std::make_unique<GuardedProvider>(std::move(inner), std::move(guard));
}

}  // namespace lockstep::conformance
