#include "model/wire/lines/capability_lists.hpp"

#include "model/vocab/replication_type.hpp"

#include <utility>

namespace lockstep::lines {
namespace {

template <class E>
std::vector<std::uint16_t> numbers_of(const std::set<E>& values) {
  std::vector<std::uint16_t> numbers;
  for (const E value : values) numbers.push_back(number_of(value));
  return numbers;
}

template <class E>
std::set<E> values_of(const std::vector<std::uint16_t>& numbers) {
  std::set<E> values;
  for (const std::uint16_t number : numbers) values.insert(static_cast<E>(number));
  return values;
}

template <class E>
std::vector<OfKind> entries_of(const std::map<ReplicationKind, std::set<E>>& map) {
  std::vector<OfKind> entries;
  for (const auto& [kind, values] : map) {
    if (const auto type = to_replication_type(kind)) {
      entries.push_back({*type, numbers_of(values)});
    }
  }
  return entries;
}

Result<ReplicationKind> kind_of(ReplicationType type, const char* member) {
  const auto kind = to_replication_kind(type);
  if (kind) return *kind;
  return provider_error(std::string("result.") + member +
                        ": expected a replication type from 2 to 25, found " +
                        std::to_string(number_of(type)));
}

template <class E>
Status read_entries(const std::vector<OfKind>& entries, const char* member,
                    std::map<ReplicationKind, std::set<E>>& into) {
  for (const OfKind& entry : entries) {
    LOCKSTEP_TRY(const auto kind, kind_of(entry.replication_type, member));
    into[kind] = values_of<E>(entry.values);
  }
  return ok();
}

}  // namespace

CapabilityLists to_lists(const Capabilities& capabilities) {
  CapabilityLists lists;
  lists.rest = capabilities;
  for (const ReplicationKind& kind : capabilities.kinds) {
    if (const auto type = to_replication_type(kind)) lists.replication_types.push_back(*type);
  }
  lists.operations = entries_of(capabilities.operations);
  lists.copy_states = entries_of(capabilities.copy_states);
  for (const auto& [key, values] : capabilities.wait_for_copy_states) {
    if (const auto type = to_replication_type(key.second)) {
      lists.wait_for_copy_states.push_back({key.first, *type, numbers_of(values)});
    }
  }
  return lists;
}

Result<Capabilities> from_lists(const CapabilityLists& lists) {
  Capabilities capabilities = lists.rest;
  for (const ReplicationType type : lists.replication_types) {
    LOCKSTEP_TRY(const auto kind, kind_of(type, "replication_types"));
    capabilities.kinds.insert(kind);
  }
  LOCKSTEP_TRY(read_entries(lists.operations, "operations", capabilities.operations));
  LOCKSTEP_TRY(read_entries(lists.copy_states, "copy_states", capabilities.copy_states));
  for (const OfMethodAndKind& entry : lists.wait_for_copy_states) {
    LOCKSTEP_TRY(const auto kind, kind_of(entry.replication_type, "wait_for_copy_states"));
    capabilities.wait_for_copy_states[{entry.method, kind}] = values_of<CopyState>(entry.values);
  }
  return capabilities;
}

SeenLists to_lists(const Seen& seen) {
  SeenLists lists;
  lists.pools = seen.inventory.pools;
  for (const ElementView& view : seen.inventory.elements) {
    const auto url = seen.urls.find(view.ref);
    lists.elements.push_back(
        {view, url == seen.urls.end() ? std::nullopt : std::optional(url->second)});
  }
  lists.groups = seen.inventory.groups;
  lists.relationships = seen.inventory.relationships;
  lists.jobs = seen.inventory.jobs;
  return lists;
}

Seen from_lists(SeenLists lists) {
  Seen seen;
  seen.inventory.pools = std::move(lists.pools);
  for (ElementEntry& entry : lists.elements) {
    if (entry.url) seen.urls[entry.view.ref] = std::move(*entry.url);
    seen.inventory.elements.push_back(std::move(entry.view));
  }
  seen.inventory.groups = std::move(lists.groups);
  seen.inventory.relationships = std::move(lists.relationships);
  seen.inventory.jobs = std::move(lists.jobs);
  return seen;
}

}  // namespace lockstep::lines
