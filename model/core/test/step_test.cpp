#include "model/core/step.hpp"

#include "model/core/closure.hpp"
#include "model/core/state_set.hpp"
#include "model/vocab/names.hpp"

#include <gtest/gtest.h>

#include <array>
#include <map>

namespace lockstep::model {
namespace {

using enum CopyState;

constexpr std::array kKinds{MachineKind::MirrorSync,     MachineKind::MirrorAsync,
                            MachineKind::MirrorAdaptive, MachineKind::Snapshot,
                            MachineKind::Clone,          MachineKind::TokenizedClone};

constexpr PlaceSet kGone = PlaceSet::nowhere();
constexpr PlaceSet kAlmostAll{Initialized, Unsynchronized, Synchronized, Broken,   Fractured,
                              Split,       Inactive,       Suspended,    Prepared, Aborted,
                              Skewed,      Partitioned,    Invalid,      Restored};

// closure(W) as the specification's digest of the transition table has it; the closures here are
// computed, so both must come to the same.
struct ClosureFact {
  MachineKind kind;
  CopyState from;
  PlaceSet no_fault;
};
const ClosureFact kClosures[] = {
    {MachineKind::MirrorSync,
     Initialized,
     {Initialized, Unsynchronized, Synchronized, Inactive, Prepared, Skewed}},
    {MachineKind::MirrorSync, Unsynchronized, {Unsynchronized, Synchronized, Skewed}},
    {MachineKind::MirrorSync, Synchronized, {Synchronized, Skewed}},
    {MachineKind::MirrorSync, Inactive, {Inactive, Skewed}},
    {MachineKind::MirrorSync, Prepared, {Prepared}},
    {MachineKind::MirrorSync, Fractured, {Fractured, Skewed}},
    {MachineKind::MirrorSync, Split, {Split, Skewed}},
    {MachineKind::MirrorSync, Suspended, {Suspended}},
    {MachineKind::MirrorSync, Failedover, {Failedover}},
    {MachineKind::MirrorSync, Aborted, {Aborted, Skewed}},
    {MachineKind::MirrorAsync,
     Initialized,
     {Initialized, Unsynchronized, Synchronized, Inactive, Prepared, Skewed}},
    {MachineKind::MirrorAsync, Unsynchronized, {Unsynchronized, Synchronized, Skewed}},
    {MachineKind::MirrorAsync, Synchronized, {Unsynchronized, Synchronized, Skewed}},
    {MachineKind::MirrorAsync, Inactive, {Inactive, Skewed}},
    {MachineKind::MirrorAsync, Prepared, {Prepared}},
    {MachineKind::MirrorAdaptive, Synchronized, {Unsynchronized, Synchronized, Skewed}},
    {MachineKind::MirrorAdaptive, Prepared, {Prepared}},
    {MachineKind::Snapshot,
     Initialized,
     {Initialized, Unsynchronized, Synchronized, Inactive, Prepared, Skewed}},
    {MachineKind::Snapshot, Unsynchronized, {Unsynchronized, Synchronized, Skewed}},
    {MachineKind::Snapshot, Synchronized, {Synchronized, Skewed}},
    {MachineKind::Snapshot, Inactive, {Inactive, Skewed}},
    {MachineKind::Snapshot, Prepared, {Synchronized, Prepared, Skewed}},
    {MachineKind::Snapshot, Fractured, {Fractured}},
    {MachineKind::Snapshot, Split, {Split}},
    {MachineKind::Snapshot, Suspended, {Suspended}},
    {MachineKind::Snapshot, Aborted, {Aborted}},
    {MachineKind::Clone, Initialized,
     PlaceSet{Initialized, Unsynchronized, Synchronized, Inactive, Prepared, Skewed} | kGone},
    {MachineKind::Clone, Unsynchronized, PlaceSet{Unsynchronized, Synchronized, Skewed} | kGone},
    {MachineKind::Clone, Synchronized, PlaceSet{Synchronized, Skewed} | kGone},
    {MachineKind::Clone, Inactive, {Inactive, Skewed}},
    {MachineKind::Clone, Prepared, {Prepared}},
    {MachineKind::Clone, Fractured, {Fractured}},
    {MachineKind::Clone, Aborted, {Aborted}},
    {MachineKind::TokenizedClone, Initialized,
     PlaceSet{Initialized, Unsynchronized, Synchronized, Inactive, Prepared, Skewed} | kGone},
    {MachineKind::TokenizedClone, Synchronized, PlaceSet{Synchronized, Skewed} | kGone},
    {MachineKind::TokenizedClone, Inactive, {Inactive, Skewed}},
    {MachineKind::TokenizedClone, Prepared, {Prepared}},
};

TEST(Closure, AgreesWithTheSpecificationWithoutFaults) {
  for (const ClosureFact& fact : kClosures) {
    EXPECT_EQ(closure(fact.kind, {fact.from}, kNoTrouble), fact.no_fault)
        << to_text(fact.kind) << " from " << text_of(Place(fact.from)) << ": "
        << text_of(closure(fact.kind, {fact.from}, kNoTrouble));
  }
}

TEST(Closure, AgreesWithTheSpecificationWithFaults) {
  const std::map<MachineKind, PlaceSet> wanted{
      {MachineKind::MirrorSync, kAlmostAll | PlaceSet{Failedover}},
      {MachineKind::MirrorAsync, kAlmostAll | PlaceSet{Failedover}},
      {MachineKind::MirrorAdaptive, kAlmostAll | PlaceSet{Failedover}},
      {MachineKind::Snapshot, kAlmostAll},
      {MachineKind::Clone, kAlmostAll | kGone},
      {MachineKind::TokenizedClone, (kAlmostAll - PlaceSet{Fractured, Split, Restored}) | kGone},
  };
  for (const auto& [kind, places] : wanted) {
    for (const CopyState from : {Initialized, Unsynchronized, Synchronized, Inactive, Prepared}) {
      EXPECT_EQ(closure(kind, {from}, kAnyTrouble), places)
          << to_text(kind) << " from " << text_of(Place(from));
    }
  }
}

TEST(Closure, KeepsTheAssociationWithoutAutomaticDetach) {
  Trouble trouble;
  trouble.automatic_detach = false;
  EXPECT_FALSE(closure(MachineKind::Clone, {Unsynchronized}, trouble).contains(std::nullopt));
}

TEST(Closure, OfSeveralPlacesIsThatOfEachTogether) {
  for (const MachineKind kind : kKinds) {
    for (const bool any : {false, true}) {
      const Trouble& trouble = any ? kAnyTrouble : kNoTrouble;
      PlaceSet::all().for_each([&](Place one) {
        PlaceSet::all().for_each([&](Place other) {
          const PlaceSet both = closure(kind, PlaceSet::of(one), trouble) |
                                closure(kind, PlaceSet::of(other), trouble);
          EXPECT_EQ(closure(kind, PlaceSet::of(one) | PlaceSet::of(other), trouble), both)
              << to_text(kind) << " from " << text_of(one) << ", " << text_of(other);
        });
      });
    }
  }
}

TEST(Step, AnswersEveryCombination) {
  for (const MachineKind kind : kKinds) {
    for (int number = 0; number <= 18; ++number) {
      const Place from = number < 2 ? Place{} : Place{static_cast<CopyState>(number)};
      for (int event = 0; event <= static_cast<int>(Event::ElementKnownAgain); ++event) {
        const StepVerdict verdict = step(kind, from, static_cast<Event>(event));
        const bool happens = verdict.reaction == Reaction::Accept ||
                             verdict.reaction == Reaction::Either ||
                             verdict.reaction == Reaction::Happens;
        EXPECT_EQ(happens, !verdict.next.empty());
        for (const Place to : verdict.next) {
          EXPECT_TRUE(!to || states_of(kind).contains(to)) << text_of(to);
          EXPECT_FALSE(transition_id(kind, from, static_cast<Event>(event), to).empty());
        }
        if (from && !states_of(kind).contains(from)) {
          EXPECT_FALSE(happens);
        }
      }
    }
  }
}

TEST(Step, KnowsTheMatrixCornerCases) {
  EXPECT_EQ(step(MachineKind::MirrorSync, Place(Fractured), Event::ResyncReplica).reaction,
            Reaction::Accept);
  EXPECT_EQ(step(MachineKind::MirrorSync, Place(Failedover), Event::Fracture).reaction,
            Reaction::Refuse);
  EXPECT_EQ(step(MachineKind::Snapshot, Place(Synchronized), Event::Failover).reaction,
            Reaction::Unsupported);
  EXPECT_EQ(step(MachineKind::MirrorSync, Place(Synchronized), Event::CopyFinishes).reaction,
            Reaction::Impossible);
  const auto halted = step(MachineKind::Clone, Place(Unsynchronized), Event::Abort);
  EXPECT_TRUE(halted.next.contains(Place{})) << "T-019";
}

TEST(StateSet, ForksOnAModeThatIsNotShown) {
  const StateSet set = StateSet::of(SyncType::Mirror, std::nullopt, {Synchronized});
  int kinds = 0;
  set.for_each_kind([&](MachineKind, PlaceSet) { ++kinds; });
  EXPECT_EQ(kinds, 3);
  EXPECT_FALSE(set.single_kind());
}

TEST(StateSet, FiltersAndRefusesTheImpossible) {
  StateSet set = StateSet::of(SyncType::Mirror, Mode::Synchronous, {Unsynchronized});
  set.drift(kNoTrouble);
  EXPECT_FALSE(set.filter({Fractured}));
  EXPECT_TRUE(set.filter({Synchronized}));
  EXPECT_EQ(set.places(), PlaceSet{Synchronized});
}

TEST(StateSet, RunsAnotherMachineAsItsModeIsReset) {
  StateSet set = StateSet::of(SyncType::Mirror, Mode::Asynchronous, {Synchronized});
  EXPECT_EQ(set.single_kind(), MachineKind::MirrorAsync);
  set.operate(Event::ResetToSync);
  EXPECT_FALSE(set.single_kind());
  EXPECT_FALSE(set.places(MachineKind::MirrorSync).empty());
  set.show_kind(SyncType::Mirror, Mode::Synchronous);
  EXPECT_EQ(set.single_kind(), MachineKind::MirrorSync);
  EXPECT_TRUE(set.places(MachineKind::MirrorAsync).empty());
}

TEST(StateSet, TakesOverAnotherKindAtTheSamePlaces) {
  StateSet set = StateSet::of(SyncType::Snapshot, std::nullopt, {Synchronized, Fractured});
  set.show_kind(SyncType::Clone, std::nullopt);
  EXPECT_EQ(set.single_kind(), MachineKind::Clone);
  EXPECT_EQ(set.places(), (PlaceSet{Synchronized, Fractured}));
  set.reset({});
  EXPECT_TRUE(set.empty());
  EXPECT_FALSE(set.single_kind());
}

TEST(StateSet, KnowsNothingOfVendorKinds) {
  EXPECT_FALSE(StateSet::of(static_cast<SyncType>(0x8000), std::nullopt, {Synchronized}).known());
}

}  // namespace
}  // namespace lockstep::model
