// Every enumeration of the replication services, with the specification's numbers.
//
// An enumeration has the width of its CIM type, so a reserved, vendor or unknown number survives as
// it is: static_cast to and from the underlying type is always legal. Ranges: up to 32767 reserved,
// 32768 and above vendor specific, unless an entry says otherwise. Sources: the five method pages,
// CIM 2.41, and for the Microsoft layers the MSFT_SM* pages.
#pragma once

#include <boost/describe/enum.hpp>

#include <cstdint>

namespace lockstep {

// Kind of copy. 9 is defined by MSFT_SMStorageVolume.CreateReplica and CIM 2.41 only; the three
// MSISCSITARGET_ReplicationService methods reserve it (CER-03, CLR-03, CGE-03).
enum class SyncType : std::uint16_t { Mirror = 6, Snapshot = 7, Clone = 8, TokenizedClone = 9 };
BOOST_DESCRIBE_ENUM(SyncType, Mirror, Snapshot, Clone, TokenizedClone)

// When the target is updated. As a parameter 0 and 1 are not legal; as a property 0 means unknown.
// 4 is defined by CreateReplica and CIM 2.41 only (CER-08, MCR-08).
enum class Mode : std::uint16_t { Unknown = 0, Synchronous = 2, Asynchronous = 3, Adaptive = 4 };
BOOST_DESCRIBE_ENUM(Mode, Unknown, Synchronous, Asynchronous, Adaptive)

// AttachReplica's own numbering: Async is 2 and Sync is 3, the reverse of Mode (ATT-06).
enum class CopyType : std::uint16_t { Async = 2, Sync = 3, UnSyncAssoc = 4, UnSyncUnAssoc = 5 };
BOOST_DESCRIBE_ENUM(CopyType, Async, Sync, UnSyncAssoc, UnSyncUnAssoc)

// State of a replication relationship; also the value space of RequestedCopyState and
// WaitForCopyState. 16 and 17 are unknown to the MSFT_SM* layer, 18 to CIM 2.28. 0 and 1 are
// unused.
enum class CopyState : std::uint16_t {
  Initialized = 2,
  Unsynchronized = 3,
  Synchronized = 4,
  Broken = 5,
  Fractured = 6,
  Split = 7,
  Inactive = 8,
  Suspended = 9,
  Failedover = 10,
  Prepared = 11,
  Aborted = 12,
  Skewed = 13,
  Mixed = 14,          // group relationships only
  NotApplicable = 15,  // as RequestedCopyState: nothing is outstanding
  Partitioned = 16,
  Invalid = 17,
  Restored = 18,
};
BOOST_DESCRIBE_ENUM(CopyState, Initialized, Unsynchronized, Synchronized, Broken, Fractured, Split,
                    Inactive, Suspended, Failedover, Prepared, Aborted, Skewed, Mixed,
                    NotApplicable, Partitioned, Invalid, Restored)

// CIM numbering. The MSFT_Synchronized class of the Windows storage API numbers 13 Detaching,
// 14 Aborting, 15 Mixed instead; such numbers must be translated before they become a
// ProgressStatus.
enum class ProgressStatus : std::uint16_t {
  Unknown = 0,
  Completed = 2,
  Dormant = 3,
  Initializing = 4,
  Preparing = 5,
  Synchronizing = 6,
  Resyncing = 7,
  Restoring = 8,
  Fracturing = 9,
  Splitting = 10,
  FailingOver = 11,
  FailingBack = 12,
  Aborting = 13,
  Mixed = 14,
  NotApplicable = 15,
  Suspending = 16,
  RequiresFracture = 17,
  RequiresResync = 18,
  RequiresActivate = 19,
  Pending = 20,
  Detaching = 21,
  RequiresDetach = 22,
  Terminating = 23,
  RequiresSplit = 24,
  RequiresResume = 25,
};
BOOST_DESCRIBE_ENUM(ProgressStatus, Unknown, Completed, Dormant, Initializing, Preparing,
                    Synchronizing, Resyncing, Restoring, Fracturing, Splitting, FailingOver,
                    FailingBack, Aborting, Mixed, NotApplicable, Suspending, RequiresFracture,
                    RequiresResync, RequiresActivate, Pending, Detaching, RequiresDetach,
                    Terminating, RequiresSplit, RequiresResume)

// Operation of ModifyReplicaSynchronization and ModifyListSynchronization. The list method reserves
// 3, 5, 6 and 13 (MLS-02). 24 and 25 are CIM 2.41.
enum class Operation : std::uint16_t {
  Abort = 2,
  ActivateConsistency = 3,
  Activate = 4,
  AddSyncPair = 5,
  DeactivateConsistency = 6,
  Deactivate = 7,
  Detach = 8,
  Dissolve = 9,
  Failover = 10,
  Failback = 11,
  Fracture = 12,
  RemoveSyncPair = 13,
  ResyncReplica = 14,
  RestoreFromReplica = 15,
  Resume = 16,
  ResetToSync = 17,
  ResetToAsync = 18,
  ReturnToResourcePool = 19,
  ReverseRoles = 20,
  Split = 21,
  Suspend = 22,
  Unprepare = 23,
  Prepare = 24,
  ResetToAdaptive = 25,
};
BOOST_DESCRIBE_ENUM(Operation, Abort, ActivateConsistency, Activate, AddSyncPair,
                    DeactivateConsistency, Deactivate, Detach, Dissolve, Failover, Failback,
                    Fracture, RemoveSyncPair, ResyncReplica, RestoreFromReplica, Resume,
                    ResetToSync, ResetToAsync, ReturnToResourcePool, ReverseRoles, Split, Suspend,
                    Unprepare, Prepare, ResetToAdaptive)

// The *parameter* Consistency. Here 2 asks for none; in ConsistencyType the same 2 means
// sequential. Two types, so that a number copied from one to the other does not compile.
enum class ConsistencyRequest : std::uint16_t { NoConsistency = 2, SequentialConsistency = 3 };
BOOST_DESCRIBE_ENUM(ConsistencyRequest, NoConsistency, SequentialConsistency)

// The *property* ConsistencyType, and the answers of GetSupportedConsistency and
// GetDefaultConsistency.
enum class ConsistencyType : std::uint16_t { None = 0, SequentiallyConsistent = 2 };
BOOST_DESCRIBE_ENUM(ConsistencyType, None, SequentiallyConsistent)

enum class ConsistencyState : std::uint16_t {
  Unknown = 0,
  Other = 1,
  NotApplicable = 2,
  Consistent = 3,
  Inconsistent = 4,
};
BOOST_DESCRIBE_ENUM(ConsistencyState, Unknown, Other, NotApplicable, Consistent, Inconsistent)

enum class ConsistencyStatus : std::uint16_t {
  Unknown = 0,
  Other = 1,
  Completed = 2,
  InProgress = 3,
  Disabled = 4,
  InError = 5,
};
BOOST_DESCRIBE_ENUM(ConsistencyStatus, Unknown, Other, Completed, InProgress, Disabled, InError)

// Legacy Copy Services view of the same relationship (StorageSynchronized.SyncState).
enum class SyncState : std::uint16_t {
  Unknown = 0,
  Initialized = 2,
  PrepareInProgress = 3,
  Prepared = 4,
  ResyncInProgress = 5,
  Synchronized = 6,
  FractureInProgress = 7,
  QuiesceInProgress = 8,
  Quiesced = 9,
  RestoreInProgress = 10,
  Idle = 11,
  Broken = 12,
  Fractured = 13,
  Frozen = 14,
  CopyInProgress = 15,
};
BOOST_DESCRIBE_ENUM(SyncState, Unknown, Initialized, PrepareInProgress, Prepared, ResyncInProgress,
                    Synchronized, FractureInProgress, QuiesceInProgress, Quiesced,
                    RestoreInProgress, Idle, Broken, Fractured, Frozen, CopyInProgress)

enum class JobState : std::uint16_t {
  New = 2,
  Starting = 3,
  Running = 4,
  Suspended = 5,
  ShuttingDown = 6,
  Completed = 7,
  Terminated = 8,
  Killed = 9,
  Exception = 10,
  Service = 11,
  QueryPending = 12,
};
BOOST_DESCRIBE_ENUM(JobState, New, Starting, Running, Suspended, ShuttingDown, Completed,
                    Terminated, Killed, Exception, Service, QueryPending)

// ConcreteJob.RequestStateChange(RequestedState).
enum class RequestedJobState : std::uint16_t {
  Start = 2,
  Suspend = 3,
  Terminate = 4,
  Kill = 5,
  Service = 6
};
BOOST_DESCRIBE_ENUM(RequestedJobState, Start, Suspend, Terminate, Kill, Service)

enum class OperationalStatus : std::uint16_t {
  Unknown = 0,
  Other = 1,
  OK = 2,
  Degraded = 3,
  Stressed = 4,
  PredictiveFailure = 5,
  Error = 6,
  NonRecoverableError = 7,
  Starting = 8,
  Stopping = 9,
  Stopped = 10,
  InService = 11,
  NoContact = 12,
  LostCommunication = 13,
  Aborted = 14,
  Dormant = 15,
  SupportingEntityInError = 16,
  Completed = 17,
  PowerMode = 18,
};
BOOST_DESCRIBE_ENUM(OperationalStatus, Unknown, Other, OK, Degraded, Stressed, PredictiveFailure,
                    Error, NonRecoverableError, Starting, Stopping, Stopped, InService, NoContact,
                    LostCommunication, Aborted, Dormant, SupportingEntityInError, Completed,
                    PowerMode)

// Return codes. The same number means different things to different methods (methods.hpp has the
// legal set of each): 7 and 8 belong to the group methods, 8 also to CreateReplica, 40001 to 40003
// to CreateReplica only.
enum class ReturnCode : std::uint32_t {
  Success = 0,
  NotSupported = 1,
  Unknown = 2,  // "Unspecified Error" on some pages
  Timeout = 3,
  Failed = 4,
  InvalidParameter = 5,
  InUse = 6,
  JobStarted = 4096,
  InvalidStateTransition = 4097,  // RequestStateChange
  ObjectNotFound = 8,             // CreateReplica; RemoveMembers: member not in group
  AccessDenied = 40001,
  InsufficientResources = 40002,
  CacheOutOfDate = 40003,
};
BOOST_DESCRIBE_ENUM(ReturnCode, Success, NotSupported, Unknown, Timeout, Failed, InvalidParameter,
                    InUse, JobStarted, InvalidStateTransition, ObjectNotFound, AccessDenied,
                    InsufficientResources, CacheOutOfDate)

// A CIM status that came instead of a return value (the "E n" of the clauses).
enum class CimStatus : std::uint16_t {
  Failed = 1,
  AccessDenied = 2,
  InvalidNamespace = 3,
  InvalidParameter = 4,
  InvalidClass = 5,
  NotFound = 6,
  NotSupported = 7,
  MethodNotAvailable = 16,
  MethodNotFound = 17,
};
BOOST_DESCRIBE_ENUM(CimStatus, Failed, AccessDenied, InvalidNamespace, InvalidParameter,
                    InvalidClass, NotFound, NotSupported, MethodNotAvailable, MethodNotFound)

// SyncType, Mode and locality in one number (replication_type.hpp has the arithmetic).
enum class ReplicationType : std::uint16_t {};
enum class Locality : std::uint16_t { Local = 2, Remote = 3 };
BOOST_DESCRIBE_ENUM(Locality, Local, Remote)

// CIM_ReplicationSettingData and the association properties made from it.
enum class Pairing : std::uint16_t { InstrumentationDecides = 2, ExactOrder = 3, Optimum = 4 };
BOOST_DESCRIBE_ENUM(Pairing, InstrumentationDecides, ExactOrder, Optimum)

enum class UnequalAction : std::uint16_t {
  ReturnError = 2,
  SourceMayBeLarger = 3,
  TargetMayBeLarger = 4
};
BOOST_DESCRIBE_ENUM(UnequalAction, ReturnError, SourceMayBeLarger, TargetMayBeLarger)

enum class OnError : std::uint16_t { Continue = 2, Stop = 3 };
BOOST_DESCRIBE_ENUM(OnError, Continue, Stop)

enum class CopyMethodology : std::uint16_t {
  NotSpecified = 0,
  Other = 1,
  ImplementationDecides = 2,
  FullCopy = 3,
  IncrementalCopy = 4,
  DifferentialCopy = 5,
  CopyOnWrite = 6,
  CopyOnAccess = 7,
  DeltaUpdate = 8,
  SnapAndClone = 9,
  CopyBeforeActivation = 10,
};
BOOST_DESCRIBE_ENUM(CopyMethodology, NotSpecified, Other, ImplementationDecides, FullCopy,
                    IncrementalCopy, DifferentialCopy, CopyOnWrite, CopyOnAccess, DeltaUpdate,
                    SnapAndClone, CopyBeforeActivation)

enum class TargetElementSupplier : std::uint16_t {
  UseExisting = 1,
  CreateNew = 2,
  UseAndCreate = 3,
  InstrumentationDecides = 4,
  ClientMustSupply = 5,
};
BOOST_DESCRIBE_ENUM(TargetElementSupplier, UseExisting, CreateNew, UseAndCreate,
                    InstrumentationDecides, ClientMustSupply)

enum class ThinProvisioningPolicy : std::uint16_t {
  ThinToThin = 2,
  ThinToFull = 3,
  FullToThin = 4,
  SameAsSource = 5,
  PoolDecides = 6,
  ImplementationDecides = 7,
};
BOOST_DESCRIBE_ENUM(ThinProvisioningPolicy, ThinToThin, ThinToFull, FullToThin, SameAsSource,
                    PoolDecides, ImplementationDecides)

enum class CopyPriority : std::uint16_t { NotManaged = 0, Low = 1, Same = 2, High = 3, Urgent = 4 };
BOOST_DESCRIBE_ENUM(CopyPriority, NotManaged, Low, Same, High, Urgent)

// 4 is a request only; a relationship never reports it.
enum class CopyRecoveryMode : std::uint16_t {
  Unknown = 0,
  Automatic = 2,
  Manual = 3,
  ImplementationDecides = 4
};
BOOST_DESCRIBE_ENUM(CopyRecoveryMode, Unknown, Automatic, Manual, ImplementationDecides)

enum class ReadOnly : std::uint16_t { SystemElement = 2, SyncedElement = 3, Both = 4 };
BOOST_DESCRIBE_ENUM(ReadOnly, SystemElement, SyncedElement, Both)

enum class ReplicaType : std::uint16_t {
  NotSpecified = 0,
  FullCopy = 2,
  BeforeDelta = 3,
  AfterDelta = 4,
  Log = 5
};
BOOST_DESCRIBE_ENUM(ReplicaType, NotSpecified, FullCopy, BeforeDelta, AfterDelta, Log)

// What the members of GetSupportedFeatures that this project judges by are called.
enum class Feature : std::uint16_t {
  ReplicationGroups = 2,
  MultihopElementReplication = 3,
  ErrorRecoveryFromBrokenAutomatic = 15,
  TargetMustRemainAssociated = 16,
  SynchronizedCloneDetachesAutomatically = 18,
  RestoreRequiresFracture = 21,
  ResyncRequiresActivate = 22,
  RestoreRequiresDetach = 27,
  ReverseRolesRequiresSynchronized = 29,
  ReverseRolesRequiresFractured = 30,
  ReverseRolesRequiresSplit = 31,
  ReverseRolesRequiresFailedover = 32,
  ReverseRolesRequiresSuspended = 33,
  TargetElementShallNotBeSupplied = 39,
  TargetPoolShallNotBeSupplied = 40,
  TargetGoalShallNotBeSupplied = 41,
  RestoreRequiresResume = 49,
  ReverseRolesKeepsCopyState = 52,
  FailoverRequiresFailback = 53,
  PlannedFailoverRequiresFractured = 54,
};
BOOST_DESCRIBE_ENUM(Feature, ReplicationGroups, MultihopElementReplication,
                    ErrorRecoveryFromBrokenAutomatic, TargetMustRemainAssociated,
                    SynchronizedCloneDetachesAutomatically, RestoreRequiresFracture,
                    ResyncRequiresActivate, RestoreRequiresDetach, ReverseRolesRequiresSynchronized,
                    ReverseRolesRequiresFractured, ReverseRolesRequiresSplit,
                    ReverseRolesRequiresFailedover, ReverseRolesRequiresSuspended,
                    TargetElementShallNotBeSupplied, TargetPoolShallNotBeSupplied,
                    TargetGoalShallNotBeSupplied, RestoreRequiresResume, ReverseRolesKeepsCopyState,
                    FailoverRequiresFailback, PlannedFailoverRequiresFractured)

enum class GroupFeature : std::uint16_t {
  OneToManyReplication = 2,
  ManyToManyGroups = 3,
  ConsistencyEnabledForAllGroups = 4,
  EmptyGroupsAllowed = 5,
  SourceGroupNeedsMoreThanOneElement = 6,
  OneSingleRelationshipActive = 10,
  SourceElementCanBeRemoved = 11,
  TargetElementCanBeRemoved = 12,
  GroupCanBeTemporary = 13,
  GroupIsNameable = 14,
  SynchronizedCloneDetachesAutomatically = 16,
  ElementCanBeMemberOfMultipleGroups = 23,
  TokenizedCloneConsistentPointInTime = 25,
  TargetGroupShallNotBeSupplied = 34,
  TargetGroupShallBeSupplied = 41,
  OnlyAcceptsEmptyGroups = 42,
  NoElementLevelStorageSynchronized = 50,
  ClientCanSupplyRelationshipName = 56,
  ImplementationDecidesMemberOrder = 57,
};
BOOST_DESCRIBE_ENUM(GroupFeature, OneToManyReplication, ManyToManyGroups,
                    ConsistencyEnabledForAllGroups, EmptyGroupsAllowed,
                    SourceGroupNeedsMoreThanOneElement, OneSingleRelationshipActive,
                    SourceElementCanBeRemoved, TargetElementCanBeRemoved, GroupCanBeTemporary,
                    GroupIsNameable, SynchronizedCloneDetachesAutomatically,
                    ElementCanBeMemberOfMultipleGroups, TokenizedCloneConsistentPointInTime,
                    TargetGroupShallNotBeSupplied, TargetGroupShallBeSupplied,
                    OnlyAcceptsEmptyGroups, NoElementLevelStorageSynchronized,
                    ClientCanSupplyRelationshipName, ImplementationDecidesMemberOrder)

}  // namespace lockstep
