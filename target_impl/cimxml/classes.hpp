// The classes that are served, by namespace. Internal.
#pragma once

#include "model/wire/schema.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace lockstep::cimxml {

enum class Space : std::uint8_t { Interop, Target, Storage };

// Namespaces compare without case; interop has the usual other names, too.
[[nodiscard]] std::optional<Space> find_space(std::string_view name);
[[nodiscard]] const char* name_of(Space space) noexcept;

// Declarations with everything that they inherit, superclasses before subclasses.
[[nodiscard]] const std::vector<wire::ClassDeclaration>& classes_of(Space space);
[[nodiscard]] const wire::ClassDeclaration* find_class(Space space, std::string_view name);
// `name` is `ancestor` or derives from it.
[[nodiscard]] bool is_a(Space space, std::string_view name, std::string_view ancestor);

}  // namespace lockstep::cimxml
