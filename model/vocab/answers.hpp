// What a provider answers. A refusal is an answer; an Error (error.hpp) is not.
//
// One struct holds the out parameters of every method; which of them a method has is in
// methods.hpp. That keeps decorators (recording, faulty, delaying providers) to one function, and
// costs nothing but unused optionals.
#pragma once

#include "model/vocab/enums.hpp"
#include "model/vocab/ids.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace lockstep {

// MSFT_SMExtendedStatus (MCR-31).
struct ExtendedStatus {
  std::uint16_t error_source = 0;  // 0 unknown, 1 storage service, 2 SMI-S provider
  std::uint32_t error_code = 0;
  std::uint32_t status_code = 0;  // 0: success
  std::string message;
  friend bool operator==(const ExtendedStatus&, const ExtendedStatus&) = default;
};

struct Answer {
  // Meaningful only without `cim_status`.
  ReturnCode code = ReturnCode::Success;
  // Set when the object manager refused the call instead of the method answering.
  std::optional<CimStatus> cim_status;

  std::optional<JobRef> job;  // every method but the group methods

  // CER Synchronization, CGE Synchronization (the group relationship).
  std::optional<RelationshipRef> synchronization;
  // CLR Synchronizations; an entry may be NULL while a job runs.
  std::optional<std::vector<std::optional<RelationshipRef>>> synchronizations;

  // CER TargetElement, MCR TargetStorageVolume, CreateVolume's new element.
  std::optional<ElementRef> target_element;
  // CLR TargetElements; an entry may be NULL while a job runs.
  std::optional<std::vector<std::optional<ElementRef>>> target_elements;

  std::optional<GroupRef> target_group;          // CGE
  std::optional<std::string> source_group_name;  // CGE
  std::optional<GroupRef> group;                 // CreateGroup

  std::optional<PeerRef> target_replica_peer;     // MCR
  std::optional<ExtendedStatus> extended_status;  // MCR

  // ModifyReplicaSynchronization of CIM 2.41: the new path after ReverseRoles (MRS-25).
  std::optional<RelationshipRef> updated_synchronization;

  friend bool operator==(const Answer&, const Answer&) = default;

  // 0: finished, nothing runs.
  [[nodiscard]] bool completed() const noexcept {
    return !cim_status && code == ReturnCode::Success;
  }
  // 4096: a job was started.
  [[nodiscard]] bool started_job() const noexcept {
    return !cim_status && code == ReturnCode::JobStarted;
  }
  // The request is being or has been carried out.
  [[nodiscard]] bool accepted() const noexcept { return completed() || started_job(); }
};

// "0 Success", "4096 JobStarted", "CIM status 4 InvalidParameter".
[[nodiscard]] std::string code_text(const Answer& answer);

}  // namespace lockstep
