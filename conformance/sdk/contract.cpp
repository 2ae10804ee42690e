#include "conformance/sdk/contract.hpp"

#include "conformance/sdk/trial.hpp"
#include "model/vocab/names.hpp"
#include "model/wire/field_visitors.hpp"

#include <algorithm>
#include <set>
#include <utility>

namespace lockstep::conformance {
namespace {

Capabilities capabilities_of(Trial& trial) {
  return trial.ask_for<Capabilities>(lines::CapabilitiesCall{});
}

Inventory inventory_of(Trial& trial) {
  return trial.ask_for<lines::Seen>(lines::InventoryCall{}).inventory;
}

std::set<Method> methods_of(Trial& trial) { return capabilities_of(trial).methods; }

void expect_refusal(const Trial::MethodOutcome& outcome, const std::string& what) {
  if (!outcome.error && outcome.answer.accepted()) {
    throw Broken{"a refusal of " + what, outcome.text()};
  }
}

// The names of a method's parameters.
std::vector<std::string> parameters_of(Method method) {
  Request request = wire::empty_request(method);
  wire::FieldDeclarer declarer;
  wire::in_parameters(declarer, request);
  std::vector<std::string> names;
  for (const wire::ParameterDeclaration& one : declarer.declared()) names.push_back(one.name);
  return names;
}

bool has_parameter(Method method, const std::string& name) {
  const auto names = parameters_of(method);
  return std::find(names.begin(), names.end(), name) != names.end();
}

// --- the rules

void starts(Trial& trial) {
  trial.start();
  const lines::NumberedCall hello{trial.next_id(), lines::HelloCall{lines::kProtocol, "lockstep"}};
  static_cast<void>(trial.exchange(lines::write_call(hello).value(), "hello"));
}

void says_hello(Trial& trial) {
  const lines::Hello hello = trial.begin();
  if (hello.protocol != lines::kProtocol) {
    throw Broken{"protocol version " + std::to_string(lines::kProtocol),
                 std::to_string(hello.protocol)};
  }
  if (hello.identity.product.empty()) throw Broken{"a product in identity", "none"};
}

void refuses_other_versions(Trial& trial) {
  trial.start();
  trial.expect_error(R"({"id":1,"operation":"hello","protocol":65535,"harness":"lockstep"})", 1,
                     "protocol version 65535");
}

void declares_capabilities(Trial& trial) {
  trial.begin();
  static_cast<void>(capabilities_of(trial));
}

void declares_what_fits(Trial& trial) {
  trial.begin();
  const Capabilities capabilities = capabilities_of(trial);
  const auto listed = [&](const std::set<Method>& actions, const char* where) {
    for (const Method method : actions) {
      if (!capabilities.methods.contains(method)) {
        throw Broken{std::string("only members of methods in ") + where, to_text(method)};
      }
    }
  };
  listed(capabilities.synchronous_actions, "synchronous_actions");
  listed(capabilities.asynchronous_actions, "asynchronous_actions");
  for (const auto& [kind, operations] : capabilities.operations) {
    if (!capabilities.kinds.contains(kind)) {
      throw Broken{"operations of the kinds in replication_types only", to_text(kind.sync_type)};
    }
  }
  for (const auto& [kind, states] : capabilities.copy_states) {
    if (!capabilities.kinds.contains(kind)) {
      throw Broken{"copy_states of the kinds in replication_types only", to_text(kind.sync_type)};
    }
  }
}

template <class View>
void expect_distinct(const std::vector<View>& views, const char* what) {
  std::set<std::string> seen;
  for (const View& view : views) {
    if (view.ref.path.empty()) throw Broken{std::string("a ref for each of ") + what, "none"};
    if (!seen.insert(view.ref.path).second) {
      throw Broken{std::string("each ref once in ") + what, "\"" + view.ref.path + "\" twice"};
    }
  }
}

void shows_inventory(Trial& trial) {
  trial.begin();
  const Inventory inventory = inventory_of(trial);
  expect_distinct(inventory.pools, "pools");
  expect_distinct(inventory.elements, "elements");
  expect_distinct(inventory.groups, "groups");
  expect_distinct(inventory.relationships, "relationships");
  expect_distinct(inventory.jobs, "jobs");
  for (const ElementView& view : inventory.elements) {
    if (view.pool && inventory.find(*view.pool) == nullptr) {
      throw Broken{"the pool of " + view.ref.path + " among pools", view.pool->path};
    }
  }
}

void looking_changes_nothing(Trial& trial) {
  trial.begin();
  const Inventory first = inventory_of(trial);
  if (!(inventory_of(trial) == first)) {
    throw Broken{"the same inventory twice, with nothing in between", "another"};
  }
}

void refuses_operations(Trial& trial) {
  trial.begin();
  const std::uint64_t id = trial.next_id();
  trial.expect_error("{\"id\":" + std::to_string(id) + ",\"operation\":\"make_coffee\"}", id,
                     "the operation make_coffee");
  trial.expect_alive("an unknown operation");
}

void survives_other_lines(Trial& trial) {
  trial.begin();
  for (const char* line : {"this is no JSON", "{\"id\":", "[1,2,3]", "\"text\"", "{}", ""}) {
    trial.expect_error(line, std::nullopt, "the line '" + std::string(line) + "'");
  }
  trial.expect_alive("lines that are no requests");
}

void refuses_methods(Trial& trial) {
  trial.begin();
  expect_refusal(trial.invoke_unknown("FormatAllDisks"), "the method FormatAllDisks");
  trial.expect_alive("an unknown method");
}

void refuses_undeclared_methods(Trial& trial) {
  trial.begin();
  const std::set<Method> declared = methods_of(trial);
  for (const Method method : all_values<Method>()) {
    if (declared.contains(method)) continue;
    const std::string what = to_text(method) + ", which its capabilities do not declare";
    const auto outcome = trial.invoke_raw(method, "{}");
    expect_refusal(outcome, what);
    if (outcome.error) throw Broken{"a return code or CIM status for " + what, "an error"};
  }
}

void refuses_wrong_parameters(Trial& trial) {
  trial.begin();
  for (const Method method : methods_of(trial)) {
    expect_refusal(trial.invoke_raw(method, R"({"NoSuchParameter":1})"),
                   to_text(method) + " with an unknown parameter");
    for (const std::string& name : parameters_of(method)) {
      expect_refusal(trial.invoke_raw(method, "{\"" + name + "\":{\"no\":[\"such\",\"type\"]}}"),
                     to_text(method) + " with an object of no sense as " + name);
    }
  }
  trial.expect_alive("parameters of wrong types");
}

void refuses_odd_numbers(Trial& trial) {
  trial.begin();
  const std::set<Method> methods = methods_of(trial);
  for (const Method method : methods) {
    for (const char* name : {"SyncType", "Mode", "Operation", "CopyType", "Size"}) {
      if (!has_parameter(method, name)) continue;
      for (const char* value : {"18446744073709551615", "-1", "1e300", "0.5"}) {
        expect_refusal(trial.invoke_raw(method, std::string("{\"") + name + "\":" + value + "}"),
                       to_text(method) + " with " + name + " " + value);
      }
    }
  }
  trial.expect_alive("numbers out of every range");
}

void refuses_unknown_references(Trial& trial) {
  trial.begin();
  for (const Method method : methods_of(trial)) {
    Request request = wire::empty_request(method);
    wire::FieldDeclarer declarer;
    wire::in_parameters(declarer, request);
    std::string parameters;
    for (const wire::ParameterDeclaration& one : declarer.declared()) {
      if (one.type != "reference") continue;
      parameters += (parameters.empty() ? "{\"" : ",\"") + one.name +
                    (one.array ? "\":[\"no such object\"]" : "\":\"no such object\"");
    }
    if (parameters.empty()) continue;
    expect_refusal(trial.invoke_raw(method, parameters + "}"),
                   to_text(method) + " with references to nothing");
  }
  trial.expect_alive("references to nothing");
}

void bears_every_text(Trial& trial) {
  trial.begin();
  constexpr std::size_t kLong = 64 * 1024;
  const std::string odd[] = {"Zürich \xE2\x82\xAC \xF0\x9F\x92\xBE", "\"quotes\" and \\ and \n\t",
                             std::string("\x01\x1f", 2), std::string(kLong, 'x'), ""};
  for (const std::string& text : odd) {
    for (const Method method : methods_of(trial)) {
      Request request = wire::empty_request(method);
      if (auto* create = std::get_if<CreateElementReplicaRequest>(&request)) {
        create->element_name = text;
        create->source_element = ElementRef{text};
      } else if (auto* group = std::get_if<CreateGroupRequest>(&request)) {
        group->group_name = text;
        group->members = std::vector<ElementRef>{ElementRef{text}};
      } else if (auto* volume = std::get_if<ReturnToStoragePoolRequest>(&request)) {
        volume->element.path = text;
      } else {
        continue;
      }
      expect_refusal(trial.invoke(request), to_text(method) + " with a reference to nothing");
    }
  }
  trial.expect_alive("unusual texts");
}

void takes_null_as_absent(Trial& trial) {
  trial.begin();
  for (const Method method : methods_of(trial)) {
    std::string nulls;
    for (const std::string& name : parameters_of(method)) {
      nulls += (nulls.empty() ? "{\"" : ",\"") + name + "\":null";
    }
    if (nulls.empty()) continue;
    const std::string absent = trial.invoke_raw(method, "{}").text();
    const std::string null = trial.invoke_raw(method, nulls + "}").text();
    if (absent != null) {
      throw Broken{
          to_text(method) + " with every parameter null answered as without any: " + absent, null};
    }
  }
}

void answers_in_order(Trial& trial) {
  trial.begin();
  constexpr int kRequests = 8;
  std::string text;
  std::vector<lines::NumberedCall> calls;
  for (int i = 0; i != kRequests; ++i) {
    calls.push_back({trial.next_id(), lines::InventoryCall{}});
    text += (i == 0 ? "" : "\n") + lines::write_call(calls.back()).value();
  }
  trial.send(text, "eight requests at once");
  for (const lines::NumberedCall& call : calls) {
    const auto answer = lines::read_answer(trial.receive("each of eight requests"), call);
    if (!answer) throw Broken{"answers in the order of the requests", answer.error().message};
  }
}

void keeps_large_ids(Trial& trial) {
  trial.begin();
  constexpr std::uint64_t kLargest = (1ULL << 53) - 1;
  const lines::NumberedCall call{kLargest, lines::InventoryCall{}};
  const auto answer =
      lines::read_answer(trial.exchange(lines::write_call(call).value(), "inventory"), call);
  if (!answer) throw Broken{"the id " + std::to_string(kLargest), answer.error().message};
}

void refuses_undeclared_faults(Trial& trial) {
  const lines::Hello hello = trial.begin();
  for (const FaultKind kind : all_values<FaultKind>()) {
    if (hello.faults.contains(kind)) continue;
    const std::uint64_t id = trial.next_id();
    const lines::NumberedCall call{id, lines::InjectCall{Fault{kind, std::nullopt}}};
    trial.expect_error(lines::write_call(call).value(), id,
                       "the fault " + to_text(kind) + ", which hello does not declare");
  }
}

void makes_a_volume(Trial& trial) {
  trial.begin();
  const std::set<Method> methods = methods_of(trial);
  for (const Method needed : {Method::CreateVolume, Method::ReturnToStoragePool}) {
    if (!methods.contains(needed)) throw NothingToExamine{to_text(needed) + " is not declared"};
  }
  constexpr BlockCount kBlocks{128};
  CreateVolumeRequest create;
  create.element_name = "lockstep-adapter-check";
  create.blocks = kBlocks;
  const auto made = trial.invoke(create);
  if (made.error || !made.answer.accepted()) {
    throw Broken{"CreateVolume of 64 KiB accepted", made.text()};
  }
  if (!made.answer.completed()) {
    throw NothingToExamine{"CreateVolume starts a job, which `lockstep conform` follows"};
  }
  if (!made.answer.target_element) throw Broken{"TheElement in the answer to CreateVolume", "none"};
  const ElementRef element = *made.answer.target_element;
  const Inventory after = inventory_of(trial);
  const ElementView* view = after.find(element);
  if (view == nullptr)
    throw Broken{"the new volume in the inventory", "none with ref " + element.path};
  if (view->blocks < kBlocks) {
    throw Broken{"at least 128 blocks", std::to_string(view->blocks.value)};
  }
  const auto removed = trial.invoke(ReturnToStoragePoolRequest{element});
  if (removed.error || !removed.answer.accepted()) {
    throw Broken{"ReturnToStoragePool of the new volume accepted", removed.text()};
  }
  if (removed.answer.completed() && inventory_of(trial).find(element) != nullptr) {
    throw Broken{"the volume gone after ReturnToStoragePool", "it is still in the inventory"};
  }
}

void ends_with_its_input(Trial& trial) {
  trial.begin();
  trial.expect_end();
}

struct Rule {
  const char* id;
  const char* demands;
  void (*examine)(Trial&);
};

constexpr Rule kRules[] = {
    {"AD-01", "starts, and answers hello with a line", starts},
    {"AD-02", "says hello as the schema has it, with a product", says_hello},
    {"AD-03", "refuses a protocol version that it does not know", refuses_other_versions},
    {"AD-04", "declares its capabilities as the schema has them", declares_capabilities},
    {"AD-05", "declares capabilities that fit together", declares_what_fits},
    {"AD-06", "shows its inventory as the schema has it, each reference once", shows_inventory},
    {"AD-07", "changes nothing by being looked at", looking_changes_nothing},
    {"AD-08", "answers an unknown operation with an error, and goes on", refuses_operations},
    {"AD-09", "answers a line that is no request with an error, and goes on", survives_other_lines},
    {"AD-10", "refuses an unknown method, and goes on", refuses_methods},
    {"AD-11", "refuses methods that it does not declare, by code", refuses_undeclared_methods},
    {"AD-12", "refuses unknown and mistyped parameters, and goes on", refuses_wrong_parameters},
    {"AD-13", "refuses numbers out of every range, and goes on", refuses_odd_numbers},
    {"AD-14", "refuses references to nothing, and goes on", refuses_unknown_references},
    {"AD-15", "bears long and unusual texts, and goes on", bears_every_text},
    {"AD-16", "takes null for absent", takes_null_as_absent},
    {"AD-17", "answers requests in their order", answers_in_order},
    {"AD-18", "gives large ids back as they came", keeps_large_ids},
    {"AD-19", "refuses faults that it does not declare", refuses_undeclared_faults},
    {"AD-20", "makes a volume, shows it and takes it back", makes_a_volume},
    {"AD-21", "ends with exit code 0 when its input ends", ends_with_its_input},
};

RuleGrade grade(const Rule& rule, const ContractOptions& options) {
  RuleGrade graded{rule.id, rule.demands, Grade::Pass, {}};
  Trial trial(options);
  try {
    rule.examine(trial);
    trial.expect_silence();
  } catch (const Broken& broken) {
    graded.grade = Grade::Fail;
    graded.reason = "expected " + broken.expected + ", found " + broken.found;
  } catch (const NothingToExamine& nothing) {
    graded.grade = Grade::NotApplicable;
    graded.reason = nothing.why;
  }
  return graded;
}

}  // namespace

std::vector<RuleGrade> grade_adapter(const ContractOptions& options) {
  std::vector<RuleGrade> grades;
  for (const Rule& rule : kRules) {
    if (!options.only.empty() && !options.only.contains(rule.id)) continue;
    grades.push_back(grade(rule, options));
    if (options.graded) options.graded(grades.back());
  }
  return grades;
}

}  // namespace lockstep::conformance
