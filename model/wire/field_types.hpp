// From the members of the vocabulary to the few types that Fields knows. Internal to model/wire.
#pragma once

#include "model/vocab/names.hpp"
#include "model/wire/fields.hpp"

#include <algorithm>
#include <limits>
#include <type_traits>
#include <utility>

namespace lockstep::wire {

template <class N>
constexpr NumberType number_type() {
  const char* name = sizeof(N) == 1   ? "uint8"
                     : sizeof(N) == 2 ? "uint16"
                     : sizeof(N) == 4 ? "uint32"
                                      : "uint64";
  return {name, std::numeric_limits<std::uint64_t>::max() >> (64 - 8 * sizeof(N))};
}

// One visit per member; the value goes to the visitor and what it left comes back.
class Visit {
 public:
  explicit Visit(Fields& fields) : fields_(fields) {}

  void operator()(const char* name, std::optional<std::string>& value) {
    fields_.text(name, value);
  }
  void operator()(const char* name, std::optional<bool>& value) { fields_.flag(name, value); }
  void operator()(const char* name, OptionalTexts& values) { fields_.texts(name, values); }

  template <class N>
  requires(std::is_enum_v<N> || (std::is_unsigned_v<N> && !std::is_same_v<N, bool>)) void
  operator()(const char* name, std::optional<N>& value) {
    constexpr NumberType kType = number_type<N>();
    std::optional<std::uint64_t> number;
    if (value) number = static_cast<std::uint64_t>(*value);
    fields_.number(name, kType, number);
    value.reset();
    if (number) value = static_cast<N>(*number);
  }

  // Members that are never NULL: a reader leaves what it does not find.
  template <class N>
  requires std::is_enum_v<N> || std::is_unsigned_v<N>
  void operator()(const char* name, N& value) {
    std::optional<N> held = value;
    (*this)(name, held);
    if (held) value = *held;
  }
  void operator()(const char* name, std::string& value) {
    std::optional<std::string> held = value;
    fields_.text(name, held);
    if (held) value = *held;
  }
  template <class E>
  void operator()(const char* name, std::vector<E>& values) {
    OptionalNumbers numbers = std::vector<std::uint64_t>{};
    for (const E value : values) numbers->push_back(static_cast<std::uint64_t>(value));
    fields_.numbers(name, number_type<E>(), numbers);
    values.clear();
    if (!numbers) return;
    for (const std::uint64_t number : *numbers) values.push_back(static_cast<E>(number));
  }

  template <class Kind>
  void operator()(const char* name, std::optional<Ref<Kind>>& value, const char* class_name) {
    std::optional<std::string> path;
    if (value) path = value->path;
    fields_.reference(name, class_name, path);
    value.reset();
    if (path) value = Ref<Kind>{std::move(*path)};
  }
  template <class Kind>
  void operator()(const char* name, std::optional<std::vector<Ref<Kind>>>& values,
                  const char* class_name) {
    OptionalTexts paths;
    if (values) {
      paths.emplace();
      for (const Ref<Kind>& value : *values) paths->push_back(value.path);
    }
    fields_.references(name, class_name, paths);
    values.reset();
    if (!paths) return;
    values.emplace();
    for (auto& path : *paths) {
      if (path) values->push_back(Ref<Kind>{std::move(*path)});
    }
  }
  template <class Kind>
  void operator()(const char* name, std::optional<std::vector<std::optional<Ref<Kind>>>>& values,
                  const char* class_name) {
    OptionalTexts paths;
    if (values) {
      paths.emplace();
      for (const auto& value : *values) {
        paths->push_back(value ? std::optional(value->path) : std::nullopt);
      }
    }
    fields_.references(name, class_name, paths);
    values.reset();
    if (!paths) return;
    values.emplace();
    for (auto& path : *paths) {
      values->push_back(path ? std::optional(Ref<Kind>{std::move(*path)}) : std::nullopt);
    }
  }

  template <class N>
  void interval(const char* name, std::optional<N>& value) {
    std::optional<std::uint64_t> seconds;
    if (value) seconds = *value;
    fields_.interval(name, seconds);
    value.reset();
    if (seconds) {
      value = static_cast<N>(std::min<std::uint64_t>(*seconds, std::numeric_limits<N>::max()));
    }
  }
  void settings(const char* name, std::optional<SettingDataParameter>& value,
                const char* class_name = "CIM_ReplicationSettingData") {
    fields_.settings(name, class_name, value);
  }
  [[nodiscard]] Fields& fields() noexcept { return fields_; }

 private:
  Fields& fields_;
};

}  // namespace lockstep::wire
