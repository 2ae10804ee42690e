// Sense data (SPC-4 4.5): the fixed format, always 18 bytes so that every initiator finds the
// sense-key-specific bytes, and the descriptor format, for logical units whose D_SENSE is set.
#pragma once

#include "target_impl/scsi/device_server.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <span>

namespace lockstep::scsi {

enum class SenseKey : std::uint8_t {
  NoSense = 0x0,
  NotReady = 0x2,
  MediumError = 0x3,
  HardwareError = 0x4,
  IllegalRequest = 0x5,
  UnitAttention = 0x6,
  DataProtect = 0x7,
  CopyAborted = 0xa,
  AbortedCommand = 0xb,
  Miscompare = 0xe,
};

// Additional sense code in the upper byte, qualifier in the lower one (SPC-4 annex D).
enum class AdditionalSense : std::uint16_t {
  None = 0x0000,
  OperationInProgress = 0x0016,
  NotReadyCauseNotReportable = 0x0400,
  AsymmetricAccessStateTransition = 0x040a,
  TargetPortInStandbyState = 0x040b,
  TargetPortInUnavailableState = 0x040c,
  SanitizeInProgress = 0x041b,
  UnreachableCopyTarget = 0x0804,
  WriteError = 0x0c00,
  ThirdPartyDeviceFailure = 0x0d01,
  CopyTargetDeviceNotReachable = 0x0d02,
  IncorrectCopyTargetDeviceType = 0x0d03,
  CopyTargetDeviceDataUnderrun = 0x0d04,
  InvalidFieldInCommandInformationUnit = 0x0e03,
  UnrecoveredReadError = 0x1100,
  ParameterListLengthError = 0x1a00,
  MiscompareDuringVerify = 0x1d00,
  InvalidCommandOperationCode = 0x2000,
  LogicalBlockAddressOutOfRange = 0x2100,
  UnsupportedTokenType = 0x2301,
  RemoteTokenNotSupported = 0x2302,
  TokenUnknown = 0x2304,
  TokenCorrupt = 0x2305,
  TokenRevoked = 0x2306,
  TokenExpired = 0x2307,
  TokenCancelled = 0x2308,
  TokenDeleted = 0x2309,
  InvalidTokenLength = 0x230a,
  InvalidFieldInCdb = 0x2400,
  LogicalUnitNotSupported = 0x2500,
  InvalidFieldInParameterList = 0x2600,
  InvalidReleaseOfPersistentReservation = 0x2604,
  TooManyTargetDescriptors = 0x2606,
  UnsupportedTargetDescriptorType = 0x2607,
  TooManySegmentDescriptors = 0x2608,
  UnsupportedSegmentDescriptorType = 0x2609,
  UnexpectedInexactSegment = 0x260a,
  InlineDataLengthExceeded = 0x260b,
  WriteProtected = 0x2700,
  HardwareWriteProtected = 0x2701,
  SoftwareWriteProtected = 0x2702,
  SpaceAllocationFailedWriteProtect = 0x2707,
  MediumMayHaveChanged = 0x2800,
  PowerOnResetOrBusDeviceReset = 0x2900,
  ScsiBusResetOccurred = 0x2902,
  BusDeviceResetFunctionOccurred = 0x2903,
  ModeParametersChanged = 0x2a01,
  ReservationsPreempted = 0x2a03,
  ReservationsReleased = 0x2a04,
  RegistrationsPreempted = 0x2a05,
  AsymmetricAccessStateChanged = 0x2a06,
  NexusLossOccurred = 0x2907,
  SanitizeCommandFailed = 0x3103,
  SavingParametersNotSupported = 0x3900,
  MediumNotPresent = 0x3a00,
  ReportedLunsDataHasChanged = 0x3f0e,
  InternalTargetFailure = 0x4400,
  MediumRemovalPrevented = 0x5302,
  InsufficientRegistrationResources = 0x5504,
  InsufficientResourcesForRod = 0x550c,
  InsufficientResourcesForRodToken = 0x550d,
};

// Where the fault is, for ILLEGAL REQUEST (SPC-4 4.5.2.4.2).
struct FieldPointer {
  bool in_cdb = true;  // else in the parameter list
  std::uint16_t byte = 0;
  std::optional<std::uint8_t> bit;  // the highest bit of the field, where it is not a whole byte
  // For COPY ABORTED (SPC-4 4.5.2.4.5): in the segment descriptor that `command_specific` counts.
  bool in_segment = false;
};

struct Sense {
  SenseKey key = SenseKey::NoSense;
  AdditionalSense additional = AdditionalSense::None;
  std::optional<FieldPointer> field;
  std::optional<std::uint32_t> information;
  // How much of a long operation is done, of 65536 (SPC-4 4.5.2.4.4); excludes `field`.
  std::optional<std::uint16_t> progress = std::nullopt;
  std::optional<std::uint32_t> command_specific = std::nullopt;
};

[[nodiscard]] std::array<std::uint8_t, kSenseBytes> fixed_format(const Sense& sense) noexcept;
// Returns the length of what was written to the front of `out`, at most kMaxSenseBytes.
std::uint8_t descriptor_format(const Sense& sense,
                               std::span<std::uint8_t, kMaxSenseBytes> out) noexcept;

}  // namespace lockstep::scsi
