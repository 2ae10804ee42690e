// The parameters of every method and the properties of every class, each named once, for whoever
// reads, writes or declares them.
//
// Facts of the specification only: names, types and directions as the method pages and CIM 2.41
// print them. What a NULL, a missing or a wrong value means is the business of whoever visits.
#pragma once

#include "model/vocab/answers.hpp"
#include "model/vocab/methods.hpp"
#include "model/vocab/observations.hpp"
#include "model/vocab/requests.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace lockstep::wire {

struct NumberType {
  const char* name;  // "uint16"
  std::uint64_t largest;
};

using OptionalTexts = std::optional<std::vector<std::optional<std::string>>>;
using OptionalNumbers = std::optional<std::vector<std::uint64_t>>;

// A visitor. A reader sets what it is given, a writer and a declarer only look. References go as
// the text of their Ref.
class Fields {
 public:
  virtual ~Fields() = default;
  virtual void text(const char* name, std::optional<std::string>& value) = 0;
  virtual void texts(const char* name, OptionalTexts& values) = 0;
  virtual void number(const char* name, NumberType type, std::optional<std::uint64_t>& value) = 0;
  virtual void numbers(const char* name, NumberType type, OptionalNumbers& values) = 0;
  virtual void flag(const char* name, std::optional<bool>& value) = 0;
  virtual void interval(const char* name, std::optional<std::uint64_t>& seconds) = 0;
  virtual void reference(const char* name, const char* class_name,
                         std::optional<std::string>& value) = 0;
  virtual void references(const char* name, const char* class_name, OptionalTexts& values) = 0;
  // An embedded instance, or a text that should have been one.
  virtual void settings(const char* name, const char* class_name,
                        std::optional<SettingDataParameter>& value) = 0;
  virtual void status(const char* name, const char* class_name,
                      std::optional<ExtendedStatus>& value) = 0;
};

// Without the object that the method is invoked on (CreateReplica's source, the job of
// RequestStateChange).
void in_parameters(Fields& fields, Request& request);
void out_parameters(Fields& fields, Method method, Answer& answer);
// A request of that method with every parameter NULL.
[[nodiscard]] Request empty_request(Method method);
// "CreateOrModifyElementFromStoragePool" for CreateVolume, "RequestStateChange" for the job's.
[[nodiscard]] const char* wire_name(Method method) noexcept;

void properties(Fields& fields, ReplicationSettingData& settings);
void properties(Fields& fields, ExtendedStatus& status);
// Of the association; its ends are left to the caller.
void properties(Fields& fields, RelationshipView& view);
void properties(Fields& fields, GroupView& view);
void properties(Fields& fields, JobView& view);
void properties(Fields& fields, PoolView& view);
void properties(Fields& fields, ElementView& view);

}  // namespace lockstep::wire
