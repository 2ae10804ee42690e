#include "model/wire/lines/messages.hpp"

#include "model/wire/lines/capability_lists.hpp"
#include "model/wire/lines/line_reader.hpp"
#include "model/wire/lines/line_writer.hpp"
#include "model/wire/lines/members.hpp"
#include "model/wire/xml_text.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <array>
#include <utility>

namespace lockstep::lines {
namespace {

namespace json = boost::json;

// In the order of the variant.
constexpr std::array<const char*, std::variant_size_v<Call>> kOperations = {
    "hello", "capabilities", "inventory", "invoke", "inject"};

template <class Io>
void parameters(Io& io, Call& call) {
  std::visit(
      [&](auto& alternative) {
        using Alternative = std::decay_t<decltype(alternative)>;
        constexpr bool kBare = std::is_same_v<Alternative, CapabilitiesCall> ||
                               std::is_same_v<Alternative, InventoryCall>;
        if constexpr (!kBare) members(io, alternative);
      },
      call);
}

template <std::size_t... I>
bool emplace_operation(Call& call, std::string_view name, std::index_sequence<I...>) {
  return ((name == kOperations[I] && (call.emplace<I>(), true)) || ...);
}

json::object result_of(const Call& call, const Told& told) {
  LineWriter writer;
  if (const auto* hello = std::get_if<Hello>(&told)) {
    Hello held = *hello;
    members(writer, held);
  } else if (const auto* capabilities = std::get_if<Capabilities>(&told)) {
    CapabilityLists lists = to_lists(*capabilities);
    members(writer, lists);
  } else if (const auto* seen = std::get_if<Seen>(&told)) {
    SeenLists lists = to_lists(*seen);
    members(writer, lists);
  } else if (const auto* answer = std::get_if<Answer>(&told)) {
    MethodAnswer held{method_of(std::get<InvokeCall>(call).request), *answer};
    members(writer, held);
  }
  return std::move(writer.written());
}

Result<json::value> parsed(std::string_view line) {
  json::parse_options bounds;
  constexpr std::size_t kMostDepth = 16;
  bounds.max_depth = kMostDepth;
  boost::system::error_code trouble;
  json::value document = json::parse({line.data(), line.size()}, trouble, {}, bounds);
  if (trouble) {
    constexpr std::size_t kShown = 60;
    // As a JSON string, so that what is no text can be shown, too.
    std::string begin;
    for (const char letter : line.substr(0, kShown)) {
      const bool plain = letter >= ' ' && letter <= '~';
      begin += plain ? letter : '?';
    }
    return provider_error("expected one JSON object, found " + std::to_string(line.size()) +
                          " bytes that are none (" + trouble.message() + "): \"" + begin + "\"" +
                          (line.size() > kShown ? "…" : ""));
  }
  if (!document.is_object()) {
    return provider_error("expected one JSON object, found " + excerpt(document));
  }
  return document;
}

Error breach(const std::string& what) { return provider_error(what); }

template <class T>
Result<T> told(LineReader& reader, T value) {
  if (const auto trouble = reader.finish()) return breach(*trouble);
  return value;
}

Result<Told> read_result(const json::object& result, const NumberedCall& numbered) {
  LineReader reader(result, "result");
  const Call& call = numbered.call;
  if (std::holds_alternative<HelloCall>(call)) {
    Hello hello;
    members(reader, hello);
    LOCKSTEP_TRY(hello, told(reader, std::move(hello)));
    return Told(std::move(hello));
  }
  if (std::holds_alternative<CapabilitiesCall>(call)) {
    CapabilityLists lists;
    members(reader, lists);
    LOCKSTEP_TRY(lists, told(reader, std::move(lists)));
    LOCKSTEP_TRY(auto capabilities, from_lists(lists));
    return Told(std::move(capabilities));
  }
  if (std::holds_alternative<InventoryCall>(call)) {
    SeenLists lists;
    members(reader, lists);
    LOCKSTEP_TRY(lists, told(reader, std::move(lists)));
    return Told(from_lists(std::move(lists)));
  }
  if (const auto* invoke = std::get_if<InvokeCall>(&call)) {
    MethodAnswer answer{method_of(invoke->request), {}};
    members(reader, answer);
    const bool code = reader.find("return_value") != nullptr;
    if (code == answer.answer.cim_status.has_value()) {
      reader.fail("return_value", "this or cim_status", code ? "both" : "neither");
    }
    LOCKSTEP_TRY(answer, told(reader, std::move(answer)));
    return Told(std::move(answer.answer));
  }
  LOCKSTEP_TRY(told(reader, 0));
  return Told(Done{});
}

std::optional<std::uint64_t> id_of(const json::object& object) {
  const json::value* id = object.if_contains("id");
  if (id == nullptr) return std::nullopt;
  if (id->is_uint64()) return id->get_uint64();
  if (id->is_int64() && id->get_int64() >= 0) return static_cast<std::uint64_t>(id->get_int64());
  return std::nullopt;
}

}  // namespace

std::string text_of(const Call& call) {
  std::string text = kOperations[call.index()];
  if (const auto* invoke = std::get_if<InvokeCall>(&call)) {
    text += " " + to_text(method_of(invoke->request));
  } else if (const auto* inject = std::get_if<InjectCall>(&call)) {
    text += " " + to_text(inject->fault.kind);
  }
  return text;
}

Result<std::string> write_call(const NumberedCall& call) {
  LineWriter writer;
  writer.written()["id"] = call.id;
  writer.written()["operation"] = kOperations[call.call.index()];
  Call held = call.call;
  parameters(writer, held);
  std::string line = json::serialize(writer.written());
  if (!wire::is_utf8(line)) {
    return usage_error(text_of(call.call) + ": expected texts in UTF-8, found one that is none");
  }
  return line;
}

std::variant<NumberedCall, UnreadableCall> read_call(std::string_view line) {
  auto document = parsed(line);
  if (!document) return UnreadableCall{std::nullopt, document.error().message};
  const json::object& object = document.value().get_object();
  NumberedCall numbered;
  const auto id = id_of(object);
  LineReader reader(object, "request");
  reader.required("id");
  if (!id) reader.fail("id", "a whole number", "none");
  std::optional<std::string> operation;
  reader.required("operation");
  reader.text("operation", operation);
  if (!reader.trouble() &&
      !emplace_operation(numbered.call, *operation,
                         std::make_index_sequence<std::variant_size_v<Call>>{})) {
    reader.fail("operation", "hello, capabilities, inventory, invoke or inject",
                "\"" + *operation + "\"");
  }
  if (!reader.trouble()) parameters(reader, numbered.call);
  if (const auto trouble = reader.finish()) return UnreadableCall{id, *trouble};
  numbered.id = *id;
  return numbered;
}

std::string write_answer(std::uint64_t id, const Call& call, const Told& told) {
  json::object line;
  line["id"] = id;
  line["result"] = result_of(call, told);
  return json::serialize(line);
}

std::string write_failure(std::optional<std::uint64_t> id, const std::string& message) {
  json::object line;
  line["id"] = id ? json::value(*id) : json::value(nullptr);
  line["error"] = json::object{{"message", message}};
  return json::serialize(line);
}

Result<std::variant<Told, Failure>> read_answer(std::string_view line, const NumberedCall& call) {
  LOCKSTEP_TRY(const auto document, parsed(line));
  const json::object& object = document.get_object();
  const auto id = id_of(object);
  const json::value* result = object.if_contains("result");
  const json::value* error = object.if_contains("error");
  if ((result == nullptr) == (error == nullptr)) {
    return breach(std::string("answer: expected result or error, found ") +
                  (result == nullptr ? "neither" : "both"));
  }
  LineReader envelope(object, "answer");
  static_cast<void>(envelope.find("id"));
  static_cast<void>(envelope.find("result"));
  static_cast<void>(envelope.find("error"));
  if (const auto trouble = envelope.finish()) return breach(*trouble);
  if (id != call.id && (id || error == nullptr)) {
    return breach("answer.id: expected " + std::to_string(call.id) + ", found " +
                  (id ? std::to_string(*id) : "none"));
  }
  const json::value& body = error == nullptr ? *result : *error;
  if (!body.is_object()) {
    return breach(std::string(error == nullptr ? "result" : "error") +
                  ": expected an object, found " + excerpt(body));
  }
  if (error == nullptr) {
    LOCKSTEP_TRY(auto value, read_result(body.get_object(), call));
    return std::variant<Told, Failure>(std::move(value));
  }
  LineReader reader(body.get_object(), "error");
  std::optional<std::string> message;
  reader.required("message");
  reader.text("message", message);
  if (const auto trouble = reader.finish()) return breach(*trouble);
  return std::variant<Told, Failure>(Failure{id, *message});
}

}  // namespace lockstep::lines
