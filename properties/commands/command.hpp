// The commands of a sequence as explicit data: what is generated, shrunk, printed, saved and run
// again.
//
// Parameters stand as the numbers that go over the wire, so that reserved and vendor values are
// ordinary values. NULL is an empty optional.
#pragma once

#include "model/port/fault_port.hpp"
#include "model/vocab/enums.hpp"
#include "model/vocab/methods.hpp"
#include "properties/commands/handle.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace lockstep::properties {

inline constexpr std::uint32_t kBlockBytes = 512;
inline constexpr std::uint64_t kLargestVolumeBlocks = 65'536;
inline constexpr std::size_t kMostOperations = 1'000;  // of a saved case
inline constexpr std::size_t kMostListEntries = 16;

struct CreateVolume {
  Handle made;
  std::uint64_t blocks = 128;
  std::optional<std::string> name;
  friend bool operator==(const CreateVolume&, const CreateVolume&) = default;
};

// Writes issued from a second thread while the call is under way, so that instants matter.
struct Meanwhile {
  Handle volume;
  std::uint64_t first = 0;
  std::uint64_t blocks = 1;
  std::uint32_t times = 1;  // the range is written that often, each with its own stamp
  friend bool operator==(const Meanwhile&, const Meanwhile&) = default;
};

// ReplicationSettingData, by the choices worth trying.
enum class SettingChoice : std::uint8_t {
  Malformed,              // a string that is no embedded instance
  HighPriority,           // CopyPriority 3
  ExactOrder,             // Pairing 3
  ConsistentPointInTime,  // true, with Pairing 3
  ContinueOnError,        // OnGroupOrListError 2
  AutomaticRecovery,      // CopyRecoveryMode 2
  ManualRecovery,         // CopyRecoveryMode 3
};
BOOST_DESCRIBE_ENUM(SettingChoice, Malformed, HighPriority, ExactOrder, ConsistentPointInTime,
                    ContinueOnError, AutomaticRecovery, ManualRecovery)

// One of the five methods that make relationships. Members that the method does not have are empty.
struct Replicate {
  Method method = Method::CreateElementReplica;
  std::vector<Handle> sources;  // one, but for the list and group methods; empty: NULL
  std::optional<std::vector<Handle>> targets;  // elements; one, but for the list method
  std::optional<Handle> target_group;
  std::optional<std::uint16_t> sync_type;
  std::optional<std::uint16_t> mode;
  std::optional<std::uint16_t> copy_type;
  std::optional<std::uint16_t> consistency;
  std::optional<std::uint16_t> wait;              // WaitForCopyState
  std::optional<std::string> name;                // ElementName or RelationshipName
  std::optional<std::vector<std::string>> names;  // ElementNames
  std::optional<std::string> source_group_name;
  std::optional<std::uint32_t> recovery_point_objective;
  std::optional<SettingChoice> settings;
  bool pool = false;  // names the provider's first pool
  bool goal = false;  // names a TargetSettingGoal

  // What a success makes, in source order. Empty where a refusal is expected.
  std::vector<Handle> made_relationships;  // one per source; the group methods: the pairs
  std::vector<Handle> made_volumes;        // one per source, without targets
  std::optional<Handle> made_group_relationship;
  std::optional<Handle> made_source_group;
  std::optional<Handle> made_target_group;
  std::optional<Handle> made_job;

  std::optional<Meanwhile> meanwhile;
  friend bool operator==(const Replicate&, const Replicate&) = default;
};

// ModifyReplicaSynchronization with one relationship, ModifyListSynchronization as a list.
struct Modify {
  bool as_list = false;
  std::vector<Handle> relationships;
  std::optional<std::uint16_t> operation;
  std::optional<std::uint16_t> wait;
  std::optional<bool> force;
  std::optional<Handle> made_job;
  std::optional<Meanwhile> meanwhile;
  friend bool operator==(const Modify&, const Modify&) = default;
};

struct MakeGroup {
  Handle made;
  std::vector<Handle> members;
  std::optional<std::string> name;
  std::optional<bool> persistent;
  std::optional<bool> delete_on_empty_element;
  std::optional<bool> delete_on_unassociated;
  friend bool operator==(const MakeGroup&, const MakeGroup&) = default;
};
struct DropGroup {
  Handle group;
  std::optional<bool> remove_elements;
  friend bool operator==(const DropGroup&, const DropGroup&) = default;
};
struct ExtendGroup {
  Handle group;
  std::vector<Handle> members;
  friend bool operator==(const ExtendGroup&, const ExtendGroup&) = default;
};
struct ReduceGroup {
  Handle group;
  std::vector<Handle> members;
  std::optional<bool> delete_on_empty_element;
  friend bool operator==(const ReduceGroup&, const ReduceGroup&) = default;
};

struct WriteBlocks {
  Handle volume;
  std::uint64_t first = 0;
  std::uint64_t blocks = 1;
  friend bool operator==(const WriteBlocks&, const WriteBlocks&) = default;
};
struct UnmapBlocks {
  Handle volume;
  std::uint64_t first = 0;
  std::uint64_t blocks = 1;
  friend bool operator==(const UnmapBlocks&, const UnmapBlocks&) = default;
};
struct ReadVolume {  // all of it
  Handle volume;
  friend bool operator==(const ReadVolume&, const ReadVolume&) = default;
};

struct AwaitJob {
  Handle job;
  friend bool operator==(const AwaitJob&, const AwaitJob&) = default;
};
struct ChangeJob {
  Handle job;
  RequestedJobState requested = RequestedJobState::Terminate;
  friend bool operator==(const ChangeJob&, const ChangeJob&) = default;
};
struct Look {  // enumerates everything
  friend bool operator==(const Look&, const Look&) = default;
};
struct Disturb {
  FaultKind kind = FaultKind::LinkLost;
  std::optional<Handle> relationship;  // NULL: all
  friend bool operator==(const Disturb&, const Disturb&) = default;
};
struct DropVolume {
  Handle volume;
  friend bool operator==(const DropVolume&, const DropVolume&) = default;
};

using Command = std::variant<CreateVolume, Replicate, Modify, MakeGroup, DropGroup, ExtendGroup,
                             ReduceGroup, WriteBlocks, UnmapBlocks, ReadVolume, AwaitJob, ChangeJob,
                             Look, Disturb, DropVolume>;
using Sequence = std::vector<Command>;

// "CreateElementReplica", "write", "await": for statistics.
[[nodiscard]] std::string name_of(const Command& command);

// Call form with symbolic handles:
// "r1, v2 = CreateElementReplica(SyncType=Snapshot, SourceElement=v1)".
[[nodiscard]] std::string to_text(const Command& command);

// Every handle that the command needs, and every one that it makes.
[[nodiscard]] std::vector<Handle> handles_used(const Command& command);
[[nodiscard]] std::vector<Handle> handles_made(const Command& command);

}  // namespace lockstep::properties
