// Names of enumerators, both ways, for every enumeration of enums.hpp.
//
// to_text never fails: a number without a name reads as the number, with its range where the range
// is known ("32769 (vendor specific)").
#pragma once

#include "model/vocab/enums.hpp"

#include <boost/describe/enumerators.hpp>
#include <boost/mp11/algorithm.hpp>

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

namespace lockstep {

inline constexpr std::uint32_t kFirstVendorValue = 0x8000;

[[nodiscard]] std::string number_text(std::uint64_t number);

// The numeric value as the wire carries it.
template <class E>
[[nodiscard]] constexpr auto number_of(E value) noexcept {
  return static_cast<std::underlying_type_t<E>>(value);
}

// Every named value, in the order of the declaration.
template <class E>
[[nodiscard]] constexpr auto all_values() noexcept {
  using Described = boost::describe::describe_enumerators<E>;
  return []<class... D>(boost::mp11::mp_list<D...>) {
    return std::array<E, sizeof...(D)>{D::value...};
  }(boost::mp11::mp_rename<Described, boost::mp11::mp_list>{});
}

// The specification's name, or nothing for a number it does not name.
template <class E>
[[nodiscard]] std::optional<std::string_view> name_of(E value) noexcept {
  std::optional<std::string_view> found;
  boost::mp11::mp_for_each<boost::describe::describe_enumerators<E>>([&](auto described) {
    if (!found && described.value == value) found = described.name;
  });
  return found;
}

// For people: the name, or the number.
template <class E>
requires std::is_enum_v<E> && boost::describe::has_describe_enumerators<E>::value
    [[nodiscard]] std::string
    to_text(E value) {
  if (const auto name = name_of(value)) return std::string(*name);
  return number_text(number_of(value));
}

// The value of that exact name.
template <class E>
[[nodiscard]] std::optional<E> parse_name(std::string_view name) noexcept {
  std::optional<E> found;
  boost::mp11::mp_for_each<boost::describe::describe_enumerators<E>>([&](auto described) {
    if (name == described.name) found = described.value;
  });
  return found;
}

}  // namespace lockstep
