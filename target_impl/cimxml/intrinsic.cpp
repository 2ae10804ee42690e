// The object manager's own operations (DSP0200).
#include "target_impl/cimxml/object_manager.hpp"

#include <algorithm>
#include <array>
#include <functional>
#include <limits>
#include <map>
#include <set>
#include <utility>

namespace lockstep::cimxml {
namespace {

using wire::CimError;
using wire::ObjectPath;
using wire::PathInstance;
using wire::ReturnShape;

// Reads IPARAMVALUEs and notices those that nobody reads.
class Arguments {
 public:
  explicit Arguments(const wire::Call& call) : call_(call) {
    // Understood and without effect here: nothing is local to a subclass, nothing has qualifiers.
    for (const char* name : {"LocalOnly", "DeepInheritance", "IncludeQualifiers",
                             "IncludeClassOrigin", "ContinueOnError"}) {
      known_.insert(wire::lower_case(name));
    }
  }

  [[nodiscard]] const wire::Value* find(const char* name) {
    known_.insert(wire::lower_case(name));
    return wire::find_value(call_.parameters, name);
  }
  [[nodiscard]] std::string text(const char* name) {
    const wire::Value* value = find(name);
    if (value == nullptr || value->items.empty()) return {};
    if (const auto* path = std::get_if<ObjectPath>(&value->items.front())) return path->class_name;
    const auto* words = std::get_if<std::string>(&value->items.front());
    return words == nullptr ? std::string() : *words;
  }
  [[nodiscard]] ObjectPath path(const char* name) {
    const wire::Value* value = find(name);
    const auto* found = value == nullptr || value->items.size() != 1
                            ? nullptr
                            : std::get_if<ObjectPath>(&value->items.front());
    if (found == nullptr) {
      throw CimError{status::kInvalidParameter, std::string(name) + ": expected an object name"};
    }
    return *found;
  }
  [[nodiscard]] bool flag(const char* name) { return wire::same_name(text(name), "true"); }
  [[nodiscard]] std::uint64_t number(const char* name, std::uint64_t otherwise) {
    const wire::Value* value = find(name);
    if (value == nullptr || value->items.empty()) return otherwise;
    const auto read =
        wire::read_number(value->items.front(), std::numeric_limits<std::uint32_t>::max(), name);
    if (!read) throw CimError{status::kInvalidParameter, read.error().message};
    return read.value();
  }
  // Nothing: all properties.
  [[nodiscard]] std::optional<std::set<std::string>> property_list() {
    const wire::Value* value = find("PropertyList");
    if (value == nullptr) return std::nullopt;
    std::set<std::string> names;
    for (const wire::Item& item : value->items) {
      if (const auto* name = std::get_if<std::string>(&item)) names.insert(wire::lower_case(*name));
    }
    return names;
  }
  void all_read() const {
    for (const wire::Named& named : call_.parameters) {
      if (!known_.contains(wire::lower_case(named.name))) {
        throw CimError{status::kInvalidParameter,
                       "no parameter " + named.name + " in " + call_.name};
      }
    }
  }

 private:
  const wire::Call& call_;
  std::set<std::string> known_;
};

std::string known_class(Space space, const std::string& name) {
  if (name.empty()) throw CimError{status::kInvalidParameter, "expected a class name"};
  const wire::ClassDeclaration* found = find_class(space, name);
  if (found == nullptr) throw CimError{status::kInvalidClass, "no class " + name};
  return found->name;
}

std::vector<PathInstance> enumerate(const Asked& asked, Arguments& arguments) {
  const std::string name = known_class(asked.space, arguments.text("ClassName"));
  arguments.all_read();
  return asked.look().instances(asked.space, name);
}

struct End {
  std::string role;
  const ObjectPath* path = nullptr;
};

std::vector<End> ends_of(const PathInstance& association) {
  std::vector<End> ends;
  for (const wire::Named& property : association.instance.properties) {
    if (!property.value || property.value->type != "reference") continue;
    if (const auto* path = std::get_if<ObjectPath>(&property.value->items.front())) {
      ends.push_back({property.name, path});
    }
  }
  return ends;
}

bool fits_class(const ObjectPath& path, const std::string& wanted) {
  if (wanted.empty()) return true;
  const auto space = find_space(path.name_space);
  return space && is_a(*space, path.class_name, wanted);
}

bool fits_role(const std::string& role, const std::string& wanted) {
  return wanted.empty() || wire::same_name(role, wanted);
}

// A filter class may be any that some namespace has; one that none has selects nothing.
void check_filter(Space space, const std::string& name) {
  const bool known = name.empty() || find_class(space, name) != nullptr ||
                     find_class(Space::Target, name) != nullptr;
  if (!known) throw CimError{status::kInvalidParameter, "no class " + name};
}

// The object asked about; it must exist. Its associations come with the end that it is.
std::vector<std::pair<PathInstance, std::string>> associations_of(const Asked& asked, Model& model,
                                                                  const ObjectPath& object) {
  const Space space =
      object.name_space.empty() ? asked.space : find_space(object.name_space).value_or(asked.space);
  if (find_class(space, object.class_name) == nullptr) {
    throw CimError{status::kInvalidParameter, "no class " + object.class_name};
  }
  if (!model.find(space, object)) {
    throw CimError{status::kNotFound, "no instance " + wire::to_text(object)};
  }
  const std::string identity = wire::identity_of(object, name_of(space));
  std::vector<std::pair<PathInstance, std::string>> found;
  for (PathInstance& association : model.associations(space)) {
    for (const End& end : ends_of(association)) {
      if (wire::identity_of(*end.path, name_of(space)) != identity) continue;
      found.emplace_back(association, end.role);
      break;
    }
  }
  return found;
}

std::vector<PathInstance> references(const Asked& asked, Arguments& arguments, const char* object) {
  const ObjectPath path = arguments.path(object);
  const std::string result_class = arguments.text("ResultClass");
  const std::string role = arguments.text("Role");
  arguments.all_read();
  check_filter(asked.space, result_class);
  Model model = asked.look();
  std::vector<PathInstance> found;
  for (auto& [association, own_role] : associations_of(asked, model, path)) {
    if (fits_class(association.path, result_class) && fits_role(own_role, role)) {
      found.push_back(std::move(association));
    }
  }
  return found;
}

std::vector<PathInstance> associators(const Asked& asked, Arguments& arguments, const char* object,
                                      bool paths_only) {
  const ObjectPath path = arguments.path(object);
  const std::string assoc_class = arguments.text("AssocClass");
  const std::string result_class = arguments.text("ResultClass");
  const std::string role = arguments.text("Role");
  const std::string result_role = arguments.text("ResultRole");
  arguments.all_read();
  check_filter(asked.space, assoc_class);
  check_filter(asked.space, result_class);
  Model model = asked.look();
  std::vector<PathInstance> found;
  std::set<std::string> seen;
  for (const auto& [association, own_role] : associations_of(asked, model, path)) {
    if (!fits_class(association.path, assoc_class) || !fits_role(own_role, role)) continue;
    for (const End& end : ends_of(association)) {
      if (end.role == own_role || !fits_role(end.role, result_role) ||
          !fits_class(*end.path, result_class) ||
          !seen.insert(wire::identity_of(*end.path, name_of(asked.space))).second) {
        continue;
      }
      if (paths_only) {
        found.push_back({*end.path, {}});
      } else if (auto instance = model.find(*find_space(end.path->name_space), *end.path)) {
        found.push_back(std::move(*instance));
      }
    }
  }
  return found;
}

void keep_properties(std::vector<PathInstance>& found,
                     const std::optional<std::set<std::string>>& list) {
  if (!list) return;
  for (PathInstance& one : found) {
    std::erase_if(one.instance.properties, [&](const wire::Named& property) {
      return !list->contains(wire::lower_case(property.name));
    });
  }
}

Answered instances_answer(std::vector<PathInstance> found, ReturnShape shape) {
  Answered answered;
  answered.shape = shape;
  answered.reply.instances = std::move(found);
  return answered;
}

Answered paths_answer(std::vector<PathInstance> found, ReturnShape shape) {
  Answered answered;
  answered.shape = shape;
  for (PathInstance& one : found) answered.reply.paths.push_back(std::move(one.path));
  return answered;
}

Answered get_instance(const Asked& asked, Arguments& arguments) {
  const ObjectPath path = arguments.path("InstanceName");
  const auto list = arguments.property_list();
  arguments.all_read();
  static_cast<void>(known_class(asked.space, path.class_name));
  auto found = asked.look().find(asked.space, path);
  if (!found) throw CimError{status::kNotFound, "no instance " + wire::to_text(path)};
  std::vector<PathInstance> one{std::move(*found)};
  keep_properties(one, list);
  return instances_answer(std::move(one), ReturnShape::Instance);
}

Answered classes(const Asked& asked, Arguments& arguments, bool names_only) {
  const std::string top = arguments.text("ClassName");
  const bool deep = arguments.flag("DeepInheritance");
  arguments.all_read();
  if (!top.empty()) static_cast<void>(known_class(asked.space, top));
  Answered answered;
  answered.shape = names_only ? ReturnShape::ClassNames : ReturnShape::Classes;
  for (const wire::ClassDeclaration& row : classes_of(asked.space)) {
    const bool below =
        deep ? top.empty() || (is_a(asked.space, row.name, top) && !wire::same_name(row.name, top))
             : wire::same_name(row.superclass, top);
    if (!below) continue;
    if (names_only) {
      answered.reply.paths.push_back({"", "", row.name, {}});
    } else {
      answered.reply.classes.push_back(row);
    }
  }
  return answered;
}

Answered get_class(const Asked& asked, Arguments& arguments) {
  const std::string name = known_class(asked.space, arguments.text("ClassName"));
  static_cast<void>(arguments.property_list());
  arguments.all_read();
  Answered answered;
  answered.shape = ReturnShape::Classes;
  answered.reply.classes.push_back(*find_class(asked.space, name));
  return answered;
}

Answered pulled(PullContexts::Taken taken, bool paths_only) {
  Answered answered =
      paths_only ? paths_answer(std::move(taken.items), ReturnShape::InstancePaths)
                 : instances_answer(std::move(taken.items), ReturnShape::InstancesWithPath);
  answered.reply.out = {{"EnumerationContext", wire::text_value(taken.end ? "" : taken.context)},
                        {"EndOfSequence", wire::boolean_value(taken.end)}};
  return answered;
}

constexpr std::size_t kMostAtOnce = 10'000;

Answered open(const Asked& asked, Arguments& arguments, PullContexts& pulls) {
  const std::string& name = asked.call.name;
  Pull pull;
  pull.paths_only = name.ends_with("Paths");
  const std::size_t most =
      std::min<std::size_t>(arguments.number("MaxObjectCount", 0), kMostAtOnce);
  constexpr std::uint64_t kLongestTimeout = 600;
  pull.timeout =
      std::chrono::seconds(std::min(arguments.number("OperationTimeout", 60), kLongestTimeout));
  if (!arguments.text("FilterQuery").empty()) {
    constexpr std::uint32_t kFilteredEnumerationNotSupported = 25;
    throw CimError{kFilteredEnumerationNotSupported, "no filter queries here"};
  }
  static_cast<void>(arguments.text("FilterQueryLanguage"));
  const auto list = arguments.property_list();
  if (name.starts_with("OpenEnumerate")) {
    pull.left = enumerate(asked, arguments);
  } else if (name.starts_with("OpenReference")) {
    pull.left = references(asked, arguments, "InstanceName");
  } else {
    pull.left = associators(asked, arguments, "InstanceName", pull.paths_only);
  }
  keep_properties(pull.left, list);
  const bool paths_only = pull.paths_only;
  auto taken = pulls.open(std::move(pull), most);
  if (!taken) throw CimError{status::kServerLimitsExceeded, "too many open enumerations"};
  return pulled(std::move(*taken), paths_only);
}

Answered pull(const Asked& asked, Arguments& arguments, PullContexts& pulls) {
  const bool paths_only = asked.call.name.ends_with("Paths");
  const std::string context = arguments.text("EnumerationContext");
  if (asked.call.name == "CloseEnumeration") {
    if (!pulls.close(context)) {
      throw CimError{status::kInvalidEnumerationContext, "no such enumeration"};
    }
    return {};
  }
  const std::size_t most =
      std::min<std::size_t>(arguments.number("MaxObjectCount", 0), kMostAtOnce);
  auto taken = pulls.pull(context, paths_only, most);
  if (!taken) throw CimError{status::kInvalidEnumerationContext, "no such enumeration"};
  return pulled(std::move(*taken), paths_only);
}

}  // namespace

Answered intrinsic(const Asked& asked, PullContexts& pulls) {
  Arguments arguments(asked.call);
  const std::string& name = asked.call.name;
  const auto with_list = [&](std::vector<PathInstance> found, ReturnShape shape) {
    keep_properties(found, arguments.property_list());
    return instances_answer(std::move(found), shape);
  };
  static_cast<void>(arguments.property_list());
  if (name == "GetInstance") return get_instance(asked, arguments);
  if (name == "EnumerateInstances") {
    return with_list(enumerate(asked, arguments), ReturnShape::NamedInstances);
  }
  if (name == "EnumerateInstanceNames") {
    return paths_answer(enumerate(asked, arguments), ReturnShape::InstanceNames);
  }
  if (name == "References") {
    return with_list(references(asked, arguments, "ObjectName"), ReturnShape::ObjectsWithPath);
  }
  if (name == "ReferenceNames") {
    return paths_answer(references(asked, arguments, "ObjectName"), ReturnShape::ObjectPaths);
  }
  if (name == "Associators") {
    return with_list(associators(asked, arguments, "ObjectName", false),
                     ReturnShape::ObjectsWithPath);
  }
  if (name == "AssociatorNames") {
    return paths_answer(associators(asked, arguments, "ObjectName", true),
                        ReturnShape::ObjectPaths);
  }
  if (name == "GetClass") return get_class(asked, arguments);
  if (name == "EnumerateClasses") return classes(asked, arguments, false);
  if (name == "EnumerateClassNames") return classes(asked, arguments, true);
  static const std::set<std::string> opens{
      "OpenEnumerateInstances",     "OpenEnumerateInstancePaths", "OpenReferenceInstances",
      "OpenReferenceInstancePaths", "OpenAssociatorInstances",    "OpenAssociatorInstancePaths"};
  if (opens.contains(name)) return open(asked, arguments, pulls);
  if (name == "PullInstancesWithPath" || name == "PullInstancePaths" ||
      name == "CloseEnumeration") {
    return pull(asked, arguments, pulls);
  }
  throw CimError{status::kNotSupported, "the operation " + name + " is not offered here"};
}

}  // namespace lockstep::cimxml
