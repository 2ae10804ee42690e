// The methods, and what differs between them: which return codes each may give and which input
// values each defines. Facts of the specification only; what follows from them is the oracle's
// business.
#pragma once

#include "model/vocab/answers.hpp"
#include "model/vocab/enums.hpp"
#include "model/vocab/requests.hpp"

#include <boost/describe/enum.hpp>

#include <cstdint>
#include <string_view>
#include <vector>

namespace lockstep {

enum class Method : std::uint8_t {
  CreateElementReplica,
  CreateListReplica,
  CreateGroupReplicaFromElements,
  CreateReplica,
  AttachReplica,
  ModifyReplicaSynchronization,
  ModifyListSynchronization,
  CreateGroup,
  DeleteGroup,
  AddMembers,
  RemoveMembers,
  CreateVolume,
  ReturnToStoragePool,
  RequestJobStateChange,
};
BOOST_DESCRIBE_ENUM(Method, CreateElementReplica, CreateListReplica, CreateGroupReplicaFromElements,
                    CreateReplica, AttachReplica, ModifyReplicaSynchronization,
                    ModifyListSynchronization, CreateGroup, DeleteGroup, AddMembers, RemoveMembers,
                    CreateVolume, ReturnToStoragePool, RequestJobStateChange)

[[nodiscard]] Method method_of(const Request& request) noexcept;

// "CER", "CLR", "CGE", "MCR", "ATT", "MRS", ...; the prefix of its clauses.
[[nodiscard]] std::string_view clause_prefix(Method method) noexcept;

// The schema level that a provider implements. At Seed level the MSISCSITARGET methods reserve
// TokenizedClone and Adaptive; at Cim241 they define them.
enum class SchemaLevel : std::uint8_t { Seed, Cim241 };
BOOST_DESCRIBE_ENUM(SchemaLevel, Seed, Cim241)

// What a number means as an input value.
enum class ValueClass : std::uint8_t { Defined, Reserved, Vendor };
BOOST_DESCRIBE_ENUM(ValueClass, Defined, Reserved, Vendor)

[[nodiscard]] ValueClass classify(Method method, SchemaLevel level, SyncType value) noexcept;
[[nodiscard]] ValueClass classify(Method method, SchemaLevel level, Mode value) noexcept;
[[nodiscard]] ValueClass classify(CopyType value) noexcept;
[[nodiscard]] ValueClass classify(ConsistencyRequest value) noexcept;
[[nodiscard]] ValueClass classify(Method method, SchemaLevel level, Operation value) noexcept;
// As a WaitForCopyState: Defined for the states a relationship can be in; Mixed and NotApplicable
// are no states to wait for and count as Reserved.
[[nodiscard]] ValueClass classify_wait(CopyState value) noexcept;

// What a return code means for that method (GEN-01, GEN-02). 7 is Reserved for all five replication
// methods; 6 is Reserved for CreateReplica, 40001 to 40003 are Defined for it alone.
[[nodiscard]] ValueClass classify_return(Method method, std::uint32_t code) noexcept;

// GEN-01: Defined or Vendor.
[[nodiscard]] bool legal_return(Method method, std::uint32_t code) noexcept;

// The named return codes of a method, ascending.
[[nodiscard]] std::vector<std::uint32_t> defined_returns(Method method);

}  // namespace lockstep
