#include "conformance/providers/null_provider.hpp"

namespace lockstep::conformance {
namespace {

class NullProvider : public Provider {
 public:
  Result<ProviderIdentity> identity() override {
    return ProviderIdentity{"lockstep", "null provider", "1", ""};
  }
  Result<Capabilities> capabilities() override {
    Capabilities none;
    none.sequential_consistency_supported = false;
    return none;
  }
  Result<Answer> invoke(const Request&) override {
    Answer answer;
    answer.code = ReturnCode::NotSupported;
    return answer;
  }
  Result<Inventory> inventory() override { return Inventory{}; }
  DataPath* data_path() noexcept override { return nullptr; }
  FaultPort* fault_port() noexcept override { return nullptr; }
};

}  // namespace

std::unique_ptr<Provider> make_null() { return std::make_unique<NullProvider>(); }

}  // namespace lockstep::conformance
