// A parsed document and the few ways in which it is looked at. Internal to model/wire: the only
// header that knows pugixml.
#pragma once

#include "model/wire/message.hpp"

#include <pugixml.hpp>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace lockstep::wire {

// Parsed after check_before_parsing, with exactly one root element.
[[nodiscard]] ReadResult<std::unique_ptr<pugi::xml_document>> parse_document(
    std::string_view xml, const ReadLimits& limits);

// Without a namespace prefix.
[[nodiscard]] std::string_view local_name(const pugi::xml_node& node) noexcept;
[[nodiscard]] std::vector<pugi::xml_node> child_elements(const pugi::xml_node& node);
// The first of that name, or an empty node.
[[nodiscard]] pugi::xml_node child(const pugi::xml_node& node, std::string_view name);
// All text inside, joined.
[[nodiscard]] std::string text_of(const pugi::xml_node& node);
[[nodiscard]] std::string attribute(const pugi::xml_node& node, const char* name);

[[nodiscard]] inline ReadFailure invalid(std::string reason) {
  return {Unreadable::NotValid, std::move(reason)};
}
[[nodiscard]] std::string element_text(const pugi::xml_node& node);  // "<VALUE>"

}  // namespace lockstep::wire
