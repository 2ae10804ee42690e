#include "conformance/providers/faulty/faulty.hpp"

#include "conformance/providers/faulty/bug.hpp"

#include <utility>

namespace lockstep::conformance {
namespace {

class BuggyDataPath : public DataPath {
 public:
  BuggyDataPath(Provider& inner, Bug& bug) : inner_(inner), bug_(bug) {}

  Result<VolumeGeometry> geometry(const ElementRef& element) override {
    return inner_.data_path()->geometry(element);
  }
  Result<DataAnswer> read(const ElementRef& element, Lba first, std::span<std::byte> out) override {
    return bug_.read(inner_, element, first, out);
  }
  Result<DataAnswer> write(const ElementRef& element, Lba first,
                           std::span<const std::byte> data) override {
    return bug_.write(inner_, element, first, data);
  }
  Result<DataAnswer> unmap(const ElementRef& element, Lba first, BlockCount count) override {
    return inner_.data_path()->unmap(element, first, count);
  }
  Result<DataAnswer> flush(const ElementRef& element) override {
    return inner_.data_path()->flush(element);
  }

 private:
  Provider& inner_;
  Bug& bug_;
};

class BuggyProvider : public Provider {
 public:
  BuggyProvider(std::unique_ptr<Provider> inner, std::unique_ptr<Bug> bug, std::string name)
      : inner_(std::move(inner)),
        bug_(std::move(bug)),
        name_(std::move(name)),
        data_path_(*inner_, *bug_) {}

  Result<ProviderIdentity> identity() override {
    LOCKSTEP_TRY(auto identity, inner_->identity());
    identity.product += " with the planted bug " + name_;
    return identity;
  }
  Result<Capabilities> capabilities() override { return inner_->capabilities(); }
  Result<Answer> invoke(const Request& request) override { return bug_->invoke(*inner_, request); }
  Result<Inventory> inventory() override {
    LOCKSTEP_TRY(auto inventory, inner_->inventory());
    bug_->show(inventory);
    return inventory;
  }
  DataPath* data_path() noexcept override {
    return inner_->data_path() == nullptr ? nullptr : &data_path_;
  }
  FaultPort* fault_port() noexcept override { return inner_->fault_port(); }

 private:
  std::unique_ptr<Provider> inner_;
  std::unique_ptr<Bug> bug_;
  std::string name_;
  BuggyDataPath data_path_;
};

const std::vector<BugEntry>& all_bugs() {
  static const std::vector<BugEntry> bugs = [] {
    std::vector<BugEntry> all;
    for (auto* list : {answer_bugs, parameter_bugs, relationship_bugs, operation_bugs,
                       point_in_time_bugs, mirror_bugs}) {
      for (BugEntry& entry : list()) all.push_back(std::move(entry));
    }
    return all;
  }();
  return bugs;
}

}  // namespace

std::unique_ptr<Provider> make_faulty(const std::string& name, std::unique_ptr<Provider> inner) {
  for (const BugEntry& entry : all_bugs()) {
    if (entry.about.name == name)
      return std::make_unique<BuggyProvider>(std::move(inner), entry.make(), name);
  }
  return nullptr;
}

const std::vector<FaultyProvider>& faulty_providers() {
  static const std::vector<FaultyProvider> list = [] {
    std::vector<FaultyProvider> all;
    for (const BugEntry& entry : all_bugs()) all.push_back(entry.about);
    return all;
  }();
  return list;
}

}  // namespace lockstep::conformance
