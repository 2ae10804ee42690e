// The three visitors of Fields: one writes, one reads, one declares.
#pragma once

#include "model/vocab/error.hpp"
#include "model/wire/fields.hpp"
#include "model/wire/schema.hpp"
#include "model/wire/value.hpp"

#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace lockstep::wire {

// Between the texts of references and the paths on the wire.
class References {
 public:
  virtual ~References() = default;
  // `class_name` is what the parameter is declared as, for a reference that is no object path.
  [[nodiscard]] virtual ObjectPath to_wire(const std::string& reference,
                                           std::string_view class_name) = 0;
  [[nodiscard]] virtual std::string from_wire(const ObjectPath& path) = 0;
};

// Collects what it is shown; NULLs stay as entries without a value.
class FieldWriter final : public Fields {
 public:
  explicit FieldWriter(References& references) : references_(references) {}
  [[nodiscard]] std::vector<Named>& written() noexcept { return written_; }

  void text(const char* name, std::optional<std::string>& value) override;
  void texts(const char* name, OptionalTexts& values) override;
  void number(const char* name, NumberType type, std::optional<std::uint64_t>& value) override;
  void numbers(const char* name, NumberType type, OptionalNumbers& values) override;
  void flag(const char* name, std::optional<bool>& value) override;
  void interval(const char* name, std::optional<std::uint64_t>& seconds) override;
  void reference(const char* name, const char* class_name,
                 std::optional<std::string>& value) override;
  void references(const char* name, const char* class_name, OptionalTexts& values) override;
  void settings(const char* name, const char* class_name,
                std::optional<SettingDataParameter>& value) override;
  void status(const char* name, const char* class_name,
              std::optional<ExtendedStatus>& value) override;

 private:
  void put(const char* name, std::optional<Value> value);
  References& references_;
  std::vector<Named> written_;
};

// Sets what it finds. What is missing or NULL becomes NULL. The first value that cannot be read is
// kept as the failure; `subject` begins its message.
class FieldReader final : public Fields {
 public:
  FieldReader(const std::vector<Named>& found, References& references, std::string subject)
      : found_(found), references_(references), subject_(std::move(subject)) {}
  [[nodiscard]] const std::optional<Error>& failure() const noexcept { return failure_; }
  // Names that are there and that nobody asked for.
  [[nodiscard]] std::vector<std::string> unknown() const;

  void text(const char* name, std::optional<std::string>& value) override;
  void texts(const char* name, OptionalTexts& values) override;
  void number(const char* name, NumberType type, std::optional<std::uint64_t>& value) override;
  void numbers(const char* name, NumberType type, OptionalNumbers& values) override;
  void flag(const char* name, std::optional<bool>& value) override;
  void interval(const char* name, std::optional<std::uint64_t>& seconds) override;
  void reference(const char* name, const char* class_name,
                 std::optional<std::string>& value) override;
  void references(const char* name, const char* class_name, OptionalTexts& values) override;
  void settings(const char* name, const char* class_name,
                std::optional<SettingDataParameter>& value) override;
  void status(const char* name, const char* class_name,
              std::optional<ExtendedStatus>& value) override;

 private:
  [[nodiscard]] const Value* take(const char* name, bool array);
  [[nodiscard]] std::string subject_of(const char* name) const;
  template <class T>
  [[nodiscard]] std::optional<T> kept(Result<T> result);

  const std::vector<Named>& found_;
  References& references_;
  std::string subject_;
  std::set<std::string> asked_;
  std::optional<Error> failure_;
};

// An embedded instance as settings, or the text itself when it is none.
[[nodiscard]] SettingDataParameter settings_of(const std::string& text, References& references);

// Collects names and types. A parameter visited as in and as out is both.
class FieldDeclarer final : public Fields {
 public:
  void direction(bool in) noexcept { in_ = in; }
  [[nodiscard]] std::vector<ParameterDeclaration>& declared() noexcept { return declared_; }

  void text(const char* name, std::optional<std::string>& value) override;
  void texts(const char* name, OptionalTexts& values) override;
  void number(const char* name, NumberType type, std::optional<std::uint64_t>& value) override;
  void numbers(const char* name, NumberType type, OptionalNumbers& values) override;
  void flag(const char* name, std::optional<bool>& value) override;
  void interval(const char* name, std::optional<std::uint64_t>& seconds) override;
  void reference(const char* name, const char* class_name,
                 std::optional<std::string>& value) override;
  void references(const char* name, const char* class_name, OptionalTexts& values) override;
  void settings(const char* name, const char* class_name,
                std::optional<SettingDataParameter>& value) override;
  void status(const char* name, const char* class_name,
              std::optional<ExtendedStatus>& value) override;

 private:
  void put(ParameterDeclaration declaration);
  bool in_ = true;
  std::vector<ParameterDeclaration> declared_;
};

}  // namespace lockstep::wire
