#include "conformance/providers/cimxml/cimxml_provider.hpp"

#include "conformance/providers/cimxml/capabilities_reader.hpp"
#include "conformance/providers/cimxml/discovery.hpp"
#include "conformance/providers/cimxml/inventory_reader.hpp"
#include "conformance/providers/cimxml/storage_family.hpp"
#include "conformance/providers/data_access/data_access.hpp"
#include "model/vocab/names.hpp"

#include <limits>
#include <map>
#include <mutex>
#include <optional>
#include <utility>

namespace lockstep::conformance {
namespace {

std::string text_property(const wire::PathInstance& one, const char* name) {
  const wire::Item* item = wire::find_item(one.instance.properties, name);
  const auto* text = item == nullptr ? nullptr : std::get_if<std::string>(item);
  return text == nullptr ? std::string() : *text;
}

CimClientOptions client_options(const CimXmlOptions& options, const tls::Context* tls) {
  CimClientOptions client;
  client.tls = tls;
  client.host = options.url.host;
  client.port = options.url.port;
  client.credentials = options.credentials;
  client.connect_timeout = options.connect_timeout;
  client.read_timeout = options.read_timeout;
  client.method_timeout = options.method_timeout;
  client.most_answer_bytes = options.most_answer_bytes;
  return client;
}

class Remote final : public CimXmlProvider, private FaultPort {
 public:
  // `tls` nullptr: without.
  Remote(const CimXmlOptions& options, std::unique_ptr<tls::Context> tls)
      : options_(options),
        tls_(std::move(tls)),
        client_(client_options(options, tls_.get())),
        operations_(client_) {}

  Status start() {
    LOCKSTEP_TRY(services_, find_services(operations_, options_.url.name_space));
    book_.emplace(services_.name_space);
    LOCKSTEP_TRY(data_access_,
                 DataAccess::make(options_.url.portals, options_.url.data_access_file,
                                  [this](const ElementRef& element) { return who_is(element); }));
    return ok();
  }

  Result<ProviderIdentity> identity() override {
    return ProviderIdentity{
        text_property(services_.system, "ElementName"),
        "SMI-S provider at " + client_.server() + ", namespace " + services_.name_space, "", ""};
  }

  Result<Capabilities> capabilities() override {
    const std::lock_guard lock(capabilities_mutex_);
    if (!capabilities_) {
      LOCKSTEP_TRY(capabilities_, read_capabilities(operations_, services_));
    }
    return *capabilities_;
  }

  Result<Inventory> inventory() override {
    SerialNumbers serials;
    LOCKSTEP_TRY(auto inventory, read_inventory(operations_, *book_, jobs_, serials));
    {
      const std::lock_guard lock(identities_mutex_);
      for (const ElementView& element : inventory.elements) {
        identities_[element.ref] = {element.element_name.value_or(""), element.device_id,
                                    serials[element.ref]};
      }
    }
    if (data_access_) data_access_->seen(inventory);
    return inventory;
  }

  Result<Answer> invoke(const Request& request) override {
    const Method method = method_of(request);
    if (method == Method::CreateReplica) return create_replica(request);
    LOCKSTEP_TRY(const auto target, target_of(request, method));
    if (!target) {
      Answer refused;
      refused.cim_status = CimStatus::MethodNotFound;
      return refused;
    }
    return call(*target, request, *book_, *book_);
  }

  DataPath* data_path() noexcept override { return data_access_ ? &data_access_->path() : nullptr; }
  FaultPort* fault_port() noexcept override { return services_.faults ? this : nullptr; }

  KnownReferences known_references() override {
    KnownReferences known;
    const auto points = operations_.enumerate_names(services_.name_space, "CIM_ServiceAccessPoint");
    if (points) {
      for (const wire::ObjectPath& path : points.value().value) {
        const bool endpoint = wire::lower_case(path.class_name).ends_with("endpoint");
        if (!endpoint && !known.local_access_point) {
          known.local_access_point = AccessPointRef{book_->from_wire(path)};
        }
      }
    }
    const auto goals = operations_.enumerate_names(services_.name_space, "CIM_StorageSetting");
    if (goals && !goals.value().value.empty()) {
      known.target_setting_goal = SettingRef{book_->from_wire(goals.value().value.front())};
    }
    if (!services_.storage_namespace.empty()) known.local_peer = system_peer();
    if (!options_.credentials.user.empty()) {
      known.username = options_.credentials.user;
      known.password = options_.credentials.password;
    }
    return known;
  }

  std::map<std::string, std::string> how_reached() const override {
    std::map<std::string, std::string> said;
    if (const std::string trust = trust_text(options_.url); !trust.empty()) said["tls"] = trust;
    said["data_access"] = description_of(data_access_.get());
    return said;
  }

  Status keep_evidence(const std::filesystem::path& file) override {
    if (client_.evidence().write_to(file)) return ok();
    return config_error("cannot write " + file.string() + ": choose another folder");
  }
  std::string recent_evidence() const override { return client_.evidence().recent(); }

 private:
  // The object that a method is invoked on; nothing when the provider has none.
  Result<std::optional<wire::ObjectPath>> target_of(const Request& request, Method method) {
    switch (method) {
      case Method::AttachReplica:
      case Method::CreateVolume:
      case Method::ReturnToStoragePool:
        return services_.configuration;
      case Method::RequestJobStateChange:
        return std::optional(book_->to_wire(
            std::get<RequestJobStateChangeRequest>(request).job.path, "CIM_ConcreteJob"));
      default:
        return services_.replication;
    }
  }

  Result<Answer> call(const wire::ObjectPath& target, const Request& request,
                      wire::References& sending, wire::References& reading) {
    const Method method = method_of(request);
    Request sent = request;
    wire::FieldWriter writer(sending);
    wire::in_parameters(writer, sent);
    LOCKSTEP_TRY(const auto told,
                 operations_.invoke(target, wire::wire_name(method), std::move(writer.written())));
    Answer answer;
    if (told.refusal) {
      answer.cim_status = static_cast<CimStatus>(told.refusal->code);
      return answer;
    }
    answer.code = static_cast<ReturnCode>(told.value.code);
    wire::FieldReader reader(told.value.out, reading,
                             "CIM-XML server " + client_.server() + ", " + wire::wire_name(method));
    wire::out_parameters(reader, method, answer);
    if (reader.failure()) return *reader.failure();
    return answer;
  }

  Result<Answer> create_replica(const Request& request) {
    if (services_.storage_namespace.empty()) {
      Answer refused;
      refused.cim_status = CimStatus::MethodNotFound;
      return refused;
    }
    StorageFamily before(operations_, *book_, services_.storage_namespace);
    LOCKSTEP_TRY(before.learn("MSFT_SMStorageVolume"));
    LOCKSTEP_TRY(before.learn("MSFT_SMPool"));
    const auto source =
        before.to_wire(std::get<CreateReplicaRequest>(request).source.path, "MSFT_SMStorageVolume");
    // What the answer names may be new, and is looked up only when it is there.
    class Later final : public wire::References {
     public:
      Later(CimOperations& operations, PathBook& book, const std::string& name_space)
          : family_(operations, book, name_space) {}
      wire::ObjectPath to_wire(const std::string& text, std::string_view class_name) override {
        return family_.to_wire(text, class_name);
      }
      std::string from_wire(const wire::ObjectPath& path) override {
        const std::string name = wire::lower_case(path.class_name);
        // A failure to learn leaves the path as it came; whoever looks for the object notices.
        if (name == "msft_smstoragevolume")
          static_cast<void>(family_.learn("MSFT_SMStorageVolume"));
        if (name == "msft_smjob") static_cast<void>(family_.learn("MSFT_SMJob"));
        return family_.from_wire(path);
      }

     private:
      StorageFamily family_;
    };
    Later after(operations_, *book_, services_.storage_namespace);
    return call(source, request, before, after);
  }

  std::optional<PeerRef> system_peer() {
    const auto peers = operations_.enumerate(services_.storage_namespace, "MSFT_SMReplicaPeer");
    if (!peers) return std::nullopt;
    constexpr const char* kStorageSystem = "32770";
    for (const wire::PathInstance& peer : peers.value().value) {
      if (text_property(peer, "PeerObjectType") == kStorageSystem) {
        return PeerRef{book_->from_wire(peer.path)};
      }
    }
    return std::nullopt;
  }

  Result<VolumeIdentity> who_is(const ElementRef& element) {
    for (const bool looked : {false, true}) {
      {
        const std::lock_guard lock(identities_mutex_);
        const auto known = identities_.find(element);
        if (known != identities_.end()) return known->second;
      }
      if (!looked) {
        LOCKSTEP_TRY(inventory());
      }
    }
    return config_error("element " + element.path +
                        ": expected a volume that the provider shows, found none");
  }

  std::set<FaultKind> supported() const override {
    std::set<FaultKind> kinds;
    const wire::Value* value =
        wire::find_value(services_.faults->instance.properties, "SupportedFaults");
    if (value == nullptr) return kinds;
    for (const wire::Item& item : value->items) {
      const auto number =
          wire::read_number(item, std::numeric_limits<std::uint8_t>::max(), "SupportedFaults");
      if (!number) continue;
      const auto kind = static_cast<FaultKind>(number.value());
      if (name_of(kind)) kinds.insert(kind);
    }
    return kinds;
  }

  Status inject(const Fault& fault) override {
    if (!supported().contains(fault.kind)) {
      return usage_error("fault " + to_text(fault.kind) + ": the provider does not offer it");
    }
    wire::Parameters parameters{
        {"Kind", wire::number_value("uint16", static_cast<std::uint64_t>(fault.kind))}};
    if (fault.relationship) {
      parameters.push_back({"Relationship", wire::reference_value(book_->to_wire(
                                                fault.relationship->path, "CIM_Synchronized"))});
    }
    LOCKSTEP_TRY(const auto told,
                 operations_.invoke(services_.faults->path, "InjectFault", std::move(parameters)));
    if (!told.refusal && told.value.code == 0) return ok();
    const std::string found = told.refusal ? "CIM status " + std::to_string(told.refusal->code)
                                           : "code " + std::to_string(told.value.code);
    return usage_error("fault " + to_text(fault.kind) + ": refused with " + found);
  }

  const CimXmlOptions options_;
  const std::unique_ptr<tls::Context> tls_;
  CimClient client_;
  CimOperations operations_;
  Services services_;
  std::optional<PathBook> book_;
  JobMemory jobs_;
  std::mutex capabilities_mutex_;
  std::optional<Capabilities> capabilities_;
  std::mutex identities_mutex_;
  std::map<ElementRef, VolumeIdentity> identities_;
  std::unique_ptr<DataAccess> data_access_;
};

}  // namespace

Result<std::unique_ptr<CimXmlProvider>> make_cimxml(const CimXmlOptions& options) {
  LOCKSTEP_TRY(auto tls, tls_context(options.url));
  auto remote = std::make_unique<Remote>(options, std::move(tls));
  LOCKSTEP_TRY(remote->start());
  return std::unique_ptr<CimXmlProvider>(std::move(remote));
}

}  // namespace lockstep::conformance
