// Goal: every legal form of a CIM-XML answer is understood the same way and every illegal one is
// reported as what it is. Method: a scripted server, one call per form.
#include "conformance/providers/cimxml/operations.hpp"
#include "conformance/providers/cimxml/test/scripted_server.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace lockstep::conformance {
namespace {

using testing::HasSubstr;

CimClientOptions options_for(const ScriptedServer& server) {
  CimClientOptions options;
  options.host = "127.0.0.1";
  options.port = server.port();
  options.read_timeout = std::chrono::milliseconds(2000);
  options.method_timeout = std::chrono::milliseconds(2000);
  return options;
}

wire::ObjectPath service() {
  wire::ObjectPath path;
  path.name_space = "root/x";
  path.class_name = "X_Service";
  path.keys = {wire::string_key("Name", "s")};
  return path;
}

struct Form {
  const char* name;
  // The whole body for a request.
  std::function<std::string(const std::string& request)> body;
  const char* words = "";
};
void PrintTo(const Form& form, std::ostream* out) { *out << form.name; }

std::function<std::string(const std::string&)> inside(const std::string& content) {
  return [content](const std::string& request) { return envelope(request, content); };
}

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  for (std::size_t at = text.find(from); at != std::string::npos;
       at = text.find(from, at + to.size())) {
    text.replace(at, from.size(), to);
  }
  return text;
}

// An answer of 4096 with a job, in its usual form.
const std::string kCode = "<RETURNVALUE PARAMTYPE=\"uint32\"><VALUE>4096</VALUE></RETURNVALUE>";
const std::string kName =
    "<INSTANCENAME CLASSNAME=\"X_Job\"><KEYBINDING NAME=\"InstanceID\">"
    "<KEYVALUE VALUETYPE=\"string\">j1</KEYVALUE></KEYBINDING></INSTANCENAME>";
const std::string kLocal =
    "<LOCALNAMESPACEPATH><NAMESPACE NAME=\"root\"/><NAMESPACE NAME=\"x\"/></LOCALNAMESPACEPATH>";

std::string job(const std::string& path) {
  return "<PARAMVALUE NAME=\"Job\" PARAMTYPE=\"reference\"><VALUE.REFERENCE>" + path +
         "</VALUE.REFERENCE></PARAMVALUE>";
}
const std::string kUsual =
    kCode + job("<LOCALINSTANCEPATH>" + kLocal + kName + "</LOCALINSTANCEPATH>");

class LegalXml : public testing::TestWithParam<Form> {};

TEST_P(LegalXml, MeansTheSame) {
  ScriptedServer server(
      [](const std::string& request) { return say(good_http(GetParam().body(request))); });
  CimClient client(options_for(server));
  CimOperations operations(client);
  const auto told = operations.invoke(service(), "CreateElementReplica", {});
  ASSERT_TRUE(told) << told.error().message;
  ASSERT_FALSE(told.value().refusal);
  EXPECT_EQ(told.value().value.code, 4096U);
  const wire::Value* found = wire::find_value(told.value().value.out, "Job");
  ASSERT_NE(found, nullptr);
  const auto path = wire::read_reference(found->items.front(), "Job");
  ASSERT_TRUE(path) << path.error().message;
  wire::ObjectPath expected;
  expected.class_name = "X_Job";
  expected.keys = {wire::string_key("InstanceID", "j1")};
  EXPECT_EQ(wire::identity_of(path.value(), "root/x"), wire::identity_of(expected, "root/x"));
}

const Form kLegal[] = {
    {"usual", inside(kUsual)},
    {"instance_name_only", inside(kCode + job(kName))},
    {"full_instance_path",
     inside(kCode + job("<INSTANCEPATH><NAMESPACEPATH><HOST>h</HOST>" + kLocal +
                        "</NAMESPACEPATH>" + kName + "</INSTANCEPATH>"))},
    {"key_value_type_left_out", inside(replaced(kUsual, " VALUETYPE=\"string\"", ""))},
    {"key_type_of_newer_documents",
     inside(replaced(kUsual, "VALUETYPE=\"string\"", "VALUETYPE=\"string\" TYPE=\"string\""))},
    {"parameters_first", inside(job(kName) + kCode)},
    {"param_type_left_out", inside(replaced(replaced(kUsual, " PARAMTYPE=\"reference\"", ""),
                                            " PARAMTYPE=\"uint32\"", ""))},
    {"hexadecimal_code", inside(replaced(kUsual, "4096", "0x1000"))},
    {"blanks_around_the_code", inside(replaced(kUsual, "4096", "\n  4096\t"))},
    {"code_in_cdata", inside(replaced(kUsual, "4096", "<![CDATA[4096]]>"))},
    {"code_as_character_references", inside(replaced(kUsual, "4096", "&#52;&#x30;96"))},
    {"indented", inside(replaced(kUsual, "><", ">\n    <"))},
    {"comments", inside("<!-- a --> " + kUsual + "<!-- b -->")},
    {"processing_instruction", inside("<?pi x?>" + kUsual)},
    {"other_names_of_parameters", inside(replaced(kUsual, "NAME=\"Job\"", "NAME=\"JOB\""))},
    {"unknown_parameters",
     inside(kUsual +
            "<PARAMVALUE NAME=\"X_Vendor\" PARAMTYPE=\"string\"><VALUE>v</VALUE></PARAMVALUE>")},
    {"null_parameters", inside(kUsual + "<PARAMVALUE NAME=\"TargetElement\"/>")},
    {"value_null", inside(kUsual + "<PARAMVALUE NAME=\"Other\"><VALUE.NULL/></PARAMVALUE>")},
    {"prefixes",
     [](const std::string& request) {
       std::string text = envelope(request, kUsual);
       text = replaced(replaced(text, "</", "<|"), "<", "<c:");
       text = replaced(replaced(text, "<c:|", "</c:"), "<c:?", "<?");
       return replaced(text, "<c:CIM ", "<c:CIM xmlns:c=\"http://x\" ");
     }},
    {"no_declaration",
     [](const std::string& request) {
       const std::string text = envelope(request, kUsual);
       return text.substr(text.find("<CIM"));
     }},
    {"doctype_without_declarations",
     [](const std::string& request) {
       return replaced(envelope(request, kUsual), "<CIM ",
                       "<!DOCTYPE CIM SYSTEM \"HTTP://www.dmtf.org/cim/mapping/xml/v2.0\"><CIM ");
     }},
    {"newer_versions",
     [](const std::string& request) {
       return replaced(
           replaced(envelope(request, kUsual), "DTDVERSION=\"2.0\"", "DTDVERSION=\"2.4\""),
           "PROTOCOLVERSION=\"1.0\"", "PROTOCOLVERSION=\"1.4\"");
     }},
    {"byte_order_mark",
     [](const std::string& request) { return "\xEF\xBB\xBF" + envelope(request, kUsual); }},
    {"single_quotes",
     [](const std::string& request) { return replaced(envelope(request, kUsual), "\"", "'"); }},
};
INSTANTIATE_TEST_SUITE_P(Answers, LegalXml, testing::ValuesIn(kLegal),
                         [](const auto& one) { return std::string(one.param.name); });

class IllegalXml : public testing::TestWithParam<Form> {};

TEST_P(IllegalXml, IsReportedAsWhatItIs) {
  ScriptedServer server(
      [](const std::string& request) { return say(good_http(GetParam().body(request))); });
  CimClient client(options_for(server));
  CimOperations operations(client);
  const auto told = operations.invoke(service(), "CreateElementReplica", {});
  ASSERT_FALSE(told);
  EXPECT_EQ(told.error().origin, Origin::Provider) << told.error().message;
  EXPECT_THAT(told.error().message, HasSubstr(GetParam().words));
  EXPECT_THAT(told.error().message, HasSubstr("CreateElementReplica"));
  // One line, and bounded, whatever the server put into it.
  EXPECT_EQ(told.error().message.find('\n'), std::string::npos);
  EXPECT_LT(told.error().message.size(), 700U);
}

const Form kIllegal[] = {
    {"empty_body", [](const auto&) { return std::string(); }, "No document element"},
    {"cut_off", [](const auto& request) { return envelope(request, kUsual).substr(0, 200); },
     "byte"},
    {"mismatched_tags",
     [](const auto& request) {
       return replaced(envelope(request, kUsual), "</VALUE>", "</WRONG>");
     },
     "byte"},
    {"two_roots", [](const auto& request) { return envelope(request, kUsual) + "<CIM/>"; },
     "one root"},
    {"other_root",
     [](const auto& request) {
       return replaced(replaced(envelope(request, kUsual), "<CIM ", "<WBEM "), "</CIM>", "</WBEM>");
     },
     "<CIM>"},
    {"no_return_value", inside(job(kName)), "expected one number"},
    {"null_return_value", inside("<RETURNVALUE PARAMTYPE=\"uint32\"/>"), "expected one number"},
    {"return_value_no_number", inside(replaced(kUsual, "4096", "lots")), "lots"},
    {"return_value_negative", inside(replaced(kUsual, "4096", "-1")), "-1"},
    {"return_value_too_big", inside(replaced(kUsual, "4096", "4294967296")), "4294967296"},
    {"return_value_twice_inside",
     inside("<RETURNVALUE><VALUE>0</VALUE><VALUE>0</VALUE></RETURNVALUE>"), "more than one value"},
    {"parameter_twice", inside(kUsual + job(kName)), "twice"},
    {"parameter_without_name", inside(replaced(kUsual, "NAME=\"Job\" ", "")), "NAME"},
    {"reference_without_class", inside(replaced(kUsual, " CLASSNAME=\"X_Job\"", "")), "CLASSNAME"},
    {"empty_reference", inside(kCode + job("")), "exactly one path"},
    {"key_without_value",
     inside(replaced(kUsual, "<KEYVALUE VALUETYPE=\"string\">j1</KEYVALUE>", "")),
     "exactly one value"},
    {"error_without_code", inside("<ERROR DESCRIPTION=\"x\"/>"), "CODE"},
    {"error_code_no_number", inside("<ERROR CODE=\"bad\"/>"), "CODE"},
    {"other_message_id",
     [](const auto& request) {
       return replaced(envelope(request, kUsual), "MESSAGE ID=\"" + message_id(request) + "\"",
                       "MESSAGE ID=\"other\"");
     },
     "message"},
    {"other_method",
     [](const auto& request) {
       return replaced(envelope(request, kUsual), "NAME=\"CreateElementReplica\"",
                       "NAME=\"DeleteGroup\"");
     },
     "DeleteGroup"},
    {"intrinsic_answer",
     [](const auto& request) {
       return replaced(envelope(request, ""), "METHODRESPONSE", "IMETHODRESPONSE");
     },
     "answer to"},
    {"request_instead", [](const auto& request) { return request.substr(request.find("<?xml")); },
     "SIMPLERSP"},
    {"unsupported_version",
     [](const auto& request) {
       return replaced(envelope(request, kUsual), "CIMVERSION=\"2.0\"", "CIMVERSION=\"9.0\"");
     },
     "9.0"},
    {"entity_bomb",
     [](const auto&) {
       std::string text = "<?xml version=\"1.0\"?><!DOCTYPE CIM [<!ENTITY a \"aaaaaaaaaa\">";
       for (char name = 'b'; name < 'k'; ++name) {
         text += std::string("<!ENTITY ") + name + " \"";
         for (int i = 0; i < 10; ++i) text += std::string("&") + static_cast<char>(name - 1) + ";";
         text += "\">";
       }
       return text + "]><CIM>&j;</CIM>";
     },
     "document type"},
    {"external_entity",
     [](const auto&) {
       return std::string(
           "<!DOCTYPE CIM [<!ENTITY x SYSTEM \"file:///etc/passwd\">]><CIM>&x;</CIM>");
     },
     "document type"},
    {"undefined_entity", inside(replaced(kUsual, "4096", "&nbsp;4096")), "entity"},
    {"latin_1_bytes", inside(replaced(kUsual, "j1", "j\xE9")), "UTF-8"},
    {"latin_1_declared",
     [](const auto& request) {
       return replaced(envelope(request, kUsual), "encoding=\"utf-8\"", "encoding=\"iso-8859-1\"");
     },
     "UTF-8"},
    {"utf_16", [](const auto&) { return std::string("\xFF\xFE<\0C\0I\0M\0/\0>\0", 14); }, "UTF-8"},
    {"zero_bytes",
     [](const auto& request) { return envelope(request, kUsual) + std::string(3, '\0'); },
     "zero byte"},
    {"too_deep",
     [](const auto& request) {
       std::string deep;
       for (int i = 0; i < 50'000; ++i) deep += "<a>";
       return envelope(request, deep);
     },
     "deep"},
    {"html_with_xml_type", [](const auto&) { return std::string("<html><body/></html>"); }, "html"},
    {"json", [](const auto&) { return std::string("{\"ReturnValue\": 0}"); }, "found"},
};
INSTANTIATE_TEST_SUITE_P(Answers, IllegalXml, testing::ValuesIn(kIllegal),
                         [](const auto& one) { return std::string(one.param.name); });

TEST(CimErrors, AreRefusalsAndNoErrors) {
  for (const std::uint32_t code : {1U, 2U, 4U, 6U, 16U, 17U, 28U, 200U}) {
    ScriptedServer server([code](const std::string& request) {
      return say(good_http(envelope(
          request,
          "<ERROR CODE=\"" + std::to_string(code) +
              "\" DESCRIPTION=\"no &amp; never\"><INSTANCE CLASSNAME=\"CIM_Error\"/></ERROR>")));
    });
    CimClient client(options_for(server));
    CimOperations operations(client);
    const auto told = operations.invoke(service(), "CreateElementReplica", {});
    ASSERT_TRUE(told) << told.error().message;
    ASSERT_TRUE(told.value().refusal);
    EXPECT_EQ(told.value().refusal->code, code);
    EXPECT_EQ(told.value().refusal->description, "no & never");
  }
}

const std::string kInstance =
    "<INSTANCE CLASSNAME=\"X_Job\"><QUALIFIER NAME=\"q\" "
    "TYPE=\"string\"><VALUE>v</VALUE></QUALIFIER>"
    "<PROPERTY NAME=\"JobState\" TYPE=\"uint16\"><VALUE>7</VALUE></PROPERTY>"
    "<PROPERTY NAME=\"Nothing\" TYPE=\"string\"/>"
    "<PROPERTY.ARRAY NAME=\"OperationalStatus\" TYPE=\"uint16\"><VALUE.ARRAY><VALUE>17</VALUE>"
    "<VALUE>2</VALUE></VALUE.ARRAY></PROPERTY.ARRAY></INSTANCE>";

class LegalInstances : public testing::TestWithParam<Form> {};

TEST_P(LegalInstances, AreRead) {
  ScriptedServer server(
      [](const std::string& request) { return say(good_http(GetParam().body(request))); });
  CimClient client(options_for(server));
  CimOperations operations(client);
  const auto told = operations.enumerate("root/x", "CIM_ConcreteJob");
  ASSERT_TRUE(told) << told.error().message;
  ASSERT_EQ(told.value().value.size(), 1U);
  const wire::PathInstance& found = told.value().value.front();
  EXPECT_EQ(found.path.class_name, "X_Job");
  EXPECT_EQ(found.path.name_space, "root/x");
  const wire::Value* state = wire::find_value(found.instance.properties, "jobstate");
  ASSERT_NE(state, nullptr);
  EXPECT_EQ(wire::read_number(state->items.front(), 99, "state").value(), 7U);
  EXPECT_EQ(wire::find_value(found.instance.properties, "Nothing"), nullptr);
}

const Form kInstances[] = {
    {"named_instance", inside("<IRETURNVALUE><VALUE.NAMEDINSTANCE>" + kName + kInstance +
                              "</VALUE.NAMEDINSTANCE></IRETURNVALUE>")},
    {"object_with_path",
     inside("<IRETURNVALUE><VALUE.OBJECTWITHPATH><INSTANCEPATH><NAMESPACEPATH><HOST>h</HOST>" +
            kLocal + "</NAMESPACEPATH>" + kName + "</INSTANCEPATH>" + kInstance +
            "</VALUE.OBJECTWITHPATH></IRETURNVALUE>")},
    {"instance_with_path",
     inside("<IRETURNVALUE><VALUE.INSTANCEWITHPATH><LOCALINSTANCEPATH>" + kLocal + kName +
            "</LOCALINSTANCEPATH>" + kInstance + "</VALUE.INSTANCEWITHPATH></IRETURNVALUE>")},
};
INSTANTIATE_TEST_SUITE_P(Answers, LegalInstances, testing::ValuesIn(kInstances),
                         [](const auto& one) { return std::string(one.param.name); });

TEST(Instances, WithoutAPathAreABreach) {
  ScriptedServer server([](const std::string& request) {
    return say(good_http(envelope(request, "<IRETURNVALUE>" + kInstance + "</IRETURNVALUE>")));
  });
  CimClient client(options_for(server));
  CimOperations operations(client);
  const auto told = operations.enumerate("root/x", "CIM_ConcreteJob");
  ASSERT_FALSE(told);
  EXPECT_THAT(told.error().message, HasSubstr("without"));
}

TEST(Instances, MissingReturnValueIsAnEmptyList) {
  for (const char* content : {"", "<IRETURNVALUE/>", "<IRETURNVALUE></IRETURNVALUE>"}) {
    ScriptedServer server([content](const std::string& request) {
      return say(good_http(envelope(request, content)));
    });
    CimClient client(options_for(server));
    CimOperations operations(client);
    const auto told = operations.enumerate("root/x", "CIM_ConcreteJob");
    ASSERT_TRUE(told) << told.error().message;
    EXPECT_TRUE(told.value().value.empty());
  }
}

}  // namespace
}  // namespace lockstep::conformance
