// Pools, volumes, groups, relationships and jobs, with the associations between them.
#include "target_impl/cimxml/model.hpp"

#include <algorithm>

namespace lockstep::cimxml {
namespace {

using wire::boolean_value;
using wire::number_value;
using wire::Properties;
using wire::text_value;

bool is_volume(const ElementView& element) {
  return element.element_class != ElementClass::StoragePool;
}

std::string upper_case(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(), [](char letter) {
    return letter >= 'a' && letter <= 'z' ? static_cast<char>(letter - 'a' + 'A') : letter;
  });
  return text;
}

}  // namespace

void Model::add_storage() {
  constexpr const char* kPool = "MSISCSITARGET_ConcreteStoragePool";
  constexpr const char* kVolume = "MSISCSITARGET_StorageVolume";
  constexpr const char* kGroup = "MSISCSITARGET_ReplicationGroup";
  add(Space::Target, kPool, [this](Made& made) {
    for (const PoolView& pool : inventory_.pools) {
      Properties properties = properties_of(pool);
      properties.push_back({"PoolID", text_value(pool.name)});
      properties.push_back({"Primordial", boolean_value(false)});
      made.push_back(object(*paths_.find(Space::Target, pool.ref.path), std::move(properties)));
    }
  });
  add(Space::Target, "CIM_HostedStoragePool", [this](Made& made) {
    for (const PoolView& pool : inventory_.pools) {
      made.push_back(association(Space::Target, "CIM_HostedStoragePool", "GroupComponent",
                                 paths_.computer(), "PartComponent",
                                 *paths_.find(Space::Target, pool.ref.path)));
    }
  });
  add(Space::Target, kVolume, [this](Made& made) {
    for (const ElementView& element : inventory_.elements) {
      if (!is_volume(element)) continue;
      Properties properties = properties_of(element);
      properties.push_back({"OperationalStatus", numbers_value({2})});
      if (!element.device_id.empty()) {
        constexpr std::uint64_t kNaa = 9;
        constexpr std::uint64_t kVpd83Type3 = 2;
        properties.push_back({"Name", text_value(upper_case(element.device_id))});
        properties.push_back({"NameFormat", number_value("uint16", kNaa)});
        properties.push_back({"NameNamespace", number_value("uint16", kVpd83Type3)});
      }
      made.push_back(object(*paths_.find(Space::Target, element.ref.path), std::move(properties)));
    }
  });
  add(Space::Target, "CIM_SystemDevice", [this](Made& made) {
    for (const ElementView& element : inventory_.elements) {
      if (!is_volume(element)) continue;
      made.push_back(association(Space::Target, "CIM_SystemDevice", "GroupComponent",
                                 paths_.computer(), "PartComponent",
                                 *paths_.find(Space::Target, element.ref.path)));
    }
  });
  add(Space::Target, "CIM_AllocatedFromStoragePool", [this](Made& made) {
    for (const ElementView& element : inventory_.elements) {
      if (!is_volume(element) || !element.pool) continue;
      const std::uint64_t bytes = bytes_of(element.blocks, element.block_size).value;
      made.push_back(association(Space::Target, "CIM_AllocatedFromStoragePool", "Antecedent",
                                 paths_.any(Space::Target, element.pool->path, "CIM_StoragePool"),
                                 "Dependent", *paths_.find(Space::Target, element.ref.path),
                                 {{"SpaceConsumed", number_value("uint64", bytes)}}));
    }
  });
  add(Space::Target, "CIM_StorageSetting", [this](Made& made) {
    std::set<std::string> shown;
    if (!options_.setting_goal.empty()) shown.insert(options_.setting_goal);
    for (const ElementView& element : inventory_.elements) {
      if (element.setting) shown.insert(element.setting->path);
    }
    for (const std::string& setting : shown) {
      made.push_back(object(paths_.any(Space::Target, setting, "CIM_StorageSetting"),
                            {{"ElementName", text_value(key_text(setting))}}));
    }
  });
  add(Space::Target, "CIM_ElementSettingData", [this](Made& made) {
    for (const ElementView& element : inventory_.elements) {
      if (!is_volume(element) || !element.setting) continue;
      made.push_back(
          association(Space::Target, "CIM_ElementSettingData", "ManagedElement",
                      *paths_.find(Space::Target, element.ref.path), "SettingData",
                      paths_.any(Space::Target, element.setting->path, "CIM_StorageSetting")));
    }
  });
  add(Space::Target, kGroup, [this](Made& made) {
    for (const GroupView& group : inventory_.groups) {
      made.push_back(object(*paths_.find(Space::Target, group.ref.path), properties_of(group)));
    }
  });
  add(Space::Target, "CIM_HostedCollection", [this](Made& made) {
    for (const GroupView& group : inventory_.groups) {
      made.push_back(association(Space::Target, "CIM_HostedCollection", "Antecedent",
                                 paths_.computer(), "Dependent",
                                 *paths_.find(Space::Target, group.ref.path)));
    }
  });
  add(Space::Target, "CIM_OrderedMemberOfCollection", [this](Made& made) {
    for (const GroupView& group : inventory_.groups) {
      std::uint64_t place = 1;
      for (const ElementRef& member : group.members) {
        made.push_back(association(Space::Target, "CIM_OrderedMemberOfCollection", "Collection",
                                   *paths_.find(Space::Target, group.ref.path), "Member",
                                   paths_.any(Space::Target, member.path, "CIM_StorageVolume"),
                                   {{"AssignedSequence", number_value("uint64", place++)}}));
      }
    }
  });
}

void Model::add_relationships() {
  for (const RelationshipClass kind :
       {RelationshipClass::StorageSynchronized, RelationshipClass::GroupSynchronized}) {
    const char* name = kind == RelationshipClass::StorageSynchronized
                           ? "MSISCSITARGET_StorageSynchronized"
                           : "MSISCSITARGET_GroupSynchronized";
    add(Space::Target, name, [this, kind](Made& made) {
      for (const RelationshipView& view : inventory_.relationships) {
        if (view.relationship_class != kind) continue;
        made.push_back(object(*paths_.find(Space::Target, view.ref.path), properties_of(view)));
      }
    });
  }
}

void Model::add_jobs() {
  add(Space::Target, "MSISCSITARGET_ConcreteJob", [this](Made& made) {
    for (const JobView& job : inventory_.jobs) {
      made.push_back(object(*paths_.find(Space::Target, job.ref.path), properties_of(job)));
    }
  });
  add(Space::Target, "CIM_OwningJobElement", [this](Made& made) {
    for (const JobView& job : inventory_.jobs) {
      made.push_back(association(Space::Target, "CIM_OwningJobElement", "OwningElement",
                                 paths_.service("MSISCSITARGET_ReplicationService"), "OwnedElement",
                                 *paths_.find(Space::Target, job.ref.path)));
    }
  });
  add(Space::Target, "CIM_AffectedJobElement", [this](Made& made) {
    constexpr std::uint64_t kCreate = 5;
    for (const JobView& job : inventory_.jobs) {
      const wire::ObjectPath path = *paths_.find(Space::Target, job.ref.path);
      const auto affect = [&](const std::string& ref) {
        // What is gone can no longer be led to.
        const auto end = paths_.find(Space::Target, ref);
        if (!end) return;
        made.push_back(association(Space::Target, "CIM_AffectedJobElement", "AffectedElement", *end,
                                   "AffectingElement", path,
                                   {{"ElementEffects", numbers_value({kCreate})}}));
      };
      for (const ElementRef& element : job.affected_elements) affect(element.path);
      for (const GroupRef& group : job.affected_groups) affect(group.path);
      for (const RelationshipRef& one : job.affected_relationships) affect(one.path);
    }
  });
}

}  // namespace lockstep::cimxml
