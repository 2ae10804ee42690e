// A scripted provider and a scripted oracle, to prove the suite without either real one.
#pragma once

#include "conformance/suite/oracle.hpp"
#include "model/port/provider.hpp"

#include <functional>
#include <mutex>
#include <string>
#include <utility>

namespace lockstep::conformance::test {

// Makes and removes volumes; every other request goes to the script.
class FakeProvider : public Provider {
 public:
  using Script = std::function<Result<Answer>(FakeProvider&, const Request&)>;
  explicit FakeProvider(Script given = nullptr) : script(std::move(given)) {
    abilities.methods = {Method::CreateElementReplica, Method::CreateVolume};
  }

  Result<ProviderIdentity> identity() override { return ProviderIdentity{}; }
  Result<Capabilities> capabilities() override { return abilities; }
  Result<Answer> invoke(const Request& request) override {
    Answer answer;
    if (std::holds_alternative<CreateVolumeRequest>(request)) {
      const std::lock_guard lock(mutex);
      ElementView view;
      view.ref.path = "volume-" + std::to_string(++made);
      view.blocks = std::get<CreateVolumeRequest>(request).blocks;
      world.elements.push_back(view);
      answer.target_element = view.ref;
      return answer;
    }
    if (const auto* removal = std::get_if<ReturnToStoragePoolRequest>(&request)) {
      const std::lock_guard lock(mutex);
      std::erase_if(world.elements, [&](const auto& view) { return view.ref == removal->element; });
      return answer;
    }
    if (script) return script(*this, request);
    answer.code = ReturnCode::InvalidParameter;
    return answer;
  }
  Result<Inventory> inventory() override {
    const std::lock_guard lock(mutex);
    if (on_look) on_look(world);
    return world;
  }
  DataPath* data_path() noexcept override { return nullptr; }
  FaultPort* fault_port() noexcept override { return nullptr; }

  std::mutex mutex;
  Inventory world;
  Capabilities abilities;
  Script script;
  std::function<void(Inventory&)> on_look;
  int made = 0;
};

// Finds nothing wrong unless told to.
class FakeOracle : public Oracle {
 public:
  explicit FakeOracle(model::Findings given = {}) : findings_(std::move(given)) {}
  void adopt(const Inventory&) override {}
  model::AllowedCodes allowed(const Request&) override {
    model::AllowedCodes codes;
    codes.strict = {0, 5, 4096};
    codes.tolerated = {4};
    codes.clauses = {ClauseId{"CER-03"}};
    return codes;
  }
  model::Findings answered(const Request& request, const Answer&, const model::Window&,
                           const Inventory&) override {
    return std::holds_alternative<CreateElementReplicaRequest>(request) ? findings_
                                                                        : model::Findings{};
  }
  model::Findings observed(const Inventory&, Instant) override { return {}; }
  void disturbed(model::Disturbance, const std::optional<RelationshipRef>&,
                 const model::Window&) override {}
  void write_issued(const ElementRef&, Lba, BlockCount, std::uint64_t, Instant) override {}
  model::Findings write_answered(const ElementRef&, std::uint64_t, std::uint8_t, Instant) override {
    return {};
  }
  void unmap_issued(const ElementRef&, Lba, BlockCount, std::uint64_t, Instant) override {}
  model::Findings read(const ElementRef&, Lba, BlockSize, std::span<const std::byte>,
                       const model::Window&) override {
    return {};
  }
  model::Findings read_group(const std::vector<model::Judge::Image>&, BlockSize,
                             const model::Window&) override {
    return {};
  }
  std::uint64_t volume_number(const ElementRef&) override { return 1; }
  std::vector<std::string> describe() override { return {"v1: nothing"}; }

 private:
  model::Findings findings_;
};

}  // namespace lockstep::conformance::test
