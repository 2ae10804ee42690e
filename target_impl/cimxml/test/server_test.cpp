// Goal: the server says what DSP0200 asks it to say, for good requests and bad ones. Method:
// requests spelled out by hand, put to the HTTP service without sockets.
#include "model/wire/http.hpp"
#include "model/wire/message.hpp"
#include "target_impl/cimxml/http_service.hpp"
#include "target_impl/reference.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

namespace lockstep::cimxml {
namespace {

using testing::HasSubstr;
using testing::Not;

std::string namespace_path(const std::string& name_space) {
  std::string text = "<LOCALNAMESPACEPATH>";
  std::string_view rest = name_space;
  while (!rest.empty()) {
    const std::size_t slash = std::min(rest.find('/'), rest.size());
    text += "<NAMESPACE NAME=\"" + std::string(rest.substr(0, slash)) + "\"/>";
    rest.remove_prefix(std::min(slash + 1, rest.size()));
  }
  return text + "</LOCALNAMESPACEPATH>";
}

std::string message(const std::string& inside) {
  return "<?xml version=\"1.0\" encoding=\"utf-8\"?><CIM CIMVERSION=\"2.0\" DTDVERSION=\"2.0\">"
         "<MESSAGE ID=\"7\" PROTOCOLVERSION=\"1.0\"><SIMPLEREQ>" +
         inside + "</SIMPLEREQ></MESSAGE></CIM>";
}

std::string class_parameter(const std::string& name) {
  return "<IPARAMVALUE NAME=\"ClassName\"><CLASSNAME NAME=\"" + name + "\"/></IPARAMVALUE>";
}

class CimXmlService : public testing::Test {
 protected:
  CimXmlService() : service_(*reference_, options_) {}

  static std::unique_ptr<ReferenceProvider> made() {
    ReferenceOptions options;
    options.pool_bytes = 64ULL << 20;
    auto reference = make_reference(options);
    EXPECT_TRUE(reference);
    return std::move(reference).value();
  }

  static wire::HttpMessage request(const std::string& method, const std::string& object,
                                   const std::string& body) {
    wire::HttpMessage message;
    message.method = "POST";
    message.path = "/cimom";
    message.version = "HTTP/1.1";
    message.headers = {{"Host", "server"},
                       {"Content-Type", "application/xml; charset=utf-8"},
                       {"CIMOperation", "MethodCall"},
                       {"CIMMethod", method},
                       {"CIMObject", object}};
    message.body = body;
    return message;
  }
  static wire::HttpMessage intrinsic_request(const std::string& name, const std::string& parameters,
                                             const std::string& name_space = kTargetNamespace) {
    return request(name, name_space,
                   message("<IMETHODCALL NAME=\"" + name + "\">" + namespace_path(name_space) +
                           parameters + "</IMETHODCALL>"));
  }
  wire::Reply intrinsic(const std::string& name, const std::string& parameters,
                        const std::string& name_space = kTargetNamespace) {
    const auto response = service_.answer(intrinsic_request(name, parameters, name_space));
    EXPECT_EQ(response.status, 200U);
    auto reply = wire::read_reply(response.body);
    EXPECT_TRUE(reply) << response.body;
    return reply ? std::move(reply).value() : wire::Reply{};
  }
  std::uint32_t error_of(const std::string& name, const std::string& parameters,
                         const std::string& name_space = kTargetNamespace) {
    const auto reply = intrinsic(name, parameters, name_space);
    return reply.error ? reply.error->code : 0;
  }
  void make_volumes(int count) {
    for (int i = 0; i < count; ++i) {
      CreateVolumeRequest volume;
      volume.blocks = BlockCount{16};
      EXPECT_TRUE(reference_->invoke(volume));
    }
  }

  std::unique_ptr<ReferenceProvider> reference_ = made();
  ServerOptions options_;
  HttpService service_;
};

TEST_F(CimXmlService, AnswersInTheEnvelopeOfTheRequest) {
  const auto response = service_.answer(
      intrinsic_request("EnumerateInstanceNames", class_parameter("CIM_StoragePool")));
  EXPECT_EQ(response.status, 200U);
  EXPECT_EQ(response.header("CIMOperation"), "MethodResponse");
  EXPECT_THAT(response.body, HasSubstr("<MESSAGE ID=\"7\" PROTOCOLVERSION=\"1.0\"><SIMPLERSP>"
                                       "<IMETHODRESPONSE NAME=\"EnumerateInstanceNames\">"
                                       "<IRETURNVALUE><INSTANCENAME CLASSNAME=\""
                                       "MSISCSITARGET_ConcreteStoragePool\">"));
}

TEST_F(CimXmlService, RefusesWhatHttpAloneShows) {
  const auto with = [&](auto change) {
    auto message = intrinsic_request("EnumerateInstanceNames", class_parameter("CIM_StoragePool"));
    change(message);
    return service_.answer(message);
  };
  const auto set = [](wire::HttpMessage& message, const std::string& name,
                      const std::string& value) {
    for (auto& header : message.headers) {
      if (header.first == name) header.second = value;
    }
  };
  EXPECT_EQ(with([](auto& m) { m.method = "GET"; }).status, 405U);
  EXPECT_EQ(with([](auto& m) { m.headers.erase(m.headers.begin()); }).status, 400U);
  EXPECT_EQ(with([&](auto& m) { set(m, "Content-Type", "text/html"); }).status, 400U);
  const auto operation = with([&](auto& m) { set(m, "CIMOperation", "Other"); });
  EXPECT_EQ(operation.status, 400U);
  EXPECT_EQ(operation.header("CIMError"), "unsupported-operation");
  for (const char* name : {"CIMMethod", "CIMObject"}) {
    const auto mismatch = with([&](auto& m) { set(m, name, "Other"); });
    EXPECT_EQ(mismatch.status, 400U);
    EXPECT_EQ(mismatch.header("CIMError"), "header-mismatch");
    const auto missing = with([&](auto& m) {
      std::erase_if(m.headers, [&](const auto& header) { return header.first == name; });
    });
    EXPECT_EQ(missing.header("CIMError"), "header-mismatch");
  }
  const auto version = with([](auto& m) { m.headers.emplace_back("CIMProtocolVersion", "3.0"); });
  EXPECT_EQ(version.status, 501U);
  const auto batch = with([](auto& m) { m.headers.emplace_back("CIMBatch", ""); });
  EXPECT_EQ(batch.status, 501U);
  EXPECT_EQ(batch.header("CIMError"), "multiple-requests-unsupported");
  const auto broken = with([](auto& m) { m.body.resize(m.body.size() / 2); });
  EXPECT_EQ(broken.header("CIMError"), "request-not-well-formed");
  const auto other = with([](auto& m) { m.body = "<CIM><X/></CIM>"; });
  EXPECT_EQ(other.header("CIMError"), "request-not-valid");
}

TEST_F(CimXmlService, TakesTheExtensionFrameworkToo) {
  auto message = intrinsic_request("EnumerateInstanceNames", class_parameter("CIM_StoragePool"));
  message.method = "M-POST";
  message.headers.emplace_back("Man", "http://www.dmtf.org/cim/mapping/http/v1.0; ns=42");
  for (auto& header : message.headers) {
    if (header.first.starts_with("CIM")) header.first = "42-" + header.first;
  }
  EXPECT_EQ(service_.answer(message).status, 200U);
}

TEST_F(CimXmlService, AsksWhoItIs) {
  ServerOptions guarded;
  guarded.user = "operator";
  guarded.password = "s3cret";
  HttpService service(*reference_, guarded);
  auto message = intrinsic_request("EnumerateInstanceNames", class_parameter("CIM_StoragePool"));
  const auto stranger = service.answer(message);
  EXPECT_EQ(stranger.status, 401U);
  EXPECT_THAT(*stranger.header("WWW-Authenticate"), HasSubstr("Basic"));
  for (const std::string token : {"operator:wrong", "operator:s3cretx", "x:y", ""}) {
    auto wrong = message;
    wrong.headers.emplace_back("Authorization", "Basic " + wire::base64_encode(token));
    EXPECT_EQ(service.answer(wrong).status, 401U) << token;
  }
  message.headers.emplace_back("Authorization", "Basic " + wire::base64_encode("operator:s3cret"));
  EXPECT_EQ(service.answer(message).status, 200U);
}

TEST_F(CimXmlService, NamesItsRefusalsByTheRightCode) {
  const std::string no_such =
      "<IPARAMVALUE NAME=\"InstanceName\"><INSTANCENAME CLASSNAME=\"CIM_StoragePool\"><KEYBINDING "
      "NAME=\"InstanceID\"><KEYVALUE>none</KEYVALUE></KEYBINDING></INSTANCENAME></IPARAMVALUE>";
  EXPECT_EQ(error_of("EnumerateInstances", class_parameter("CIM_StoragePool"), "root/x"),
            status::kInvalidNamespace);
  EXPECT_EQ(error_of("EnumerateInstances", class_parameter("No_Class")), status::kInvalidClass);
  EXPECT_EQ(error_of("EnumerateInstances", ""), status::kInvalidParameter);
  EXPECT_EQ(error_of("GetInstance", no_such), status::kNotFound);
  EXPECT_EQ(error_of("GetInstance", ""), status::kInvalidParameter);
  EXPECT_EQ(error_of("GetClass", class_parameter("No_Class")), status::kInvalidClass);
  EXPECT_EQ(error_of("ExecQuery", ""), status::kNotSupported);
  EXPECT_EQ(error_of("DeleteInstance", no_such), status::kNotSupported);
  EXPECT_EQ(error_of("EnumerateInstances",
                     class_parameter("CIM_StoragePool") +
                         "<IPARAMVALUE NAME=\"Surprise\"><VALUE>1</VALUE></IPARAMVALUE>"),
            status::kInvalidParameter);
  const std::string method =
      message("<METHODCALL NAME=\"NoMethod\"><LOCALCLASSPATH>" + namespace_path(kTargetNamespace) +
              "<CLASSNAME NAME=\"CIM_ReplicationService\"/></LOCALCLASSPATH></METHODCALL>");
  const auto response = service_.answer(
      request("NoMethod", std::string(kTargetNamespace) + ":CIM_ReplicationService", method));
  const auto reply = wire::read_reply(response.body);
  ASSERT_TRUE(reply && reply.value().error);
  EXPECT_EQ(reply.value().error->code, status::kMethodNotFound);
}

TEST_F(CimXmlService, PropertyListsAreKept) {
  const auto reply = intrinsic(
      "EnumerateInstances",
      class_parameter("CIM_StoragePool") +
          "<IPARAMVALUE NAME=\"PropertyList\"><VALUE.ARRAY><VALUE>totalmanagedspace</VALUE>"
          "<VALUE>None</VALUE></VALUE.ARRAY></IPARAMVALUE>");
  ASSERT_FALSE(reply.instances.empty());
  ASSERT_EQ(reply.instances.front().instance.properties.size(), 1U);
  EXPECT_EQ(reply.instances.front().instance.properties.front().name, "TotalManagedSpace");
}

TEST_F(CimXmlService, InteropLeadsToTheSystemInItsOwnNamespace) {
  const auto profiles =
      intrinsic("EnumerateInstanceNames", class_parameter("CIM_RegisteredProfile"), "root/interop");
  ASSERT_FALSE(profiles.paths.empty());
  const std::string id = profiles.paths.front().keys.front().text;
  const auto systems = intrinsic(
      "AssociatorNames",
      "<IPARAMVALUE NAME=\"ObjectName\"><INSTANCENAME CLASSNAME=\"LOCKSTEP_RegisteredProfile\">"
      "<KEYBINDING NAME=\"InstanceID\"><KEYVALUE VALUETYPE=\"string\">" +
          id +
          "</KEYVALUE></KEYBINDING></INSTANCENAME></IPARAMVALUE>"
          "<IPARAMVALUE NAME=\"AssocClass\"><CLASSNAME NAME=\"CIM_ElementConformsToProfile\"/>"
          "</IPARAMVALUE>",
      kInteropNamespace);
  ASSERT_EQ(systems.paths.size(), 1U);
  EXPECT_EQ(systems.paths.front().name_space, kTargetNamespace);
}

std::string text_of(const wire::Reply& reply, const char* name) {
  const wire::Value* value = wire::find_value(reply.out, name);
  return value == nullptr ? "" : std::get<std::string>(value->items.front());
}

TEST_F(CimXmlService, EnumerationsArePulledInPieces) {
  make_volumes(5);
  const std::string count = "<IPARAMVALUE NAME=\"MaxObjectCount\"><VALUE>2</VALUE></IPARAMVALUE>";
  auto reply = intrinsic("OpenEnumerateInstances", class_parameter("CIM_StorageVolume") + count);
  EXPECT_EQ(reply.instances.size(), 2U);
  const std::string context = text_of(reply, "EnumerationContext");
  const std::string by_context =
      "<IPARAMVALUE NAME=\"EnumerationContext\"><VALUE>" + context + "</VALUE></IPARAMVALUE>";
  EXPECT_EQ(error_of("PullInstancePaths", by_context + count), status::kInvalidEnumerationContext);
  std::size_t found = reply.instances.size();
  while (text_of(reply, "EndOfSequence") == "FALSE") {
    reply = intrinsic("PullInstancesWithPath", by_context + count);
    ASSERT_FALSE(reply.error);
    found += reply.instances.size();
  }
  EXPECT_EQ(found, 5U);
  EXPECT_EQ(error_of("PullInstancesWithPath", by_context + count),
            status::kInvalidEnumerationContext);
  const auto open = intrinsic("OpenEnumerateInstancePaths", class_parameter("CIM_StorageVolume"));
  EXPECT_TRUE(open.paths.empty());
  const std::string other = "<IPARAMVALUE NAME=\"EnumerationContext\"><VALUE>" +
                            text_of(open, "EnumerationContext") + "</VALUE></IPARAMVALUE>";
  EXPECT_EQ(error_of("CloseEnumeration", other), 0U);
  EXPECT_EQ(error_of("CloseEnumeration", other), status::kInvalidEnumerationContext);
}

TEST_F(CimXmlService, EveryClassCanBeAskedForAndHasItsKeys) {
  for (const char* name_space : {kTargetNamespace, kStorageNamespace, kInteropNamespace}) {
    const auto names = intrinsic("EnumerateClassNames",
                                 "<IPARAMVALUE NAME=\"DeepInheritance\"><VALUE>TRUE</VALUE>"
                                 "</IPARAMVALUE>",
                                 name_space);
    EXPECT_GT(names.paths.size(), 5U);
    for (const wire::ObjectPath& path : names.paths) {
      const auto declared = intrinsic("GetClass", class_parameter(path.class_name), name_space);
      ASSERT_EQ(declared.classes.size(), 1U) << path.class_name;
      const auto instances =
          intrinsic("EnumerateInstances", class_parameter(path.class_name), name_space);
      ASSERT_FALSE(instances.error) << path.class_name;
      for (const wire::PathInstance& one : instances.instances) {
        // Every property that an instance shows is one that its class declares.
        const auto own =
            intrinsic("GetClass", class_parameter(one.instance.class_name), name_space);
        ASSERT_EQ(own.classes.size(), 1U) << one.instance.class_name;
        for (const wire::Named& property : one.instance.properties) {
          const auto& properties = own.classes.front().properties;
          const auto known =
              std::find_if(properties.begin(), properties.end(),
                           [&](const auto& candidate) { return candidate.name == property.name; });
          ASSERT_NE(known, properties.end()) << one.instance.class_name << '.' << property.name;
          EXPECT_EQ(known->type, property.value->type)
              << one.instance.class_name << '.' << property.name;
          EXPECT_EQ(known->array, property.value->array) << property.name;
        }
      }
    }
  }
}

}  // namespace
}  // namespace lockstep::cimxml
