#include "conformance/providers/process/process_provider.hpp"

#include "conformance/providers/data_access/data_access.hpp"
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
    if (hello_.volume_urls && options_.data_access_file.empty()) {
      told_path_ =
          make_url_data_path([this](const ElementRef& element) { return url_of(element); });
      return ok();
    }
    LOCKSTEP_TRY(data_access_,
                 DataAccess::make(std::move(portals), options_.data_access_file,
                                  [this](const ElementRef& element) -> Result<VolumeIdentity> {
                                    LOCKSTEP_TRY(auto place, place_of(element));
                                    return std::move(place.identity);
                                  }));
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
    {
      const std::lock_guard lock(places_mutex_);
      for (const ElementView& view : seen.inventory.elements) {
        const auto url = seen.urls.find(view.ref);
        places_[view.ref] = {{view.element_name.value_or(""), view.device_id, ""},
                             url == seen.urls.end() ? "" : url->second};
      }
    }
    if (data_access_) data_access_->seen(seen.inventory);
    return std::move(seen.inventory);
  }

  DataPath* data_path() noexcept override {
    return data_access_ ? &data_access_->path() : told_path_.get();
  }
  FaultPort* fault_port() noexcept override { return hello_.faults.empty() ? nullptr : this; }

  KnownReferences known_references() override {
    const lines::Known& known = hello_.known;
    return {known.local_access_point, known.target_setting_goal, known.local_peer, known.username,
            known.password};
  }

  std::map<std::string, std::string> how_reached() const override {
    return {
        {"data_access", told_path_ ? "as the adapter says" : description_of(data_access_.get())}};
  }

  Status keep_evidence(const std::filesystem::path& folder) override {
    return conversation_.keep_evidence(folder);
  }
  std::string recent_evidence() const override { return conversation_.recent_evidence(); }

 private:
  struct Place {
    VolumeIdentity identity;
    std::string url;
  };

  Result<std::string> url_of(const ElementRef& element) {
    LOCKSTEP_TRY(auto place, place_of(element));
    if (!place.url.empty()) return std::move(place.url);
    return config_error("element " + element.path + ": expected the URL of its LUN, found none");
  }

  // What the adapter has not given yet may be given by now.
  Result<Place> place_of(const ElementRef& element) {
    for (const bool looked : {false, true}) {
      {
        const std::lock_guard lock(places_mutex_);
        const auto known = places_.find(element);
        const bool whole = known != places_.end() &&
                           !(told_path_ ? known->second.url : known->second.identity.naa).empty();
        if (whole || (looked && known != places_.end())) return known->second;
      }
      if (!looked) {
        LOCKSTEP_TRY(inventory());
      }
    }
    return config_error("element " + element.path +
                        ": expected a volume that the adapter shows, found none");
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
  std::unique_ptr<DataAccess> data_access_;
  std::unique_ptr<DataPath> told_path_;  // by the adapter's own URLs
};

}  // namespace

Result<std::unique_ptr<ProcessProvider>> make_process(const ProcessOptions& options) {
  auto remote = std::make_unique<Remote>(options);
  LOCKSTEP_TRY(remote->start());
  return std::unique_ptr<ProcessProvider>(std::move(remote));
}

}  // namespace lockstep::conformance
