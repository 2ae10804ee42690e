#include "model/wire/xml_document.hpp"

#include "model/wire/xml_text.hpp"

namespace lockstep::wire {

ReadResult<std::unique_ptr<pugi::xml_document>> parse_document(std::string_view xml,
                                                               const ReadLimits& limits) {
  if (auto failure = check_before_parsing(xml, limits)) return std::move(*failure);
  auto document = std::make_unique<pugi::xml_document>();
  // Blanks are kept where they are the whole of a value.
  const auto parsed = document->load_buffer(xml.data(), xml.size(),
                                            pugi::parse_default | pugi::parse_ws_pcdata_single,
                                            pugi::encoding_utf8);
  if (!parsed) {
    return ReadFailure{Unreadable::NotWellFormed, std::string(parsed.description()) + " at byte " +
                                                      std::to_string(parsed.offset)};
  }
  std::size_t roots = 0;
  for (const pugi::xml_node& node : document->children()) {
    if (node.type() == pugi::node_element) ++roots;
  }
  if (roots != 1) {
    return ReadFailure{Unreadable::NotWellFormed,
                       "expected one root element, found " + std::to_string(roots)};
  }
  return document;
}

std::string_view local_name(const pugi::xml_node& node) noexcept {
  const std::string_view name = node.name();
  const std::size_t colon = name.find(':');
  return colon == std::string_view::npos ? name : name.substr(colon + 1);
}

std::vector<pugi::xml_node> child_elements(const pugi::xml_node& node) {
  std::vector<pugi::xml_node> found;
  for (const pugi::xml_node& inner : node.children()) {
    if (inner.type() == pugi::node_element) found.push_back(inner);
  }
  return found;
}

pugi::xml_node child(const pugi::xml_node& node, std::string_view name) {
  for (const pugi::xml_node& inner : node.children()) {
    if (inner.type() == pugi::node_element && local_name(inner) == name) return inner;
  }
  return {};
}

std::string text_of(const pugi::xml_node& node) {
  std::string text;
  for (const pugi::xml_node& inner : node.children()) {
    if (inner.type() == pugi::node_pcdata || inner.type() == pugi::node_cdata)
      text += inner.value();
  }
  return text;
}

std::string attribute(const pugi::xml_node& node, const char* name) {
  for (const pugi::xml_attribute& found : node.attributes()) {
    if (same_name(found.name(), name)) return found.value();
  }
  return {};
}

std::string element_text(const pugi::xml_node& node) {
  return "<" + std::string(node.name()) + ">";
}

}  // namespace lockstep::wire
