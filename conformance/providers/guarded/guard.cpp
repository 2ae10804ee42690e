#include "conformance/providers/guarded/guard.hpp"

#include "conformance/suite/select.hpp"
#include "model/custody/removal.hpp"
#include "model/vocab/names.hpp"

#include <algorithm>
#include <utility>

namespace lockstep::conformance {
namespace {

// The references of a request by kind.
struct Touched {
  std::vector<ElementRef> elements;
  std::vector<PoolRef> pools;
  std::vector<GroupRef> groups;
  std::vector<RelationshipRef> relationships;

  void add(const ElementRef& ref) { elements.push_back(ref); }
  void add(const PoolRef& ref) { pools.push_back(ref); }
  void add(const GroupRef& ref) { groups.push_back(ref); }
  void add(const RelationshipRef& ref) { relationships.push_back(ref); }
  template <class T>
  void add(const std::optional<T>& value) {
    if (value) add(*value);
  }
  template <class T>
  void add(const std::vector<T>& values) {
    for (const T& value : values) add(value);
  }
};

template <class T>
void add_members(const T& request, Touched& touched) {
  if constexpr (requires { request.source_element; }) touched.add(request.source_element);
  if constexpr (requires { request.target_element; }) touched.add(request.target_element);
  if constexpr (requires { request.source_elements; }) touched.add(request.source_elements);
  if constexpr (requires { request.target_elements; }) touched.add(request.target_elements);
  if constexpr (requires { request.source; }) touched.add(request.source);
  if constexpr (requires { request.target_storage_volume; })
    touched.add(request.target_storage_volume);
  if constexpr (requires { request.element; }) touched.add(request.element);
  if constexpr (requires { request.members; }) touched.add(request.members);
  if constexpr (requires { request.target_pool; }) touched.add(request.target_pool);
  if constexpr (requires { request.target_storage_pool; }) touched.add(request.target_storage_pool);
  if constexpr (requires { request.pool; }) touched.add(request.pool);
  if constexpr (requires { request.target_group; }) touched.add(request.target_group);
  if constexpr (requires { request.group; }) touched.add(request.group);
  if constexpr (requires { request.synchronization; }) touched.add(request.synchronization);
  if constexpr (requires { request.synchronizations; }) touched.add(request.synchronizations);
  if constexpr (requires { request.sync_pair; }) touched.add(request.sync_pair);
}

Touched touched_by(const Request& request) {
  Touched touched;
  std::visit([&](const auto& one) { add_members(one, touched); }, request);
  return touched;
}

bool makes_something(const Request& request) {
  switch (method_of(request)) {
    case Method::CreateElementReplica:
    case Method::CreateListReplica:
    case Method::CreateGroupReplicaFromElements:
    case Method::CreateReplica:
    case Method::AttachReplica:
    case Method::CreateGroup:
    case Method::CreateVolume:
      return true;
    // Its path may become another one, when the ends change places.
    case Method::ModifyReplicaSynchronization:
    case Method::ModifyListSynchronization:
      return true;
    default:
      return false;
  }
}

Error not_allowed(const std::string& what) {
  return usage_error("not allowed: " + what +
                     " was not made by this run; list it with --target to have it used");
}

std::string pools_text(const Inventory& inventory) {
  std::string text;
  for (const PoolView& pool : inventory.pools) {
    text += (text.empty() ? "" : ", ") + (pool.name.empty() ? pool.ref.path : pool.name);
  }
  return text.empty() ? "none" : text;
}

bool any_listed(const std::vector<std::string>& targets, const std::string& path,
                const std::string& name) {
  return std::any_of(targets.begin(), targets.end(), [&](const std::string& target) {
    return glob_matches(target, path) || (!name.empty() && glob_matches(target, name));
  });
}

Result<Inventory> look_for_targets(Provider& provider, const GuardOptions& options) {
  LOCKSTEP_TRY(auto now, provider.inventory());
  const bool found =
      std::any_of(now.pools.begin(), now.pools.end(),
                  [&](const PoolView& pool) {
                    return any_listed(options.targets, pool.ref.path, pool.name);
                  }) ||
      std::any_of(now.elements.begin(), now.elements.end(), [&](const ElementView& element) {
        return any_listed(options.targets, element.ref.path, element.element_name.value_or(""));
      });
  if (!found) {
    return usage_error("--target: expected the name of a pool or volume of the provider, found " +
                       std::string(options.targets.empty() ? "none" : "none of such a name") +
                       "; its pools: " + pools_text(now));
  }
  return now;
}

}  // namespace

Guard::Guard(std::unique_ptr<ResourceLedger> ledger, const GuardOptions& options,
             const Inventory& now)
    : ledger_(std::move(ledger)),
      targets_(options.targets),
      name_prefix_(options.header.name_prefix),
      custody_(objects_of(now)) {
  notice(now);
  for (const PoolView& pool : now.pools) {
    if (!first_pool_ && listed(pool.ref.path, pool.name)) first_pool_ = pool.ref;
  }
}

Result<std::shared_ptr<Guard>> Guard::open(Provider& provider, const GuardOptions& options) {
  LOCKSTEP_TRY(const auto now, look_for_targets(provider, options));
  LOCKSTEP_TRY(auto ledger,
               ResourceLedger::create(options.folder, options.header, objects_of(now)));
  return std::shared_ptr<Guard>(new Guard(std::move(ledger), options, now));
}

Result<std::shared_ptr<Guard>> Guard::resume(Provider& provider, const GuardOptions& options) {
  LOCKSTEP_TRY(const auto now, look_for_targets(provider, options));
  LOCKSTEP_TRY(auto ledger, ResourceLedger::reopen(options.folder));
  return std::shared_ptr<Guard>(new Guard(std::move(ledger), options, now));
}

bool Guard::listed(const std::string& path, const std::string& name) const {
  return any_listed(targets_, path, name);
}

void Guard::notice(const Inventory& inventory) {
  for (const ElementView& view : inventory.elements) {
    // What is no volume is there to be refused; nothing can be made of it.
    if (view.element_class != ElementClass::StorageVolume) continue;
    volumes_[view.ref] = view.element_name.value_or("");
  }
  for (const PoolView& view : inventory.pools) pools_[view.ref] = view.name;
  for (const GroupView& view : inventory.groups) known_.groups.insert(view.ref);
  for (const RelationshipView& view : inventory.relationships) {
    known_.relationships.insert(view.ref);
  }
}

Status Guard::permit_element(const ElementRef& ref) const {
  const auto found = volumes_.find(ref);
  // What was never seen is nobody's: asking for what is not there is part of the job.
  if (found == volumes_.end() || custody_.owns(ref) || listed(ref.path, found->second)) return ok();
  return not_allowed("volume " + (found->second.empty() ? ref.path : found->second));
}

Result<Request> Guard::permit(Request request) {
  const std::lock_guard lock(mutex_);
  if (auto* volume = std::get_if<CreateVolumeRequest>(&request)) {
    if (!volume->pool) volume->pool = first_pool_;
    if (!volume->pool) return usage_error("not allowed: no pool to make volumes in is listed");
    // A name is how a volume is found again when the answer was lost.
    if (!volume->element_name) {
      volume->element_name = name_prefix_ + "-x" + std::to_string(next_name_++);
    }
  }
  const Touched touched = touched_by(request);
  for (const ElementRef& ref : touched.elements) {
    LOCKSTEP_TRY(permit_element(ref));
  }
  for (const PoolRef& ref : touched.pools) {
    const auto found = pools_.find(ref);
    if (found != pools_.end() && !listed(ref.path, found->second)) {
      return usage_error("not allowed: pool " + found->second + " is not listed with --target");
    }
  }
  for (const GroupRef& ref : touched.groups) {
    if (known_.groups.contains(ref) && !custody_.owns(ref)) return not_allowed("group " + ref.path);
  }
  for (const RelationshipRef& ref : touched.relationships) {
    if (known_.relationships.contains(ref) && !custody_.owns(ref)) {
      return not_allowed("relationship " + ref.path);
    }
  }
  return request;
}

Status Guard::permit_write(const ElementRef& element) {
  const std::lock_guard lock(mutex_);
  return permit_element(element);
}

Result<std::uint64_t> Guard::intend(const Request& request) {
  if (!makes_something(request)) return std::uint64_t{0};
  std::string name;
  if (const auto* volume = std::get_if<CreateVolumeRequest>(&request)) {
    name = volume->element_name.value_or("");
  }
  return ledger_->intend(to_text(method_of(request)), name);
}

Status Guard::write_new(const ObjectSet& owned_earlier) {
  return ledger_->made(without(custody_.owned(), owned_earlier), volumes_);
}

// A provider that names volumes its own way must find them under that name later.
Status Guard::write_changed_names(const ObjectSet& shown_first) {
  ObjectSet changed;
  for (const ElementRef& ref : shown_first.elements) {
    const auto asked = asked_names_.find(ref);
    if (asked == asked_names_.end()) continue;
    if (asked->second != volumes_[ref]) changed.elements.insert(ref);
    asked_names_.erase(asked);
  }
  return ledger_->made(changed, volumes_);
}

Status Guard::answered(std::uint64_t number, const Request& request, const Answer& answer) {
  {
    const std::lock_guard lock(mutex_);
    const ObjectSet earlier = custody_.owned();
    custody_.answered(request, answer);
    const auto* volume = std::get_if<CreateVolumeRequest>(&request);
    if (volume != nullptr && answer.target_element && volume->element_name) {
      volumes_[*answer.target_element] = *volume->element_name;
      asked_names_[*answer.target_element] = *volume->element_name;
    }
    LOCKSTEP_TRY(write_new(earlier));
  }
  return number == 0 ? Status(ok()) : ledger_->answered(number);
}

Status Guard::seen(Inventory& inventory) {
  const std::lock_guard lock(mutex_);
  notice(inventory);
  const ObjectSet earlier = custody_.owned();
  custody_.seen(inventory);
  LOCKSTEP_TRY(write_new(earlier));
  // An object may take its time to show; only what has been seen can have gone.
  const ObjectSet present = present_in(inventory, custody_.owned());
  const ObjectSet gone = without(seen_once_, present);
  LOCKSTEP_TRY(write_changed_names(without(present, seen_once_)));
  seen_once_ = present;
  LOCKSTEP_TRY(let_go(gone));
  std::erase_if(inventory.pools,
                [&](const PoolView& pool) { return !listed(pool.ref.path, pool.name); });
  return ok();
}

Custody Guard::custody() const {
  const std::lock_guard lock(mutex_);
  return custody_;
}

Status Guard::strike(const ObjectSet& gone) {
  const std::lock_guard lock(mutex_);
  return let_go(gone);
}

// What is not there any more is nobody's: a request may go on naming it.
Status Guard::let_go(const ObjectSet& gone) {
  custody_.release(gone);
  for (const ElementRef& ref : gone.elements) volumes_.erase(ref);
  for (const GroupRef& ref : gone.groups) known_.groups.erase(ref);
  for (const RelationshipRef& ref : gone.relationships) known_.relationships.erase(ref);
  return ledger_->gone(gone);
}

Result<ObjectSet> remove_leftovers(Provider& guarded_provider, Guard& guard,
                                   std::chrono::milliseconds patience) {
  Custody custody = guard.custody();
  LOCKSTEP_TRY(auto left, remove_owned(guarded_provider, custody, patience));
  // What never showed has never come to be.
  LOCKSTEP_TRY(guard.strike(without(guard.custody().owned(), left)));
  return left;
}

}  // namespace lockstep::conformance
