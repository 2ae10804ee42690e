#include "model/vocab/methods.hpp"

#include "model/vocab/names.hpp"

#include <algorithm>
#include <array>
#include <span>

namespace lockstep {
namespace {

bool among(std::uint32_t number, std::span<const std::uint32_t> numbers) noexcept {
  return std::ranges::find(numbers, number) != numbers.end();
}

ValueClass by_range(std::uint32_t number, bool defined) noexcept {
  if (defined) return ValueClass::Defined;
  return number >= kFirstVendorValue ? ValueClass::Vendor : ValueClass::Reserved;
}

constexpr std::array<std::uint32_t, 8> kReplicationReturns{0, 1, 2, 3, 4, 5, 6, 4096};
constexpr std::array<std::uint32_t, 11> kCreateReplicaReturns{0, 1,    2,     3,     4,    5,
                                                              8, 4096, 40001, 40002, 40003};
constexpr std::array<std::uint32_t, 8> kGroupReturns{0, 1, 2, 3, 4, 5, 6, 7};
constexpr std::array<std::uint32_t, 9> kRemoveMembersReturns{0, 1, 2, 3, 4, 5, 6, 7, 8};
constexpr std::array<std::uint32_t, 11> kJobStateChangeReturns{0, 1,    2,    3,    4,   5,
                                                               6, 4096, 4097, 4098, 4099};

std::span<const std::uint32_t> returns_of(Method method) noexcept {
  switch (method) {
    case Method::CreateReplica:
      return kCreateReplicaReturns;
    case Method::CreateGroup:
    case Method::DeleteGroup:
    case Method::AddMembers:
      return kGroupReturns;
    case Method::RemoveMembers:
      return kRemoveMembersReturns;
    case Method::RequestJobStateChange:
      return kJobStateChangeReturns;
    default:
      return kReplicationReturns;
  }
}

bool defines_newer_values(Method method, SchemaLevel level) noexcept {
  return method == Method::CreateReplica || level == SchemaLevel::Cim241;
}

}  // namespace

Method method_of(const Request& request) noexcept {
  // The alternatives of Request stand in the order of Method.
  return static_cast<Method>(request.index());
}

std::string_view clause_prefix(Method method) noexcept {
  switch (method) {
    case Method::CreateElementReplica:
      return "CER";
    case Method::CreateListReplica:
      return "CLR";
    case Method::CreateGroupReplicaFromElements:
      return "CGE";
    case Method::CreateReplica:
      return "MCR";
    case Method::AttachReplica:
      return "ATT";
    case Method::ModifyReplicaSynchronization:
      return "MRS";
    case Method::ModifyListSynchronization:
      return "MLS";
    case Method::CreateGroup:
      return "CRG";
    case Method::DeleteGroup:
      return "DLG";
    case Method::AddMembers:
      return "AMB";
    case Method::RemoveMembers:
      return "RMB";
    case Method::CreateVolume:
    case Method::ReturnToStoragePool:
      return "LCS";
    case Method::RequestJobStateChange:
      return "JOB";
  }
  return "GEN";
}

ValueClass classify(Method method, SchemaLevel level, SyncType value) noexcept {
  const auto number = number_of(value);
  const bool defined =
      (number >= 6 && number <= 8) || (number == 9 && defines_newer_values(method, level));
  return by_range(number, defined);
}

ValueClass classify(Method method, SchemaLevel level, Mode value) noexcept {
  const auto number = number_of(value);
  const bool defined =
      number == 2 || number == 3 || (number == 4 && defines_newer_values(method, level));
  return by_range(number, defined);
}

ValueClass classify(CopyType value) noexcept {
  const auto number = number_of(value);
  return by_range(number, number >= 2 && number <= 5);
}

ValueClass classify(ConsistencyRequest value) noexcept {
  const auto number = number_of(value);
  return by_range(number, number == 2 || number == 3);
}

ValueClass classify(Method method, SchemaLevel level, Operation value) noexcept {
  const auto number = number_of(value);
  bool defined = number >= 2 && number <= (level == SchemaLevel::Cim241 ? 25 : 23);
  if (method == Method::ModifyListSynchronization) {
    constexpr std::array<std::uint32_t, 4> kListReserves{3, 5, 6, 13};
    defined = defined && !among(number, kListReserves);
  }
  return by_range(number, defined);
}

ValueClass classify_wait(CopyState value) noexcept {
  const auto number = number_of(value);
  const bool defined =
      number >= 2 && number <= 18 && value != CopyState::Mixed && value != CopyState::NotApplicable;
  return by_range(number, defined);
}

ValueClass classify_return(Method method, std::uint32_t code) noexcept {
  if (among(code, returns_of(method))) return ValueClass::Defined;
  // CreateReplica prints no vendor range at all (MCR-32).
  if (method == Method::CreateReplica) return ValueClass::Reserved;
  return code >= kFirstVendorValue && code <= 0xFFFF ? ValueClass::Vendor : ValueClass::Reserved;
}

bool legal_return(Method method, std::uint32_t code) noexcept {
  return classify_return(method, code) != ValueClass::Reserved;
}

std::vector<std::uint32_t> defined_returns(Method method) {
  const auto codes = returns_of(method);
  return {codes.begin(), codes.end()};
}

std::string code_text(const Answer& answer) {
  if (answer.cim_status) {
    return "CIM status " + std::to_string(number_of(*answer.cim_status)) + " " +
           to_text(*answer.cim_status);
  }
  const std::string number = std::to_string(number_of(answer.code));
  const auto name = name_of(answer.code);
  return name ? number + " " + std::string(*name) : number_text(number_of(answer.code));
}

}  // namespace lockstep
