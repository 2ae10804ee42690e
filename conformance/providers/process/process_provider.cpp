#include "conformance/providers/process/process_provider.hpp"

#include "conformance/providers/process/conversation.hpp"
#include "model/vocab/names.hpp"
#include "target_impl/portal_data_path.hpp"

#include <map>
#include <mutex>
#include <optional>
#include <utility>

namespace lockstep::conformance {
namespace {

class Remote final : public ProcessProvider, private FaultPort {
 public:
  explicit Remote(const ProcessOptions& options) : options_(options), conversation_(options) {}

  Status start() {
    LOCKSTEP_TRY(hello_, conversation_.hello());
    std::vector<std::string> portals = options_.portals;
    portals.insert(portals.end(), hello_.portals.begin(), hello_.portals.end());
    if (hello_.volume_urls) {
      data_path_ = make_url_data_path([this](const ElementRef& element) {
        return place_of(element, &Place::url, "the URL of its LUN");
      });
    } else if (!portals.empty()) {
      LOCKSTEP_TRY(data_path_, make_portal_data_path(portals, [this](const ElementRef& element) {
                     return place_of(element, &Place::naa,
                                     "an NAA identifier by which to find its LUN");
                   }));
    }
    return ok();
  }

  Result<ProviderIdentity> identity() override { return hello_.identity; }

  Result<Capabilities> capabilities() override {
    LOCKSTEP_TRY(auto told, conversation_.ask(lines::CapabilitiesCall{}));
    return std::get<Capabilities>(std::move(told));
  }

  Result<Answer> invoke(const Request& request) override {
    LOCKSTEP_TRY(auto told, conversation_.ask(lines::InvokeCall{request}));
    return std::get<Answer>(std::move(told));
  }

  Result<Inventory> inventory() override {
    LOCKSTEP_TRY(auto told, conversation_.ask(lines::InventoryCall{}));
    auto& seen = std::get<lines::Seen>(told);
    const std::lock_guard lock(places_mutex_);
    for (const ElementView& view : seen.inventory.elements) {
      const auto url = seen.urls.find(view.ref);
      places_[view.ref] = {view.device_id, url == seen.urls.end() ? "" : url->second};
    }
    return std::move(seen.inventory);
  }

  DataPath* data_path() noexcept override { return data_path_.get(); }
  FaultPort* fault_port() noexcept override { return hello_.faults.empty() ? nullptr : this; }

  KnownReferences known_references() override {
    const lines::Known& known = hello_.known;
    return {known.local_access_point, known.target_setting_goal, known.local_peer, known.username,
            known.password};
  }

  Status keep_evidence(const std::filesystem::path& folder) override {
    return conversation_.keep_evidence(folder);
  }
  std::string recent_evidence() const override { return conversation_.recent_evidence(); }

 private:
  struct Place {
    std::string naa;
    std::string url;
  };

  Result<std::string> place_of(const ElementRef& element, std::string Place::*wanted,
                               const char* what) {
    for (const bool looked : {false, true}) {
      {
        const std::lock_guard lock(places_mutex_);
        const auto known = places_.find(element);
        if (known != places_.end() && !(known->second.*wanted).empty()) {
          return known->second.*wanted;
        }
      }
      if (!looked) {
        LOCKSTEP_TRY(inventory());
      }
    }
    return config_error("element " + element.path + ": expected " + what + ", found none");
  }

  std::set<FaultKind> supported() const override { return hello_.faults; }

  Status inject(const Fault& fault) override {
    if (!supported().contains(fault.kind)) {
      return usage_error("fault " + to_text(fault.kind) + ": the provider does not offer it");
    }
    LOCKSTEP_TRY(conversation_.ask(lines::InjectCall{fault}));
    return ok();
  }

  const ProcessOptions options_;
  Conversation conversation_;
  lines::Hello hello_;
  std::mutex places_mutex_;
  std::map<ElementRef, Place> places_;
  std::unique_ptr<DataPath> data_path_;
};

}  // namespace

Result<std::unique_ptr<ProcessProvider>> make_process(const ProcessOptions& options) {
  auto remote = std::make_unique<Remote>(options);
  LOCKSTEP_TRY(remote->start());
  return std::unique_ptr<ProcessProvider>(std::move(remote));
}

}  // namespace lockstep::conformance
