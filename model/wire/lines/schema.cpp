// The protocol as JSON Schema, from the same tables that write and read its lines.
#include "model/wire/lines/capability_lists.hpp"
#include "model/wire/lines/line_schema.hpp"
#include "model/wire/lines/members.hpp"

#include <boost/json/serialize.hpp>

#include <utility>

namespace lockstep::lines {

namespace json = boost::json;

json::object schema_of(RelationshipView*) {
  json::array either;
  for (const RelationshipClass kind : all_values<RelationshipClass>()) {
    LineSchema one;
    RelationshipView view;
    view.relationship_class = kind;
    members(one, view);
    one.constant("class", to_text(kind));
    either.emplace_back(one.schema());
  }
  return {{"anyOf", std::move(either)}};
}

namespace {

json::object reference_to(const std::string& name) { return {{"$ref", "#/$defs/" + name}}; }

// A request's envelope around what `show` declares.
template <class Show>
json::object request_schema(const char* operation, const Show& show) {
  LineSchema request;
  request.required("id");
  std::optional<std::uint64_t> id;
  request.number("id", {"uint64", UINT64_MAX}, id);
  request.required("operation");
  request.constant("operation", operation);
  show(request);
  return request.schema();
}

json::object answer_schema(const char* member, json::object body, json::object id) {
  return {{"type", "object"},
          {"required", {"id", member}},
          {"additionalProperties", false},
          {"properties", {{"id", std::move(id)}, {member, std::move(body)}}}};
}

// A list of definitions, and the names to refer to them by.
struct Definitions {
  json::object defined;
  json::array requests;
  json::array results;

  void request(const std::string& name, json::object schema) {
    defined[name] = std::move(schema);
    requests.emplace_back(reference_to(name));
  }
  void result(const std::string& name, json::object schema) {
    defined[name] = std::move(schema);
    results.emplace_back(reference_to(name));
  }
};

void define_methods(Definitions& definitions) {
  for (const Method method : all_values<Method>()) {
    const std::string name = to_text(method);
    definitions.request("request.invoke." + name,
                        request_schema("invoke", [&](LineSchema& request) {
                          InvokeCall call{wire::empty_request(method)};
                          members(request, call);
                          request.constant("method", name);
                        }));
    LineSchema answer;
    MethodAnswer told{method, {}};
    members(answer, told);
    json::object schema = answer.schema();
    schema["oneOf"] = json::array{{{"required", {"return_value"}}}, {{"required", {"cim_status"}}}};
    definitions.result("result." + name, std::move(schema));
  }
}

// Objects and arrays that do not fit into a line are broken, one member or element per line.
void append_pretty(std::string& out, const json::value& value, const std::string& indentation) {
  constexpr std::size_t kWidth = 100;
  const std::string flat = json::serialize(value);
  if (flat.size() + indentation.size() <= kWidth || !value.is_structured()) {
    out += flat;
    return;
  }
  const std::string inside = indentation + "  ";
  const char* separator = "\n";
  if (value.is_object()) {
    out += "{";
    for (const auto& member : value.get_object()) {
      out += separator + inside + json::serialize(json::value(member.key())) + ": ";
      append_pretty(out, member.value(), inside);
      separator = ",\n";
    }
    out += "\n" + indentation + "}";
    return;
  }
  out += "[";
  for (const json::value& element : value.get_array()) {
    out += separator + inside;
    append_pretty(out, element, inside);
    separator = ",\n";
  }
  out += "\n" + indentation + "]";
}

}  // namespace

std::string schema() {
  Definitions definitions;
  definitions.request("request.hello", request_schema("hello", [](LineSchema& request) {
                        HelloCall call;
                        members(request, call);
                      }));
  definitions.request("request.capabilities", request_schema("capabilities", [](LineSchema&) {}));
  definitions.request("request.inventory", request_schema("inventory", [](LineSchema&) {}));
  definitions.request("request.inject", request_schema("inject", [](LineSchema& request) {
                        InjectCall call;
                        members(request, call);
                      }));
  definitions.result("result.hello", schema_of(static_cast<Hello*>(nullptr)));
  definitions.result("result.capabilities", schema_of(static_cast<CapabilityLists*>(nullptr)));
  definitions.result("result.inventory", schema_of(static_cast<SeenLists*>(nullptr)));
  definitions.result("result.inject", LineSchema().schema());
  define_methods(definitions);

  json::object& defined = definitions.defined;
  json::object whole{{"type", "integer"}, {"minimum", 0}, {"maximum", UINT64_MAX}};
  json::object message{{"type", "object"},
                       {"required", {"message"}},
                       {"additionalProperties", false},
                       {"properties", {{"message", {{"type", "string"}}}}}};
  defined["request"] = json::object{{"anyOf", std::move(definitions.requests)}};
  json::object failure =
      answer_schema("error", std::move(message),
                    {{"anyOf", json::array{json::value(whole), json::object{{"type", "null"}}}}});
  defined["answer"] = json::object{
      {"anyOf",
       json::array{answer_schema("result", {{"anyOf", std::move(definitions.results)}}, whole),
                   std::move(failure)}}};
  const json::object document{
      {"$schema", "https://json-schema.org/draft/2020-12/schema"},
      {"title", "lockstep adapter protocol, version " + std::to_string(kProtocol)},
      {"anyOf", json::array{reference_to("request"), reference_to("answer")}},
      {"$defs", defined}};
  std::string text;
  append_pretty(text, document, "");
  return text + "\n";
}

}  // namespace lockstep::lines
