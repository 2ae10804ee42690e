// Goal: what is written is what the document type asks for, and what is read survives every legal
// oddity and no illegal one. Method: round trips, and messages spelled out by hand.
#include "model/wire/message.hpp"

#include "model/vocab/names.hpp"
#include "model/wire/field_visitors.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace lockstep::wire {
namespace {

using testing::HasSubstr;
using testing::Not;

class PlainReferences final : public References {
 public:
  ObjectPath to_wire(const std::string& reference, std::string_view class_name) override {
    auto path = parse_object_path(reference);
    if (path) return std::move(path).value();
    ObjectPath made;
    made.class_name = class_name;
    made.keys = {string_key("InstanceID", reference)};
    return made;
  }
  std::string from_wire(const ObjectPath& path) override { return to_text(path); }
};

Call create_call() {
  CreateElementReplicaRequest request;
  request.element_name = "snap <1> & \"more\"";
  request.sync_type = SyncType::Snapshot;
  request.source_element = ElementRef{R"(XX_Volume.DeviceID="7")"};
  ReplicationSettingData settings;
  settings.copy_priority = CopyPriority::Same;
  settings.desired_rpo_s = 90'061;
  request.replication_setting_data = settings;
  request.wait_for_copy_state = CopyState::Synchronized;
  Request any = request;
  PlainReferences references;
  FieldWriter writer(references);
  in_parameters(writer, any);
  Call call;
  call.message_id = "42";
  call.name = "CreateElementReplica";
  call.target.name_space = "root/vendor";
  call.target.class_name = "XX_ReplicationService";
  call.target.keys = {string_key("Name", "RS1")};
  call.parameters = std::move(writer.written());
  return call;
}

std::string extrinsic_answer(const std::string& inside) {
  return "<?xml version=\"1.0\" encoding=\"utf-8\"?><CIM CIMVERSION=\"2.0\" DTDVERSION=\"2.0\">"
         "<MESSAGE ID=\"1\" PROTOCOLVERSION=\"1.0\"><SIMPLERSP><METHODRESPONSE NAME=\"M\">" +
         inside + "</METHODRESPONSE></SIMPLERSP></MESSAGE></CIM>";
}

TEST(Message, ACallIsWrittenAsTheDocumentTypeAsks) {
  const auto xml = write_call(create_call());
  ASSERT_TRUE(xml) << xml.error().message;
  const std::string expected_start =
      "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n"
      "<CIM CIMVERSION=\"2.0\" DTDVERSION=\"2.0\"><MESSAGE ID=\"42\" PROTOCOLVERSION=\"1.0\">"
      "<SIMPLEREQ><METHODCALL NAME=\"CreateElementReplica\"><LOCALINSTANCEPATH>"
      "<LOCALNAMESPACEPATH><NAMESPACE NAME=\"root\"/><NAMESPACE NAME=\"vendor\"/>"
      "</LOCALNAMESPACEPATH><INSTANCENAME CLASSNAME=\"XX_ReplicationService\">"
      "<KEYBINDING NAME=\"Name\"><KEYVALUE VALUETYPE=\"string\">RS1</KEYVALUE></KEYBINDING>"
      "</INSTANCENAME></LOCALINSTANCEPATH>"
      "<PARAMVALUE NAME=\"ElementName\" PARAMTYPE=\"string\">"
      "<VALUE>snap &lt;1&gt; &amp; &quot;more&quot;</VALUE></PARAMVALUE>"
      "<PARAMVALUE NAME=\"SyncType\" PARAMTYPE=\"uint16\"><VALUE>7</VALUE></PARAMVALUE>"
      "<PARAMVALUE NAME=\"SourceElement\" PARAMTYPE=\"reference\"><VALUE.REFERENCE>";
  EXPECT_EQ(xml.value().substr(0, expected_start.size()), expected_start);
  EXPECT_THAT(xml.value(), HasSubstr("PARAMTYPE=\"string\" EmbeddedObject=\"instance\"><VALUE>"
                                     "&lt;INSTANCE CLASSNAME=&quot;CIM_ReplicationSettingData"));
  EXPECT_THAT(xml.value(), HasSubstr("00000001010101.000000:000"));
  EXPECT_THAT(xml.value(), Not(HasSubstr("Mode")));  // NULL is left out
}

TEST(Message, ACallReadsBackAsItWas) {
  Call call = create_call();
  const auto xml = write_call(call);
  ASSERT_TRUE(xml);
  const auto read = read_call(xml.value());
  ASSERT_TRUE(read) << read.error().reason;
  std::erase_if(call.parameters, [](const Named& named) { return !named.value; });
  EXPECT_EQ(read.value(), call);

  PlainReferences references;
  FieldReader reader(read.value().parameters, references, "call");
  Request request = empty_request(Method::CreateElementReplica);
  in_parameters(reader, request);
  EXPECT_FALSE(reader.failure()) << reader.failure()->message;
  EXPECT_THAT(reader.unknown(), testing::IsEmpty());
  const auto& found = std::get<CreateElementReplicaRequest>(request);
  EXPECT_EQ(found.element_name, "snap <1> & \"more\"");
  EXPECT_EQ(found.wait_for_copy_state, CopyState::Synchronized);
  const auto* settings = std::get_if<ReplicationSettingData>(&*found.replication_setting_data);
  ASSERT_NE(settings, nullptr);
  EXPECT_EQ(settings->desired_rpo_s, 90'061U);
  EXPECT_EQ(settings->copy_priority, CopyPriority::Same);
}

TEST(Message, EveryMethodsParametersSurviveTheWire) {
  PlainReferences references;
  for (const Method method : all_values<Method>()) {
    Request request = empty_request(method);
    EXPECT_EQ(method_of(request), method);
    FieldDeclarer declarer;
    in_parameters(declarer, request);
    declarer.direction(false);
    Answer answer;
    out_parameters(declarer, method, answer);
    EXPECT_THAT(declarer.declared(), Not(testing::IsEmpty())) << to_text(method);
  }
}

TEST(Message, ListsKeepEmptyAndNullApart) {
  CreateListReplicaRequest request;
  request.source_elements.emplace();
  request.element_names = std::vector<std::optional<std::string>>{"a", std::nullopt};
  Request any = request;
  PlainReferences references;
  FieldWriter writer(references);
  in_parameters(writer, any);
  Call call;
  call.name = "CreateListReplica";
  call.target.class_name = "XX";
  call.parameters = std::move(writer.written());
  const auto xml = write_call(call);
  ASSERT_TRUE(xml);
  EXPECT_THAT(xml.value(), HasSubstr("<VALUE.REFARRAY></VALUE.REFARRAY>"));
  EXPECT_THAT(xml.value(), HasSubstr("<VALUE.ARRAY><VALUE>a</VALUE><VALUE.NULL/></VALUE.ARRAY>"));
  const auto read = read_call(xml.value());
  ASSERT_TRUE(read);
  FieldReader reader(read.value().parameters, references, "call");
  Request back = empty_request(Method::CreateListReplica);
  in_parameters(reader, back);
  EXPECT_EQ(back, any);
}

TEST(Message, TextThatXmlCannotCarryIsNotSent) {
  Call call = create_call();
  for (const char* text : {"\x01", "\xC3\x28", "\xED\xA0\x80"}) {
    call.parameters.front().value = text_value(text);
    EXPECT_FALSE(write_call(call)) << text;
  }
  call.parameters.front().value = text_value("tab\tline\r\n\xF0\x9F\x98\x80");
  const auto xml = write_call(call);
  ASSERT_TRUE(xml);
  EXPECT_EQ(read_call(xml.value()).value().parameters.front().value, call.parameters.front().value);
}

TEST(Message, OddButLegalAnswersAreRead) {
  const std::string oddities[] = {
      "<RETURNVALUE><VALUE>0</VALUE></RETURNVALUE>",
      "<RETURNVALUE PARAMTYPE=\"uint32\"><VALUE> 0x0 </VALUE></RETURNVALUE>",
      "<!-- a comment --><RETURNVALUE "
      "PARAMTYPE=\"uint32\"><VALUE><![CDATA[0]]></VALUE></RETURNVALUE>",
      "<PARAMVALUE NAME=\"Job\"/><RETURNVALUE PARAMTYPE=\"uint32\"><VALUE>0</VALUE></RETURNVALUE>",
  };
  for (const std::string& inside : oddities) {
    const auto reply = read_reply(extrinsic_answer(inside));
    ASSERT_TRUE(reply) << inside << ": " << reply.error().reason;
    ASSERT_TRUE(reply.value().return_value) << inside;
    EXPECT_EQ(read_number(reply.value().return_value->items.front(), 9, "code").value(), 0U);
  }
  std::string prefixed = extrinsic_answer("<c:RETURNVALUE><c:VALUE>0</c:VALUE></c:RETURNVALUE>");
  EXPECT_TRUE(read_reply(prefixed).value().return_value);
}

TEST(Message, WhatIsNoCimXmlIsRefusedWithItsKind) {
  const std::pair<std::string, Unreadable> bad[] = {
      {"", Unreadable::NotWellFormed},
      {"<CIM", Unreadable::NotWellFormed},
      {"<CIM></MESSAGE>", Unreadable::NotWellFormed},
      {"<CIM/><CIM/>", Unreadable::NotWellFormed},
      {"<!DOCTYPE CIM [<!ENTITY a \"b\">]><CIM>&a;</CIM>", Unreadable::NotWellFormed},
      {"<CIM>&undefined;</CIM>", Unreadable::NotWellFormed},
      {"<CIM>\xFF</CIM>", Unreadable::NotWellFormed},
      {"<?xml version=\"1.0\" encoding=\"iso-8859-1\"?><CIM/>", Unreadable::NotWellFormed},
      {"<CIM/>", Unreadable::NotValid},
      {"<html/>", Unreadable::NotValid},
      {"<CIM CIMVERSION=\"3.0\"/>", Unreadable::UnsupportedVersion},
      {extrinsic_answer("<ERROR DESCRIPTION=\"x\"/>"), Unreadable::NotValid},
      {extrinsic_answer("<RETURNVALUE><INSTANCE/></RETURNVALUE>"), Unreadable::NotValid},
  };
  for (const auto& [xml, kind] : bad) {
    const auto reply = read_reply(xml);
    ASSERT_FALSE(reply) << xml;
    EXPECT_EQ(reply.error().kind, kind) << xml << ": " << reply.error().reason;
  }
}

TEST(Message, DepthAndNumberOfElementsAreBounded) {
  std::string deep;
  for (int i = 0; i < 100'000; ++i) deep += "<a>";
  const auto nested = read_reply(deep);
  ASSERT_FALSE(nested);
  EXPECT_THAT(nested.error().reason, HasSubstr("deep"));
  std::string wide = "<CIM>";
  for (int i = 0; i < 200; ++i) wide += "<a/>";
  const auto many = read_reply(wide + "</CIM>", {.elements = 100});
  ASSERT_FALSE(many);
  EXPECT_THAT(many.error().reason, HasSubstr("more than 100 elements"));
}

TEST(ObjectPathText, ReadsBackAsItWas) {
  ObjectPath end;
  end.name_space = "root/x";
  end.class_name = "A_Volume";
  end.keys = {string_key("DeviceID", "a\"b\\c,=.")};
  ObjectPath path;
  path.class_name = "A_Sync";
  path.keys = {reference_key("SystemElement", end), string_key("Note", "plain")};
  const auto read = parse_object_path(to_text(path));
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(read.value(), path);
  for (const char* text : {"", ".a=\"b\"", "A.b", "A.=\"c\"", "A.b=\"c", "A.b=c", "no such path"}) {
    EXPECT_FALSE(parse_object_path(text)) << text;
  }
}

TEST(ObjectPathText, IdentityLooksThroughSpelling) {
  const auto a = parse_object_path(R"(root/X:A_Volume.DeviceID="V",Name="n")");
  auto b = parse_object_path(R"(a_volume.NAME="n",deviceid="V")");
  ASSERT_TRUE(a && b);
  b.value().host = "elsewhere";
  EXPECT_EQ(identity_of(a.value(), "root/x"), identity_of(b.value(), "root/x"));
  const auto c = parse_object_path(R"(a_volume.NAME="N",deviceid="V")");
  EXPECT_NE(identity_of(a.value(), "root/x"), identity_of(c.value(), "root/x"));
}

}  // namespace
}  // namespace lockstep::wire
