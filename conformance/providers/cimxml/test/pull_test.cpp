// Goal: an answer that is too large comes in pieces where the server offers that, and what comes is
// the same; a server that does not is as it was, and one that pulls our leg is left. Method: our
// own server under a client that takes little, and the scripted one.
#include "conformance/providers/cimxml/pull.hpp"

#include "conformance/providers/cimxml/cimxml_provider.hpp"
#include "conformance/providers/cimxml/operations.hpp"
#include "conformance/providers/cimxml/test/scripted_server.hpp"
#include "target_impl/cimxml/cimxml_server.hpp"
#include "target_impl/reference.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

namespace lockstep::conformance {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

std::string error(int code) { return "<ERROR CODE=\"" + std::to_string(code) + "\"/>"; }

std::string object(int number) {
  const std::string name =
      "<INSTANCENAME CLASSNAME=\"X_Volume\"><KEYBINDING NAME=\"DeviceID\">"
      "<KEYVALUE>" +
      std::to_string(number) + "</KEYVALUE></KEYBINDING></INSTANCENAME>";
  return "<VALUE.INSTANCEWITHPATH><INSTANCEPATH><NAMESPACEPATH><HOST>h</HOST><LOCALNAMESPACEPATH>"
         "<NAMESPACE NAME=\"root\"/></LOCALNAMESPACEPATH></NAMESPACEPATH>" +
         name + "</INSTANCEPATH><INSTANCE CLASSNAME=\"X_Volume\"/></VALUE.INSTANCEWITHPATH>";
}

std::string piece(const std::string& objects, const std::string& context, const char* end) {
  std::string text = "<IRETURNVALUE>" + objects + "</IRETURNVALUE>";
  if (!context.empty()) {
    text += "<PARAMVALUE NAME=\"EnumerationContext\" PARAMTYPE=\"string\"><VALUE>" + context +
            "</VALUE></PARAMVALUE>";
  }
  if (end != nullptr) {
    text += std::string("<PARAMVALUE NAME=\"EndOfSequence\" PARAMTYPE=\"boolean\"><VALUE>") + end +
            "</VALUE></PARAMVALUE>";
  }
  return text;
}

// Answers each operation by its name; what is not named is not supported.
class Answering {
 public:
  using Inside = std::function<std::string(const std::string& request)>;
  explicit Answering(std::map<std::string, Inside> answers)
      : server_([answers = std::move(answers)](const std::string& request) {
          const auto known = answers.find(called_method(request));
          return say(good_http(
              envelope(request, known == answers.end() ? error(7) : known->second(request))));
        }) {
    options_.host = "127.0.0.1";
    options_.port = server_.port();
    options_.read_timeout = std::chrono::seconds(10);
    options_.most_answer_bytes = 4096;
  }
  [[nodiscard]] const CimClientOptions& options() const noexcept { return options_; }
  [[nodiscard]] std::vector<std::string> called() const {
    std::vector<std::string> names;
    for (const std::string& request : server_.requests()) names.push_back(called_method(request));
    return names;
  }
  [[nodiscard]] std::string request(std::size_t at) const { return server_.requests().at(at); }

 private:
  ScriptedServer server_;
  CimClientOptions options_;
};

Answering::Inside always(const std::string& text) {
  return [text](const std::string&) { return text; };
}

const std::string kTooMuch = "<IRETURNVALUE>" + std::string(8192, ' ') + "</IRETURNVALUE>";

wire::Call enumerate_call() {
  wire::Call call;
  call.intrinsic = true;
  call.name = "EnumerateInstances";
  call.target.name_space = "root";
  return call;
}

TEST(Pull, AWorldThatIsTooLargeIsTheSameInPieces) {
  ReferenceOptions small;
  small.pool_bytes = 64ULL << 20;
  auto reference = make_reference(small);
  ASSERT_TRUE(reference);
  for (int i = 0; i < 40; ++i) {
    CreateVolumeRequest request;
    request.element_name = "volume " + std::to_string(i);
    request.blocks = BlockCount{64};
    ASSERT_TRUE(reference.value()->invoke(request));
  }
  auto server = cimxml::Server::start(*reference.value(), {});
  ASSERT_TRUE(server);
  CimXmlOptions options;
  options.url.host = "127.0.0.1";
  options.url.port = server.value()->port();
  options.url.name_space = cimxml::kTargetNamespace;
  const auto whole = make_cimxml(options);
  options.most_answer_bytes = 16 * 1024;
  const auto little = make_cimxml(options);
  ASSERT_TRUE(whole);
  ASSERT_TRUE(little) << little.error().message;
  const auto expected = whole.value()->inventory();
  const auto found = little.value()->inventory();
  ASSERT_TRUE(expected);
  ASSERT_TRUE(found) << found.error().message;
  EXPECT_GT(found.value().elements.size(), 40U);
  EXPECT_EQ(found.value().elements, expected.value().elements);
  EXPECT_EQ(found.value().pools, expected.value().pools);
  EXPECT_THAT(little.value()->recent_evidence(), HasSubstr("PullInstancesWithPath"));
  EXPECT_THAT(whole.value()->recent_evidence(), testing::Not(HasSubstr("Pull")));
}

TEST(Pull, PiecesAreAskedForOneAfterTheOtherAndRememberedAsTheWay) {
  const Answering server({{"EnumerateInstances", always(error(27))},  // too much for the server
                          {"OpenEnumerateInstances", always(piece(object(1), "c1", "FALSE"))},
                          {"PullInstancesWithPath", [](const std::string& request) {
                             return request.find("c1") != std::string::npos
                                        ? piece(object(2) + object(3), "c2", "false")
                                        : piece("", "", "TRUE");
                           }}});
  CimClient client(server.options());
  CimOperations operations(client);
  for (int time = 0; time < 2; ++time) {
    const auto found = operations.enumerate("root", "X_Volume");
    ASSERT_TRUE(found) << found.error().message;
    EXPECT_FALSE(found.value().refusal);
    ASSERT_EQ(found.value().value.size(), 3U);
    EXPECT_EQ(found.value().value[2].path.key("DeviceID")->text, "3");
    EXPECT_EQ(found.value().value[2].path.name_space, "root");
  }
  EXPECT_THAT(server.called(),
              ElementsAre("EnumerateInstances", "OpenEnumerateInstances", "PullInstancesWithPath",
                          "PullInstancesWithPath", "OpenEnumerateInstances",
                          "PullInstancesWithPath", "PullInstancesWithPath"));
  const std::string open = server.request(1);
  EXPECT_THAT(open, HasSubstr("<CLASSNAME NAME=\"X_Volume\"/>"));
  EXPECT_THAT(open, HasSubstr("NAME=\"OperationTimeout\""));
  EXPECT_THAT(open, HasSubstr("NAME=\"MaxObjectCount\""));
  EXPECT_THAT(open, testing::Not(HasSubstr("LocalOnly")));
  EXPECT_THAT(server.request(2), HasSubstr("<VALUE>c1</VALUE>"));
  EXPECT_THAT(server.request(3), HasSubstr("<VALUE>c2</VALUE>"));
}

TEST(Pull, AssociatorsNameTheirObjectAnew) {
  const Answering server({{"Associators", always(kTooMuch)},
                          {"OpenAssociatorInstances", always(piece(object(1), "", "TRUE"))}});
  CimClient client(server.options());
  CimOperations operations(client);
  wire::ObjectPath system;
  system.name_space = "root";
  system.class_name = "X_System";
  system.keys = {wire::string_key("Name", "S")};
  const auto found = operations.associators(system, "CIM_HostedService", "CIM_Service");
  ASSERT_TRUE(found) << found.error().message;
  EXPECT_EQ(found.value().value.size(), 1U);
  EXPECT_THAT(server.request(1), HasSubstr("<IPARAMVALUE NAME=\"InstanceName\"><INSTANCENAME "));
  EXPECT_THAT(server.request(1), HasSubstr("NAME=\"AssocClass\""));
}

TEST(Pull, AServerThatDoesNotOfferItIsAsItWas) {
  for (const int code : {7, 17, 4, 1}) {
    const Answering server({{"EnumerateInstances", always(kTooMuch)},
                            {"OpenEnumerateInstances", always(error(code))}});
    CimClient client(server.options());
    CimOperations operations(client);
    const auto found = operations.enumerate("root", "X_Volume");
    ASSERT_FALSE(found);
    EXPECT_EQ(found.error().origin, Origin::Provider);
    EXPECT_THAT(found.error().message, HasSubstr("a body of more than 4096 bytes"));
  }
  // Neither does one that answers what it does not know with HTTP's own words.
  ScriptedServer rude([](const std::string& request) {
    return called_method(request) == "EnumerateInstances"
               ? say(good_http(envelope(request, error(27))))
               : say("HTTP/1.1 501 Not Implemented\r\nContent-Length: 0\r\n\r\n");
  });
  CimClientOptions options;
  options.host = "127.0.0.1";
  options.port = rude.port();
  CimClient client(options);
  CimOperations operations(client);
  const auto refused = operations.enumerate("root", "X_Volume");
  ASSERT_TRUE(refused) << refused.error().message;
  ASSERT_TRUE(refused.value().refusal);
  EXPECT_EQ(refused.value().refusal->code, 27U);
}

TEST(Pull, PiecesThatAreTooLargeAreAskedForSmaller) {
  const Answering server({{"OpenEnumerateInstances", [](const std::string& request) {
                             const bool one =
                                 request.find("NAME=\"MaxObjectCount\"><VALUE>1</VALUE>") !=
                                 std::string::npos;
                             return one ? piece(object(1), "", "TRUE") : kTooMuch;
                           }}});
  CimClient client(server.options());
  const auto found = pull_all(client, enumerate_call());
  ASSERT_TRUE(found) << found.error().message;
  ASSERT_TRUE(found.value());
  EXPECT_EQ(found.value()->instances.size(), 1U);
  EXPECT_EQ(server.called().size(), 3U);
  const Answering huge({{"OpenEnumerateInstances", always(kTooMuch)}});
  CimClient other(huge.options());
  const auto never = pull_all(other, enumerate_call());
  ASSERT_FALSE(never);
  EXPECT_THAT(never.error().message, HasSubstr("a single object"));
}

struct Nonsense {
  const char* name;
  std::string open;
  std::string pull;
  const char* found;
};

class PullNonsense : public testing::TestWithParam<Nonsense> {};

TEST_P(PullNonsense, IsNamedAndTheEnumerationIsClosed) {
  const Nonsense& nonsense = GetParam();
  const Answering server({{"OpenEnumerateInstances", always(nonsense.open)},
                          {"PullInstancesWithPath", always(nonsense.pull)},
                          {"CloseEnumeration", always("")}});
  CimClient client(server.options());
  const auto found = pull_all(client, enumerate_call(), {.most_objects = 5, .most_empty = 3});
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().origin, Origin::Provider);
  EXPECT_THAT(found.error().message, HasSubstr(nonsense.found));
  if (nonsense.open.find("c1") != std::string::npos) {
    EXPECT_EQ(server.called().back(), "CloseEnumeration");
  }
}

INSTANTIATE_TEST_SUITE_P(
    Servers, PullNonsense,
    testing::Values(
        Nonsense{"NoEnd", piece(object(1), "c1", nullptr), "", "expected EndOfSequence"},
        Nonsense{"NoTruth", piece(object(1), "c1", "maybe"), "", "expected true or false"},
        Nonsense{"NoContext", piece(object(1), "", "FALSE"), "", "expected an EnumerationContext"},
        Nonsense{"EndlessObjects", piece(object(1), "c1", "FALSE"), piece(object(1), "c1", "FALSE"),
                 "expected at most 5 objects"},
        Nonsense{"EndlessNothing", piece("", "c1", "FALSE"), piece("", "c1", "FALSE"),
                 "4 empty answers"}),
    [](const auto& one) { return std::string(one.param.name); });

TEST(Pull, ARefusalOnTheWayIsTheAnswer) {
  const Answering server({{"OpenEnumerateInstances", always(piece(object(1), "c1", "FALSE"))},
                          {"PullInstancesWithPath", always(error(21))},
                          {"CloseEnumeration", always(error(21))}});
  CimClient client(server.options());
  const auto found = pull_all(client, enumerate_call());
  ASSERT_TRUE(found) << found.error().message;
  ASSERT_TRUE(found.value());
  ASSERT_TRUE(found.value()->error);
  EXPECT_EQ(found.value()->error->code, 21U);
}

}  // namespace
}  // namespace lockstep::conformance
