#include "conformance/providers/guarded/sweep.hpp"

#include "model/custody/removal.hpp"

namespace lockstep::conformance {
namespace {

// The provider may have the same version no more; it must be the same product.
Status same_provider(Provider& provider, const ResourceHeader& header) {
  LOCKSTEP_TRY(const auto identity, provider.identity());
  if (identity.organisation == header.organisation && identity.product == header.product) {
    return ok();
  }
  return usage_error("provider: expected " + header.organisation + " " + header.product +
                     ", on which the run made what is to be removed, found " +
                     identity.organisation + " " + identity.product +
                     "; give that one with --provider");
}

std::vector<std::string> names_of(const Inventory& inventory, const ObjectSet& objects) {
  std::vector<std::string> names;
  for (const RelationshipRef& ref : objects.relationships) names.push_back(ref.path);
  for (const GroupRef& ref : objects.groups) names.push_back(ref.path);
  for (const ElementRef& ref : objects.elements) {
    const ElementView* view = inventory.find(ref);
    names.push_back(view != nullptr && view->element_name ? *view->element_name : ref.path);
  }
  return names;
}

// The paths that still mean what they meant: a provider may have given one to another volume since.
ObjectSet still_ours(const ResourceState& state, const Inventory& now, SweepReport& result) {
  ObjectSet ours = present_in(now, state.made);
  for (const auto& [ref, name] : state.names) {
    const ElementView* view = now.find(ref);
    const bool other = view != nullptr && !name.empty() && view->element_name &&
                       !view->element_name->empty() && *view->element_name != name;
    if (other && ours.elements.erase(ref) > 0) result.foreign.push_back(ref.path);
  }
  return ours;
}

}  // namespace

Result<SweepReport> sweep(Provider& provider, const std::filesystem::path& folder, bool dry,
                          std::chrono::milliseconds patience) {
  LOCKSTEP_TRY(const auto state, read_resources(folder));
  LOCKSTEP_TRY(same_provider(provider, state.header));
  LOCKSTEP_TRY(const auto now, provider.inventory());
  SweepReport result;
  Custody custody(state.before, still_ours(state, now, result));
  const std::string prefix = state.header.name_prefix + "-";
  for (const ElementView& view : now.elements) {
    if (view.element_name.value_or("").rfind(prefix, 0) == 0) custody.own(view.ref);
  }
  custody.seen(now);
  const ObjectSet found = present_in(now, custody.owned());
  result.found = names_of(now, found);
  if (dry) {
    result.left = found;
    return result;
  }
  LOCKSTEP_TRY(const auto ledger, ResourceLedger::reopen(folder));
  LOCKSTEP_TRY(ledger->made(without(found, state.made), {}));
  LOCKSTEP_TRY(result.left, remove_owned(provider, custody, patience));
  ObjectSet all = found;
  all.elements.insert(state.made.elements.begin(), state.made.elements.end());
  all.groups.insert(state.made.groups.begin(), state.made.groups.end());
  all.relationships.insert(state.made.relationships.begin(), state.made.relationships.end());
  LOCKSTEP_TRY(ledger->gone(without(all, result.left)));
  for (const auto& [number, call] : state.unanswered) {
    LOCKSTEP_TRY(ledger->answered(number));
  }
  return result;
}

}  // namespace lockstep::conformance
