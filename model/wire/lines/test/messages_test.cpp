// Goal: every message of the protocol survives being written and read; what breaks the protocol is
// named; the published schema is the one that the code has. Method: every field of every message
// filled by a visitor of the same tables; a list of broken lines; the schema compared with its
// file.
#include "model/wire/lines/messages.hpp"

#include "model/vocab/names.hpp"
#include "model/vocab/replication_type.hpp"
#include "model/wire/fields.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

namespace lockstep::lines {
namespace {

using testing::HasSubstr;

// Gives every field a value of its own.
class Filler final : public wire::Fields {
 public:
  void text(const char*, std::optional<std::string>& value) override { value = next_text(); }
  void texts(const char*, wire::OptionalTexts& values) override {
    values = std::vector<std::optional<std::string>>{next_text(), std::nullopt, next_text()};
  }
  void number(const char*, wire::NumberType type, std::optional<std::uint64_t>& value) override {
    value = type.largest - ++count_;
  }
  void numbers(const char*, wire::NumberType type, wire::OptionalNumbers& values) override {
    values = std::vector<std::uint64_t>{type.largest, ++count_};
  }
  void flag(const char*, std::optional<bool>& value) override { value = true; }
  void interval(const char*, std::optional<std::uint64_t>& seconds) override { seconds = ++count_; }
  void reference(const char*, const char*, std::optional<std::string>& value) override {
    value = next_text();
  }
  void references(const char*, const char*, wire::OptionalTexts& values) override {
    values = std::vector<std::optional<std::string>>{next_text(), next_text()};
  }
  void settings(const char*, const char*, std::optional<SettingDataParameter>& value) override {
    ReplicationSettingData data;
    wire::properties(*this, data);
    value = data;
  }
  void status(const char*, const char*, std::optional<ExtendedStatus>& value) override {
    wire::properties(*this, value.emplace());
  }

 private:
  std::string next_text() { return "tëxt \"" + std::to_string(++count_) + "\"\n\x01"; }
  std::uint64_t count_ = 0;
};

Request filled_request(Method method) {
  Request request = wire::empty_request(method);
  Filler filler;
  wire::in_parameters(filler, request);
  if (auto* create = std::get_if<CreateReplicaRequest>(&request)) create->source = {"volume:1"};
  if (auto* change = std::get_if<RequestJobStateChangeRequest>(&request)) change->job = {"job:1"};
  return request;
}

std::string written(const Call& call) {
  const auto line = write_call({7, call});
  EXPECT_TRUE(line) << line.error().message;
  return line ? line.value() : "";
}

void expect_call_survives(const Call& call) {
  const std::string line = written(call);
  EXPECT_EQ(line.find('\n'), std::string::npos) << line;
  const auto read = read_call(line);
  const auto* again = std::get_if<NumberedCall>(&read);
  ASSERT_NE(again, nullptr) << line << "\n" << std::get<UnreadableCall>(read).reason;
  EXPECT_EQ(*again, (NumberedCall{7, call})) << line;
}

void expect_answer_survives(const Call& call, const Told& told) {
  const std::string line = write_answer(7, call, told);
  EXPECT_EQ(line.find('\n'), std::string::npos) << line;
  const auto read = read_answer(line, {7, call});
  ASSERT_TRUE(read) << line << "\n" << read.error().message;
  const auto* again = std::get_if<Told>(&read.value());
  ASSERT_NE(again, nullptr) << line;
  EXPECT_EQ(*again, told) << line;
}

TEST(Lines, EveryCallSurvives) {
  expect_call_survives(HelloCall{kProtocol, "lockstep 0.1.0"});
  expect_call_survives(CapabilitiesCall{});
  expect_call_survives(InventoryCall{});
  for (const FaultKind kind : all_values<FaultKind>()) {
    expect_call_survives(InjectCall{Fault{kind, std::nullopt}});
    expect_call_survives(InjectCall{Fault{kind, RelationshipRef{"relationship:1"}}});
  }
  for (const Method method : all_values<Method>()) {
    expect_call_survives(InvokeCall{wire::empty_request(method)});
    expect_call_survives(InvokeCall{filled_request(method)});
  }
}

TEST(Lines, MalformedSettingsAreSentAsTheyAre) {
  CreateElementReplicaRequest request;
  request.replication_setting_data = SettingDataParameter{std::string("no instance")};
  expect_call_survives(InvokeCall{request});
}

TEST(Lines, EveryAnswerOfAMethodSurvives) {
  for (const Method method : all_values<Method>()) {
    const Call call = InvokeCall{wire::empty_request(method)};
    expect_answer_survives(call, Answer{});
    Answer refused;
    refused.cim_status = CimStatus::AccessDenied;
    expect_answer_survives(call, refused);
    Answer filled;
    filled.code = static_cast<ReturnCode>(32769);
    Filler filler;
    wire::out_parameters(filler, method, filled);
    expect_answer_survives(call, filled);
  }
}

Capabilities some_capabilities() {
  Capabilities capabilities;
  capabilities.level = SchemaLevel::Seed;
  const ReplicationKind clone{SyncType::Clone, Mode::Synchronous, Locality::Local};
  const ReplicationKind mirror{SyncType::Mirror, Mode::Adaptive, Locality::Remote};
  capabilities.kinds = {clone, mirror};
  capabilities.methods = {Method::CreateReplica, Method::CreateVolume};
  capabilities.synchronous_actions = {Method::CreateVolume};
  capabilities.asynchronous_actions = {Method::CreateReplica};
  capabilities.copy_types = {CopyType::Sync};
  capabilities.operations[mirror] = {Operation::Abort, static_cast<Operation>(40000)};
  capabilities.operations[clone] = {};
  capabilities.copy_states[clone] = {CopyState::Synchronized};
  capabilities.wait_for_copy_states[{Method::CreateReplica, clone}] = {CopyState::Synchronized};
  capabilities.features = {Feature::ReplicationGroups};
  capabilities.group_features = {GroupFeature::GroupIsNameable};
  capabilities.default_consistency = ConsistencyType::SequentiallyConsistent;
  capabilities.sequential_consistency_supported = false;
  capabilities.default_group_persistent = false;
  capabilities.default_recovery_point_objective = 30;
  return capabilities;
}

TEST(Lines, CapabilitiesSurvive) {
  expect_answer_survives(CapabilitiesCall{}, Capabilities{});
  expect_answer_survives(CapabilitiesCall{}, some_capabilities());
}

TEST(Lines, HelloSurvives) {
  expect_answer_survives(HelloCall{}, Hello{});
  Hello hello;
  hello.identity = {"organisation", "product", "version", "contact"};
  hello.portals = {"iscsi://127.0.0.1:3260/iqn.2026-11.net.example:a"};
  hello.volume_urls = true;
  hello.faults = {FaultKind::LinkLost, FaultKind::ProviderRestart};
  hello.known = {AccessPointRef{"point"}, SettingRef{"goal"}, PeerRef{"peer"}, "user", "pass"};
  expect_answer_survives(HelloCall{}, hello);
}

TEST(Lines, InventorySurvives) {
  expect_answer_survives(InventoryCall{}, Seen{});
  Seen seen;
  Filler filler;
  PoolView pool{PoolRef{"pool:1"}, "", {}, {}};
  wire::properties(filler, pool);
  ElementView element;
  element.ref = {"volume:1"};
  element.element_class = ElementClass::Other;
  element.pool = pool.ref;
  element.setting = SettingRef{"goal:1"};
  element.device_id = "naa";
  wire::properties(filler, element);
  GroupView group;
  group.ref = {"group:1"};
  group.members = {element.ref};
  wire::properties(filler, group);
  seen.inventory.pools = {pool};
  seen.inventory.elements = {element};
  seen.inventory.groups = {group};
  seen.urls[element.ref] = "iscsi://127.0.0.1/iqn.2026-11.net.example:a/1";
  for (const RelationshipClass kind : all_values<RelationshipClass>()) {
    RelationshipView view;
    view.ref = {"relationship:" + to_text(kind)};
    view.relationship_class = kind;
    if (kind == RelationshipClass::StorageSynchronized) {
      view.source_element = view.target_element = element.ref;
    } else {
      view.source_group = view.target_group = group.ref;
    }
    wire::properties(filler, view);
    seen.inventory.relationships.push_back(view);
  }
  JobView job;
  job.ref = {"job:1"};
  wire::properties(filler, job);
  job.affected_elements = {element.ref};
  job.affected_relationships = {RelationshipRef{"relationship:1"}};
  job.affected_groups = {group.ref};
  seen.inventory.jobs = {job};
  expect_answer_survives(InventoryCall{}, seen);
}

TEST(Lines, AFailureSaysWhy) {
  const auto read = read_answer(write_failure(7, "no \"reason\""), {7, InventoryCall{}});
  ASSERT_TRUE(read);
  EXPECT_EQ(std::get<Failure>(read.value()).message, "no \"reason\"");
  const auto without = read_answer(write_failure(std::nullopt, "x"), {7, InventoryCall{}});
  ASSERT_TRUE(without);
  EXPECT_EQ(std::get<Failure>(without.value()).id, std::nullopt);
}

TEST(Lines, ATextThatIsNoUtf8IsNotSent) {
  CreateGroupRequest request;
  request.group_name = "\xff";
  const auto line = write_call({1, InvokeCall{request}});
  ASSERT_FALSE(line);
  EXPECT_EQ(line.error().origin, Origin::Usage);
}

struct Broken {
  Call call;
  const char* line;
  const char* complaint;
};

TEST(Lines, WhatBreaksTheProtocolIsNamed) {
  const Call invoke = InvokeCall{CreateElementReplicaRequest{}};
  const Broken broken[] = {
      {InventoryCall{}, "", "expected one JSON object"},
      {InventoryCall{}, "hello", "expected one JSON object"},
      {InventoryCall{}, "[1]", "expected one JSON object, found an array"},
      {InventoryCall{}, R"({"id":7,"result":{}} {"id":8,"result":{}})", "expected one JSON object"},
      {InventoryCall{}, "{\"id\":7,\"result\":{\"\xff\":1}}", "expected one JSON object"},
      {InventoryCall{}, R"({"id":7})", "expected result or error, found neither"},
      {InventoryCall{}, R"({"id":7,"result":{},"error":{}})", "found both"},
      {InventoryCall{}, R"({"id":8,"result":{}})", "answer.id: expected 7, found 8"},
      {InventoryCall{}, R"({"id":"7","result":{}})", "answer.id: expected 7, found none"},
      {InventoryCall{}, R"({"result":{}})", "answer.id: expected 7, found none"},
      {InventoryCall{}, R"({"id":8,"error":{"message":"x"}})", "answer.id: expected 7, found 8"},
      {InventoryCall{}, R"({"id":7,"result":[]})", "result: expected an object, found an array"},
      {InventoryCall{}, R"({"id":7,"error":"x"})", "error: expected an object"},
      {InventoryCall{}, R"({"id":7,"error":{}})", "error.message: expected a value"},
      {InventoryCall{}, R"({"id":7,"result":{},"log":1})", "answer.log: expected a known member"},
      {InventoryCall{}, R"({"id":7,"result":{"volumes":[]}})",
       "result.volumes: expected a known member"},
      {InventoryCall{}, R"({"id":7,"result":{"elements":{}}})",
       "result.elements: expected an array"},
      {InventoryCall{}, R"({"id":7,"result":{"elements":[1]}})",
       "result.elements[0]: expected an object"},
      {InventoryCall{}, R"({"id":7,"result":{"elements":[{}]}})",
       "result.elements[0].ref: expected a value"},
      {InventoryCall{}, R"({"id":7,"result":{"elements":[{"ref":1}]}})",
       "result.elements[0].ref: expected a string, found 1"},
      {InventoryCall{}, R"({"id":7,"result":{"relationships":[{"ref":"a"}]}})",
       "result.relationships[0].class: expected a value"},
      {InventoryCall{}, R"({"id":7,"result":{"relationships":[{"ref":"a","class":"Pair"}]}})",
       "known name such as \"StorageSynchronized\""},
      {InventoryCall{},
       R"({"id":7,"result":{"relationships":[{"ref":"a","class":"StorageSynchronized","CopySate":4}]}})",
       "did you mean \"CopyState\""},
      {InventoryCall{},
       R"({"id":7,"result":{"relationships":[{"ref":"a","class":"StorageSynchronized","CopyState":65536}]}})",
       "CopyState: expected a whole number from 0 to 65535, found 65536"},
      {HelloCall{}, R"({"id":7,"result":{"protocol":1}})", "result.identity: expected a value"},
      {HelloCall{}, R"({"id":7,"result":{"identity":{}}})", "result.protocol: expected a value"},
      {HelloCall{}, R"({"id":7,"result":{"protocol":1,"identity":{},"faults":["Fire"]}})",
       "result.faults: expected a known name"},
      {CapabilitiesCall{}, R"({"id":7,"result":{}})", "result.level: expected a value"},
      {CapabilitiesCall{},
       R"({"id":7,"result":{"level":"Cim241","methods":[],"replication_types":[99]}})",
       "expected a replication type from 2 to 25, found 99"},
      {invoke, R"({"id":7,"result":{}})", "expected this or cim_status, found neither"},
      {invoke, R"({"id":7,"result":{"return_value":0,"cim_status":4}})", "found both"},
      {invoke, R"({"id":7,"result":{"return_value":-1}})", "expected a whole number"},
      {invoke, R"({"id":7,"result":{"return_value":0.5}})", "expected a whole number"},
      {invoke, R"({"id":7,"result":{"return_value":0,"out":{"TargetElement":7}}})",
       "result.out.TargetElement: expected a string, found 7"},
      {invoke, R"({"id":7,"result":{"return_value":0,"out":{"TargetElements":[]}}})",
       "did you mean \"TargetElement\""},
      {InjectCall{}, R"({"id":7,"result":{"done":true}})", "result.done: expected a known member"},
  };
  for (const Broken& one : broken) {
    const auto read = read_answer(one.line, {7, one.call});
    ASSERT_FALSE(read) << one.line;
    EXPECT_EQ(read.error().origin, Origin::Provider);
    EXPECT_THAT(read.error().message, HasSubstr(one.complaint)) << one.line;
  }
}

TEST(Lines, DepthIsBounded) {
  const std::string deep = R"({"id":7,"result":)" + std::string(100'000, '[');
  EXPECT_FALSE(read_answer(deep, {7, InventoryCall{}}));
}

TEST(Lines, ACallThatCannotBeReadKeepsItsId) {
  struct Unreadable {
    const char* line;
    std::optional<std::uint64_t> id;
    const char* reason;
  };
  const Unreadable unreadable[] = {
      {"x", std::nullopt, "expected one JSON object"},
      {"{}", std::nullopt, "request.id: expected a value"},
      {R"({"id":"x"})", std::nullopt, "request.id"},
      {R"({"id":9})", 9, "request.operation: expected a value"},
      {R"({"id":9,"operation":"stop"})", 9, "expected hello, capabilities, inventory"},
      {R"({"id":9,"operation":"hello"})", 9, "request.protocol: expected a value"},
      {R"({"id":9,"operation":"inventory","all":true})", 9, "request.all: expected a known member"},
      {R"({"id":9,"operation":"invoke","method":"Format"})", 9, "request.method"},
      {R"({"id":9,"operation":"invoke","method":"CreateReplica"})", 9, "request.object"},
      {R"({"id":9,"operation":"invoke","method":"CreateGroup","parameters":{"Size":1}})", 9,
       "request.parameters.Size: expected a known member"},
      {R"({"id":9,"operation":"inject","fault":"Fire"})", 9, "request.fault"},
  };
  for (const Unreadable& one : unreadable) {
    const auto read = read_call(one.line);
    const auto* found = std::get_if<UnreadableCall>(&read);
    ASSERT_NE(found, nullptr) << one.line;
    EXPECT_EQ(found->id, one.id) << one.line;
    EXPECT_THAT(found->reason, HasSubstr(one.reason)) << one.line;
  }
}

TEST(Lines, ThePublishedSchemaIsTheOneThatTheCodeHas) {
  std::ifstream file("docs/process-provider.schema.json");
  std::stringstream text;
  text << file.rdbuf();
  EXPECT_EQ(text.str(), schema())
      << "write it again: lockstep adapter schema >docs/process-provider.schema.json";
}

}  // namespace
}  // namespace lockstep::lines
