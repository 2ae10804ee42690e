// CIM-XML and HTTP, both sides. What can be read can be written, and reads the same again.
//
// Input: a byte that chooses a reader and one that chooses a method, then the message.
#include "model/vocab/names.hpp"
#include "model/wire/field_visitors.hpp"
#include "model/wire/http.hpp"
#include "model/wire/message.hpp"
#include "target_impl/fuzz/input.hpp"

namespace {

using namespace lockstep;
using fuzz::expect;

// References stay what they are.
class AsText final : public wire::References {
 public:
  wire::ObjectPath to_wire(const std::string& reference, std::string_view class_name) override {
    wire::ObjectPath path;
    path.class_name = std::string(class_name);
    path.name_space = reference;
    return path;
  }
  std::string from_wire(const wire::ObjectPath& path) override { return wire::to_text(path); }
};

void read_calls(std::string_view xml, Method method) {
  const auto call = wire::read_call(xml);
  if (!call) return;
  const auto written = wire::write_call(call.value());
  if (written) {
    const auto again = wire::read_call(written.value());
    expect(again.has_value(), "a call that was written can be read");
    expect(wire::write_call(again.value()).value() == written.value(),
           "a call is written as it was read");
  }
  AsText references;
  Request request = wire::empty_request(method);
  wire::FieldReader reader(call.value().parameters, references, "call");
  wire::in_parameters(reader, request);
}

void read_replies(std::string_view xml, Method method) {
  const auto reply = wire::read_reply(xml);
  if (!reply) return;
  AsText references;
  Answer answer;
  wire::FieldReader reader(reply.value().out, references, "reply");
  wire::out_parameters(reader, method, answer);
  for (const wire::PathInstance& one : reply.value().instances) {
    wire::FieldReader properties(one.instance.properties, references, "instance");
    RelationshipView view;
    view.relationship_class = RelationshipClass::GroupSynchronized;
    wire::properties(properties, view);
    JobView job;
    wire::properties(properties, job);
    ElementView element;
    wire::properties(properties, element);
  }
}

// In pieces of a length that the input chooses; messages follow each other on one connection.
void read_http(std::string_view bytes, wire::HttpKind kind, std::size_t piece) {
  constexpr wire::HttpLimits kLimits{4096, 65536};
  wire::HttpReader reader(kind, kLimits);
  while (!bytes.empty()) {
    const std::string_view part = bytes.substr(0, piece + 1);
    bytes.remove_prefix(part.size());
    if (reader.feed(part)) return;
    while (reader.complete()) {
      const wire::HttpMessage message = reader.take();
      expect(message.body.size() <= kLimits.body_bytes, "a body stays within its limit");
      if (reader.feed({})) return;
    }
  }
  static_cast<void>(reader.end_of_stream());
}

void read_small(const std::string& text) {
  AsText references;
  static_cast<void>(wire::settings_of(text, references));
  if (const auto instance = wire::read_embedded(text)) {
    const auto written = wire::write_embedded(instance.value());
    if (written) {
      expect(wire::read_embedded(written.value()).has_value(),
             "an instance that was written can be read");
    }
  }
  if (const auto decoded = wire::percent_decode(text)) {
    expect(wire::percent_decode(wire::percent_encode(*decoded)) == decoded,
           "percent-encoding loses nothing");
  }
  if (const auto decoded = wire::base64_decode(text)) {
    expect(wire::base64_decode(wire::base64_encode(*decoded)) == decoded, "base64 loses nothing");
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t bytes) {
  fuzz::Input input(data, bytes);
  const std::uint8_t choice = input.byte();
  const std::uint8_t second = input.byte();
  const auto methods = all_values<Method>();
  const Method method = methods[second % methods.size()];
  const std::string text(fuzz::as_text(input.take(input.left())));
  switch (choice % 5) {
    case 0:
      read_calls(text, method);
      break;
    case 1:
      read_replies(text, method);
      break;
    case 2:
      read_http(text, wire::HttpKind::Request, second);
      break;
    case 3:
      read_http(text, wire::HttpKind::Response, second);
      break;
    default:
      read_small(text);
  }
  return 0;
}
