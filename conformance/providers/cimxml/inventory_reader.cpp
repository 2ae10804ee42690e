#include "conformance/providers/cimxml/inventory_reader.hpp"

#include <algorithm>
#include <limits>
#include <map>
#include <utility>

namespace lockstep::conformance {
namespace {

using wire::PathInstance;

// A path in a property of type reference.
std::optional<wire::ObjectPath> reference(const PathInstance& one, const char* name) {
  if (const wire::Item* item = wire::find_item(one.instance.properties, name)) {
    if (const auto* path = std::get_if<wire::ObjectPath>(item)) return *path;
  }
  // Some servers leave reference properties out, because the path holds them, too.
  const wire::KeyBinding* key = one.path.key(name);
  if (key != nullptr && !key->reference.empty()) return key->reference.front();
  return std::nullopt;
}

class Reader {
 public:
  Reader(CimOperations& operations, PathBook& book, JobMemory& memory, SerialNumbers& serials)
      : operations_(operations), book_(book), memory_(memory), serials_(serials) {}

  // Jobs first: what is read after a finished job shows what the job has done, never less.
  Result<Inventory> read() {
    LOCKSTEP_TRY(read_jobs());
    LOCKSTEP_TRY(read_groups());
    LOCKSTEP_TRY(read_relationships());
    LOCKSTEP_TRY(read_volumes());
    LOCKSTEP_TRY(read_pools());
    return std::move(inventory_);
  }

 private:
  [[nodiscard]] const std::string& space() const { return book_.default_namespace(); }
  [[nodiscard]] std::string text(const wire::ObjectPath& path) { return book_.from_wire(path); }

  template <class View>
  Status fill(const PathInstance& one, View& view) {
    wire::FieldReader reader(
        one.instance.properties, book_,
        "CIM-XML server " + operations_.client().server() + ", " + wire::to_text(one.path));
    wire::properties(reader, view);
    if (reader.failure()) return *reader.failure();
    return ok();
  }

  // The instances of an association. Where a server does not enumerate associations, they are
  // found from the objects at one of their ends.
  template <class View>
  Result<Instances> associations(const char* class_name, const std::vector<View>& objects) {
    LOCKSTEP_TRY(auto told, operations_.enumerate(space(), class_name));
    if (!told.refusal) return std::move(told.value);
    Instances found;
    if (!means_absent(*told.refusal)) {
      return provider_error("CIM-XML server " + operations_.client().server() + ", instances of " +
                            class_name + ": expected a list, found CIM status " +
                            std::to_string(told.refusal->code) + " " + told.refusal->description);
    }
    constexpr std::uint32_t kInvalidClass = 5;
    if (told.refusal->code == kInvalidClass) return found;
    for (const View& object : objects) {
      LOCKSTEP_TRY(auto of_one,
                   operations_.references(book_.to_wire(object.ref.path, class_name), class_name));
      if (of_one.refusal) continue;
      for (PathInstance& one : of_one.value) found.push_back(std::move(one));
    }
    return found;
  }

  Status read_jobs() {
    LOCKSTEP_TRY(const auto jobs, operations_.all(space(), "CIM_ConcreteJob"));
    for (const PathInstance& one : jobs) {
      JobView view;
      view.ref.path = text(one.path);
      LOCKSTEP_TRY(fill(one, view));
      inventory_.jobs.push_back(std::move(view));
    }
    for (JobView& job : inventory_.jobs) {
      LOCKSTEP_TRY(read_affected(job));
    }
    return ok();
  }

  Status read_affected(JobView& job) {
    if (auto known = memory_.find(job.ref)) {
      job.affected_elements = std::move(known->elements);
      job.affected_relationships = std::move(known->relationships);
      job.affected_groups = std::move(known->groups);
      return ok();
    }
    LOCKSTEP_TRY(const auto affected,
                 operations_.references(book_.to_wire(job.ref.path, "CIM_ConcreteJob"),
                                        "CIM_AffectedJobElement"));
    // The job may be gone meanwhile, and not every provider has the association.
    if (affected.refusal) return ok();
    for (const PathInstance& one : affected.value) {
      if (const auto element = reference(one, "AffectedElement")) add_affected(job, *element);
    }
    if (job.finished()) {
      memory_.remember(job.ref,
                       {job.affected_elements, job.affected_relationships, job.affected_groups});
    }
    return ok();
  }

  void add_affected(JobView& job, const wire::ObjectPath& element) {
    const std::string name = wire::lower_case(element.class_name);
    const std::string path = text(element);
    if (name.ends_with("synchronized")) {
      job.affected_relationships.push_back({path});
    } else if (name.ends_with("group")) {
      job.affected_groups.push_back({path});
    } else {
      job.affected_elements.push_back({path});
    }
  }

  Status read_groups() {
    LOCKSTEP_TRY(const auto groups, operations_.all(space(), "CIM_ReplicationGroup"));
    for (const PathInstance& one : groups) {
      GroupView view;
      view.ref.path = text(one.path);
      LOCKSTEP_TRY(fill(one, view));
      inventory_.groups.push_back(std::move(view));
    }
    if (inventory_.groups.empty()) return ok();
    LOCKSTEP_TRY(const auto members,
                 associations("CIM_OrderedMemberOfCollection", inventory_.groups));
    // By group, in the order of AssignedSequence.
    std::map<std::string, std::multimap<std::uint64_t, ElementRef>> ordered;
    for (const PathInstance& one : members) {
      const auto group = reference(one, "Collection");
      const auto member = reference(one, "Member");
      if (!group || !member) continue;
      const wire::Item* sequence = wire::find_item(one.instance.properties, "AssignedSequence");
      std::uint64_t place = 0;
      if (sequence != nullptr) {
        LOCKSTEP_TRY(place, wire::read_number(*sequence, std::numeric_limits<std::uint64_t>::max(),
                                              wire::to_text(one.path) + ", AssignedSequence"));
      }
      ordered[text(*group)].emplace(place, ElementRef{text(*member)});
    }
    for (GroupView& group : inventory_.groups) {
      for (const auto& [place, member] : ordered[group.ref.path]) group.members.push_back(member);
    }
    return ok();
  }

  Status read_relationships() {
    LOCKSTEP_TRY(auto told, operations_.enumerate(space(), "CIM_Synchronized"));
    Instances found = std::move(told.value);
    if (told.refusal) {
      found.clear();
      for (const char* class_name : {"CIM_StorageSynchronized", "CIM_GroupSynchronized"}) {
        LOCKSTEP_TRY(const auto some, operations_.all(space(), class_name));
        found.insert(found.end(), some.begin(), some.end());
      }
    }
    for (const PathInstance& one : found) {
      const auto source = reference(one, "SystemElement");
      const auto target = reference(one, "SyncedElement");
      RelationshipView view;
      const bool groups =
          wire::lower_case(one.path.class_name).find("groupsynchronized") != std::string::npos;
      if (groups) {
        view.relationship_class = RelationshipClass::GroupSynchronized;
        if (source) view.source_group = GroupRef{text(*source)};
        if (target) view.target_group = GroupRef{text(*target)};
      } else {
        if (source) view.source_element = ElementRef{text(*source)};
        if (target) view.target_element = ElementRef{text(*target)};
      }
      view.ref.path = text(one.path);
      LOCKSTEP_TRY(fill(one, view));
      inventory_.relationships.push_back(std::move(view));
    }
    return ok();
  }

  Status read_volumes() {
    LOCKSTEP_TRY(const auto volumes, operations_.all(space(), "CIM_StorageVolume"));
    std::map<std::string, std::size_t> place;
    for (const PathInstance& one : volumes) {
      ElementView view;
      view.ref.path = text(one.path);
      LOCKSTEP_TRY(fill(one, view));
      view.device_id = naa_of(one);
      if (std::string serial = serial_of(one); !serial.empty()) {
        serials_[view.ref] = std::move(serial);
      }
      place[view.ref.path] = inventory_.elements.size();
      inventory_.elements.push_back(std::move(view));
    }
    if (inventory_.elements.empty()) return ok();
    const auto join = [&](const Instances& found, const char* near, const char* far, auto put) {
      for (const PathInstance& one : found) {
        const auto volume = reference(one, near);
        const auto other = reference(one, far);
        if (!volume || !other) continue;
        const auto known = place.find(text(*volume));
        if (known != place.end()) put(inventory_.elements[known->second], text(*other));
      }
    };
    LOCKSTEP_TRY(const auto allocated,
                 associations("CIM_AllocatedFromStoragePool", inventory_.elements));
    join(allocated, "Dependent", "Antecedent",
         [](ElementView& view, std::string path) { view.pool = PoolRef{std::move(path)}; });
    LOCKSTEP_TRY(const auto settings, associations("CIM_ElementSettingData", inventory_.elements));
    join(settings, "ManagedElement", "SettingData",
         [](ElementView& view, std::string path) { view.setting = SettingRef{std::move(path)}; });
    return ok();
  }

  // NameFormat 9 is NAA, NameNamespace 2 is VPD 83h: Name is then what the LUN shows there.
  static std::string naa_of(const PathInstance& one) {
    const auto& properties = one.instance.properties;
    const wire::Item* name = wire::find_item(properties, "Name");
    const wire::Item* format = wire::find_item(properties, "NameFormat");
    if (name == nullptr || format == nullptr) return {};
    constexpr std::uint64_t kNaa = 9;
    const auto number = wire::read_number(*format, 0xFFFF, "NameFormat");
    const auto words = wire::read_text(*name, "Name");
    if (!number || number.value() != kNaa || !words) return {};
    return wire::lower_case(words.value());
  }

  // NameNamespace 5 is VPD 80h: Name is then what the LUN shows there. Else it may be among the
  // other identifiers, told by its description.
  static std::string serial_of(const PathInstance& one) {
    const auto& properties = one.instance.properties;
    constexpr std::uint64_t kVpd80 = 5;
    const wire::Item* name = wire::find_item(properties, "Name");
    const wire::Item* from = wire::find_item(properties, "NameNamespace");
    if (name != nullptr && from != nullptr) {
      const auto number = wire::read_number(*from, 0xFFFF, "NameNamespace");
      const auto words = wire::read_text(*name, "Name");
      if (number && number.value() == kVpd80 && words) return words.value();
    }
    const wire::Value* others = wire::find_value(properties, "OtherIdentifyingInfo");
    const wire::Value* described = wire::find_value(properties, "IdentifyingDescriptions");
    if (others == nullptr || described == nullptr) return {};
    const std::size_t count = std::min(others->items.size(), described->items.size());
    for (std::size_t i = 0; i < count; ++i) {
      const auto what = wire::read_text(described->items[i], "IdentifyingDescriptions");
      const auto text = wire::read_text(others->items[i], "OtherIdentifyingInfo");
      if (what && text && wire::lower_case(what.value()).find("vpd80") != std::string::npos) {
        return text.value();
      }
    }
    return {};
  }

  Status read_pools() {
    LOCKSTEP_TRY(const auto pools, operations_.all(space(), "CIM_StoragePool"));
    for (const PathInstance& one : pools) {
      const wire::Item* primordial = wire::find_item(one.instance.properties, "Primordial");
      if (primordial != nullptr) {
        const auto is = wire::read_boolean(*primordial, "Primordial");
        if (is && is.value()) continue;
      }
      PoolView view;
      view.ref.path = text(one.path);
      LOCKSTEP_TRY(fill(one, view));
      // Pools are managed elements, too, and no sources of replicas.
      ElementView element;
      element.ref.path = view.ref.path;
      element.element_class = ElementClass::StoragePool;
      element.element_name = view.name;
      inventory_.elements.push_back(std::move(element));
      inventory_.pools.push_back(std::move(view));
    }
    return ok();
  }

  CimOperations& operations_;
  PathBook& book_;
  JobMemory& memory_;
  SerialNumbers& serials_;
  Inventory inventory_;
};

}  // namespace

std::optional<JobMemory::Affected> JobMemory::find(const JobRef& job) const {
  const std::lock_guard lock(mutex_);
  const auto known = affected_.find(job);
  return known == affected_.end() ? std::nullopt : std::optional(known->second);
}

void JobMemory::remember(const JobRef& job, Affected affected) {
  constexpr std::size_t kMostRemembered = 10'000;
  const std::lock_guard lock(mutex_);
  if (affected_.size() >= kMostRemembered) affected_.clear();
  affected_[job] = std::move(affected);
}

Result<Inventory> read_inventory(CimOperations& operations, PathBook& book, JobMemory& memory,
                                 SerialNumbers& serials) {
  return Reader(operations, book, memory, serials).read();
}

}  // namespace lockstep::conformance
