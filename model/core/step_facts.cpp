#include "model/core/step_facts.hpp"

namespace lockstep::model {
namespace {

using enum CopyState;
constexpr PlaceSet kGone = PlaceSet::nowhere();

constexpr Arrival kNone{};

constexpr Arrival leads(std::string_view id, PlaceSet to) { return {id, to, false}; }
constexpr Arrival stays_or(std::string_view id, PlaceSet to) { return {id, to, true}; }

// clang-format off
constexpr std::array<OperationFacts, 20> kOperations{{
  {Event::Abort,
   {"eAeerreereerere", "eAeerree.eerere", "eAeerree.eerere", "eAee..ee.eerer."},
   {leads("T-018", {Aborted}), leads("T-018", {Aborted}), leads("T-018", {Aborted}), leads("T-018", {Aborted})}},
  {Event::Activate,
   {"eeerrrArrArrrrr", "eeerrrAr.Arrrrr", "eeerrrAr.Arrrrr", "eeer..Ar.Arrrr."},
   {leads("T-020", {Unsynchronized, Synchronized}), leads("T-020", {Unsynchronized, Synchronized}),
    leads("T-020", {Unsynchronized, Synchronized}), leads("T-020", {Unsynchronized, Synchronized})}},
  {Event::Deactivate,
   {"eeArrreerererrr", "eeArrree.ererrr", "eeArrree.ererrr", "eeAr..ee.ererr."},
   {leads("T-021", {Inactive}), leads("T-021", {Inactive}), leads("T-021", {Inactive}), leads("T-021", {Inactive})}},
  {Event::Detach,
   {"eeAeAAAeAeeeeee", "eeeeeeee.eeeeee", "eeAeeeee.eeeeee", "eeAe..ee.eeeee."},
   {leads("T-022", kGone), leads("T-024", kGone), leads("T-023", kGone), leads("T-023", kGone)}},
  {Event::Dissolve,
   {"eeAeeeeeeeeeeee", "eeeeeeee.eeeeee", "eeAeeeee.eeeeee", "eeAe..ee.eeeee."},
   {leads("T-025", kGone), leads("T-026", kGone), leads("T-025", kGone), leads("T-025", kGone)}},
  {Event::Failover,
   {"reeeeeeerrreere", "uuuuuuuu.uuuuuu", "uuuuuuuu.uuuuuu", "uuuu..uu.uuuuu."},
   {leads("T-027", {Failedover}), kNone, kNone, kNone}},
  {Event::Failback,
   {"rrrrrrrrArrrrrr", "uuuuuuuu.uuuuuu", "uuuuuuuu.uuuuuu", "uuuu..uu.uuuuu."},
   {leads("T-028", {Synchronized, Unsynchronized, Fractured, Split, Suspended, Inactive}), kNone, kNone, kNone}},
  {Event::Fracture,
   {"eeAreeeerererre", "reereree.rrerre", "reereree.rrerre", "uuuu..uu.uuuuu."},
   {leads("T-029", {Fractured}), leads("T-030", {Fractured}), leads("T-030", {Fractured}), kNone}},
  {Event::ResyncReplica,
   {"reeAAAeerrAeeee", "reAAAAee.rAeree", "reAAAAee.rAeree", "reAA..ee.rAere."},
   {leads("T-033", {Unsynchronized, Synchronized}), leads("T-034", {Unsynchronized, Synchronized}),
    leads("T-034", {Unsynchronized, Synchronized}), leads("T-034", {Unsynchronized, Synchronized})}},
  {Event::RestoreFromReplica,
   {"rreeAAeerreerre", "rrAreeer.rrerre", "rrAreeer.rrerre", "uuuu..uu.uuuuu."},
   {leads("T-036", {Restored, Synchronized, Fractured, Split, Unsynchronized}),
    leads("T-037", {Restored, Synchronized, Skewed, Unsynchronized}),
    leads("T-037", {Restored, Synchronized, Skewed, Unsynchronized}), kNone}},
  {Event::Resume,
   {"reerrrrArrrrrre", "reerrrrA.rrrrre", "reerrrrA.rrrrre", "reer..rA.rrrrr."},
   {leads("T-038", {Unsynchronized, Synchronized}), leads("T-038", {Unsynchronized, Synchronized}),
    leads("T-038", {Unsynchronized, Synchronized}), leads("T-038", {Unsynchronized, Synchronized})}},
  {Event::ResetToSync,
   {"eeAreeeerererrr", "uuuuuuuu.uuuuuu", "uuuuuuuu.uuuuuu", "uuuu..uu.uuuuu."},
   {stays_or("T-041", {Unsynchronized}), kNone, kNone, kNone}},
  {Event::ResetToAsync,
   {"eeAreeeerererrr", "uuuuuuuu.uuuuuu", "uuuuuuuu.uuuuuu", "uuuu..uu.uuuuu."},
   {stays_or("T-042", {Unsynchronized}), kNone, kNone, kNone}},
  {Event::ReturnToResourcePool,
   {"uuuuuuuuuuuuuuu", "eeAeeeee.eeeree", "uuuuuuuu.uuuuuu", "uuuu..uu.uuuuu."},
   {kNone, leads("T-044", kGone), kNone, kNone}},
  {Event::ReverseRoles,
   {"rrereereerrrrrr", "uuuuuuuu.uuuuuu", "uuuuuuuu.uuuuuu", "uuuu..uu.uuuuu."},
   {stays_or("T-045", {Unsynchronized, Synchronized}), kNone, kNone, kNone}},
  {Event::Split,
   {"reAreeeerrrerre", "reereeee.rrerre", "reereeee.rrerre", "uuuu..uu.uuuuu."},
   {leads("T-031", {CopyState::Split}), leads("T-032", {CopyState::Split}), leads("T-032", {CopyState::Split}), kNone}},
  {Event::Suspend,
   {"eAArrreerererre", "eAerrree.ererre", "eAerrree.ererre", "eAer..ee.ererr."},
   {leads("T-039", {Suspended}), leads("T-040", {Suspended}), leads("T-040", {Suspended}), leads("T-040", {Suspended})}},
  {Event::Unprepare,
   {"erereeeereeerrr", "erereeee.eeerrr", "erereeee.eeerrr", "erer..ee.eeerr."},
   {leads("T-047", {Prepared, Initialized}), leads("T-047", {Prepared, Initialized}),
    leads("T-047", {Prepared, Initialized}), leads("T-047", {Prepared, Initialized})}},
  {Event::Prepare,
   {"erereeeereeerrr", "erereeee.eeerrr", "erereeee.eeerrr", "erer..ee.eeerr."},
   {leads("T-046", {Prepared}), leads("T-046", {Prepared}), leads("T-046", {Prepared}), leads("T-046", {Prepared})}},
  {Event::ResetToAdaptive,
   {"eeAreeeerererrr", "uuuuuuuu.uuuuuu", "uuuuuuuu.uuuuuu", "uuuu..uu.uuuuu."},
   {stays_or("T-043", {Unsynchronized}), kNone, kNone, kNone}},
}};

constexpr std::uint8_t kAll = 0b111111;
constexpr std::uint8_t kMirrorSync = 0b000001;
constexpr std::uint8_t kMirrorAdaptive = 0b000100;
constexpr std::uint8_t kMirrorLagging = 0b000110;
constexpr std::uint8_t kMirrors = 0b000111;
constexpr std::uint8_t kSnapshot = 0b001000;
constexpr std::uint8_t kSnapshotAndClone = 0b011000;
constexpr std::uint8_t kClones = 0b110000;
constexpr std::uint8_t kPointInTime = 0b111000;

constexpr PlaceSet kStart = PlaceSet::nowhere();
constexpr PlaceSet kDeterminate{Initialized, Unsynchronized, Synchronized, Broken, Fractured, Split,
                                Inactive, Suspended, Failedover, Prepared, Aborted, Skewed, Restored};
constexpr PlaceSet kEverything = kDeterminate | PlaceSet{Partitioned, Invalid};

constexpr std::array<EventFacts, 28> kEvents{{
  {Event::CreateUnspecified, "T-001", kAll, kStart, {Initialized, Unsynchronized, Synchronized, Inactive, Prepared}},
  {Event::CreateInitialized, "T-002", kAll, kStart, {Initialized}},
  {Event::CreateInactive, "T-003", kAll, kStart, {Inactive}},
  {Event::CreateUnsynchronized, "T-004", kAll, kStart, {Unsynchronized}},
  {Event::CreateSynchronized, "T-005", kAll, kStart, {Synchronized}},
  {Event::CreatePrepared, "T-006", kAll, kStart, {Prepared}},
  {Event::CreateFails, "T-007", kAll, kStart, PlaceSet{Broken, Aborted} | kGone},
  {Event::CopyStarts, "T-008", kAll, {Initialized}, {Unsynchronized}},
  {Event::WaitsForActivate, "T-009", kAll, {Initialized}, {Prepared, Inactive}},
  {Event::CopyFinishes, "T-010", kAll, {Unsynchronized}, {Synchronized}},
  {Event::NoDataToMove, "T-011", kSnapshot, {Initialized, Prepared}, {Synchronized}},
  {Event::SourceWritten, "T-012", kMirrorLagging, {Synchronized}, {Synchronized, Unsynchronized}},
  {Event::SourceWritten, "T-013", kMirrorSync, {Synchronized}, {Synchronized}},
  {Event::SkewExceeded, "T-014", kMirrorAdaptive, {Synchronized, Unsynchronized}, {Synchronized, Unsynchronized}},
  {Event::DetachesAutomatically, "T-015", kClones, {Synchronized}, kGone},
  {Event::TargetWritten, "T-016", kPointInTime, {Synchronized, Inactive}, {Skewed}, true},
  {Event::TargetWritten, "T-017", kMirrors, {Synchronized, Fractured, Split, Inactive, Aborted}, {Skewed}, true},
  {Event::ElementFails, "T-048", kAll, {Initialized, Unsynchronized, Synchronized, Inactive, Suspended, Prepared, Restored}, {Broken}},
  {Event::LinkLostSeparated, "T-049", kMirrors, {Fractured, Split, Failedover, Aborted, Skewed}, {Broken, Partitioned}, true},
  {Event::StateUndetermined, "T-050", kAll, kDeterminate, {Partitioned}},
  {Event::LinkBackElementUnknown, "T-051", kAll, {Partitioned, Broken}, {Invalid}},
  {Event::RepairedAutomatically, "T-052", kAll, {Broken}, {Unsynchronized, Synchronized}},
  {Event::RepairedManually, "T-053", kAll, {Broken}, {Suspended}},
  {Event::RepairedNoRecovery, "T-054", kAll, {Broken}, {Broken}},
  {Event::LinkBack, "T-055", kAll, {Partitioned}, kDeterminate | PlaceSet{Invalid}},
  {Event::ElementKnownAgain, "T-056", kAll, {Invalid}, {Unsynchronized, Synchronized, Broken, Suspended, Aborted}},
  {Event::SpaceExhausted, "T-057", kSnapshotAndClone, {Unsynchronized, Synchronized}, {Broken}},
  {Event::ArrayRestarts, "T-058", kAll, kDeterminate, {Unsynchronized, Broken, Partitioned, Invalid}, true},
}};
// clang-format on

constexpr EventFacts kProviderRestarts{
    Event::ProviderRestarts, "T-059", kAll, kEverything, PlaceSet{}, true};

constexpr auto kAllEvents = [] {
  std::array<EventFacts, kEvents.size() + 1> all{};
  for (std::size_t i = 0; i < kEvents.size(); ++i) all[i] = kEvents[i];
  all[kEvents.size()] = kProviderRestarts;
  return all;
}();

}  // namespace

Family family_of(MachineKind kind) noexcept {
  switch (kind) {
    case MachineKind::MirrorSync:
    case MachineKind::MirrorAsync:
    case MachineKind::MirrorAdaptive:
      return Family::Mirror;
    case MachineKind::Snapshot:
      return Family::Snapshot;
    case MachineKind::Clone:
      return Family::Clone;
    case MachineKind::TokenizedClone:
      break;
  }
  return Family::TokenizedClone;
}

const OperationFacts* operation_facts(Event event) noexcept {
  for (const OperationFacts& facts : kOperations) {
    if (facts.event == event) return &facts;
  }
  return nullptr;
}

std::span<const EventFacts> event_facts() noexcept { return kAllEvents; }

}  // namespace lockstep::model
