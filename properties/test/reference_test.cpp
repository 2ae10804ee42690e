// Goal: the real reference, with its target, copy engine and worker threads, survives a short
// lockstep run; under the sanitizers this is where they meet. Method: what fits into six seconds,
// over real iSCSI. What is told of faults is compared with what was done.
#include "properties/harness/check.hpp"
#include "properties/harness/fixture.hpp"
#include "properties/test/reference_provider.hpp"
#include "reports/record/record.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <utility>
#include <vector>

namespace lockstep::properties {
namespace {

using test::reference;

// What the judge was told of faults and repairs: of all, or of one relationship.
std::vector<std::pair<model::Disturbance, bool>> told_by(const Sequence& sequence) {
  const auto provider = reference();
  EXPECT_TRUE(provider);
  const auto capabilities = provider.value()->capabilities();
  EXPECT_TRUE(capabilities);
  std::uint64_t sequence_numbers = 0;
  History history;
  Fixture fixture(*provider.value(), std::make_shared<const Capabilities>(capabilities.value()),
                  sequence_numbers, nullptr, &history);
  const Trace trace = fixture.run(sequence);
  EXPECT_FALSE(trace.violation.has_value());
  EXPECT_EQ(trace.carried_out, sequence.size());
  std::vector<std::pair<model::Disturbance, bool>> told;
  for (const History::Entry& entry : history.entries) {
    const auto* disturbed = std::get_if<History::Disturbed>(&entry);
    if (disturbed != nullptr) {
      told.emplace_back(disturbed->kind, !disturbed->relationship.has_value());
    }
  }
  return told;
}

// The judge counts faults without their kinds, so a repair must not undo another fault than its
// own.
TEST(Reference, HasItsRepairsToldAsWideAsTheFaultsThatTheyUndo) {
  using model::Disturbance;
  const Handle volume{HandleKind::Volume, 1};
  const Handle pair{HandleKind::Relationship, 1};
  CreateVolume create;
  create.made = volume;
  Replicate mirror;
  mirror.sources = {volume};
  mirror.sync_type = static_cast<std::uint16_t>(SyncType::Mirror);
  mirror.mode = static_cast<std::uint16_t>(Mode::Synchronous);
  mirror.made_relationships = {pair};
  mirror.made_volumes = {Handle{HandleKind::Volume, 2}};
  const std::pair one_fault{Disturbance::Fault, false};
  const std::pair all_fault{Disturbance::Fault, true};
  const std::pair one_repair{Disturbance::Repair, false};
  const std::pair all_repair{Disturbance::Repair, true};
  EXPECT_EQ(told_by({create, mirror, Disturb{FaultKind::CopyHeld, pair},
                     Disturb{FaultKind::SpaceExhausted, std::nullopt},
                     Disturb{FaultKind::CopyReleased, std::nullopt}}),
            (std::vector{one_fault, all_fault, one_repair, all_repair}));
  // What another cause may have broken is repaired without a fault of ours.
  EXPECT_EQ(told_by({create, mirror, Disturb{FaultKind::SpaceExhausted, std::nullopt},
                     Disturb{FaultKind::LinkRestored, pair}}),
            (std::vector{all_fault, one_fault, one_repair, all_repair}));
}

TEST(Reference, SurvivesAShortLockstepRun) {
  CheckOptions options;
  options.provider_spec = "reference";
  options.seed = 20261121;
  options.budget = std::chrono::seconds(6);
  options.max_sequences = 300;
  const auto report = check(reference, options);
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_GT(report.value().coverage.sequences, 5U);
  for (const report::CaseRecord& record : report.value().properties) {
    EXPECT_FALSE(report::is_bad(record.verdict)) << report.value().failure_text;
  }
}

}  // namespace
}  // namespace lockstep::properties
