// Goal: what the catalogue writes is read back as it was, and no other bytes are read as a record.
// Method: every field of each record set to something of its own; every shorter piece of what that
// gives, every longer one, and every value of every byte at each place.
#include "target_impl/replication/catalogue/record_bytes.hpp"

#include <gtest/gtest.h>

namespace lockstep::replication {
namespace {

Settings odd_settings() {
  Settings settings;
  settings.copy_priority = CopyPriority::Urgent;
  settings.copy_recovery_mode = CopyRecoveryMode::Manual;
  settings.copy_methodology = CopyMethodology::IncrementalCopy;
  settings.read_only = ReadOnly::Both;
  settings.failed_copy_stops_host_io = true;
  settings.consistent_point_in_time = true;
  settings.on_error = OnError::Continue;
  settings.unequal_lists = UnequalAction::SourceMayBeLarger;
  settings.unequal_groups = UnequalAction::TargetMayBeLarger;
  settings.supplier = TargetElementSupplier::CreateNew;
  settings.recovery_point_objective = 77;
  return settings;
}

PairRecord a_pair() {
  PairRecord pair;
  pair.id = 1'000'000'007;
  pair.source = 3;
  pair.target = 4;
  pair.sync_type = SyncType::TokenizedClone;
  pair.mode = Mode::Adaptive;
  pair.copy_type = CopyType::UnSyncAssoc;
  pair.settings = odd_settings();
  pair.name = "a name";
  pair.group = 9;
  pair.state = CopyState::Broken;
  pair.requested = CopyState::Synchronized;
  pair.progress = ProgressStatus::Resyncing;
  pair.overlay = Overlay::Invalid;
  pair.cause = BreakCause::Space;
  pair.detach_when_done = true;
  pair.lagging = true;
  pair.token.emplace().fill(0xAB);
  pair.cut = 12;
  pair.settled = 1ULL << 40;
  pair.target_leads = true;
  return pair;
}

ElementRecord an_element() {
  ElementRecord element;
  element.id = 5;
  element.name = "volume";
  element.pool = {"pool"};
  element.setting = SettingRef{"setting"};
  element.device_id = "6";
  element.lun = 300;
  element.peer_name = "far";
  element.peer_lun = 301;
  return element;
}

PeerRecord a_peer() { return {"far", {0x123456789ABC, 0xFEDCBA9876543210}}; }

GroupRecord a_group() {
  GroupRecord group;
  group.id = 6;
  group.name = "group";
  group.members = {9, 7, 8};
  group.persistent = false;
  group.delete_on_empty_element = true;
  group.delete_on_unassociated = true;
  group.consistent_point_in_time = true;
  return group;
}

GroupPairRecord a_group_pair() {
  GroupPairRecord record;
  record.id = 10;
  record.name = "both";
  record.source_group = 11;
  record.target_group = 12;
  record.sync_type = SyncType::Clone;
  record.mode = Mode::Asynchronous;
  record.settings = odd_settings();
  record.consistency_enabled = true;
  record.pairs = {2, 1};
  record.journal_id = "6a";
  record.journal_lun = 9;
  record.journal_blocks = 1ULL << 33;
  return record;
}

JobRecord a_job() {
  JobRecord job;
  job.id = 13;
  job.state = JobState::Exception;
  job.percent = 99;
  job.error_code = 4;
  job.error_text = "why";
  job.elements = {{"e1"}, {"e2"}};
  job.relationships = {{"r"}};
  job.groups = {{"g"}};
  job.pending = {1, 5};
  job.incomplete = true;
  return job;
}

CopyRecord a_copy() { return {14, Purpose::Failback, {3, 2}}; }

ServiceRecord a_service() {
  ServiceRecord service;
  service.ids_below = 4097;
  service.troubles.link_lost.everywhere = true;
  service.troubles.no_space.pairs = {1};
  service.troubles.held.pairs = {2, 3};
  service.troubles.state_unknown.pairs = {4};
  service.troubles.element_unknown.everywhere = true;
  return service;
}

// A record that differs from a fresh one in every field is the same after a round trip only if
// every field made it.
template <class Record>
void expect_round_trip(const Record& record) {
  const RecordBytes bytes = encode(record);
  const auto decoded = decode<Record>(bytes);
  ASSERT_TRUE(decoded) << decoded.error().message;
  EXPECT_EQ(encode(decoded.value()), bytes);
}

template <class Record>
void expect_nothing_else(const Record& record) {
  const RecordBytes whole = encode(record);
  for (std::size_t length = 0; length != whole.size(); ++length) {
    EXPECT_FALSE(decode<Record>(std::span(whole).first(length))) << length << " bytes";
  }
  RecordBytes longer = whole;
  longer.push_back({});
  EXPECT_FALSE(decode<Record>(longer));
  // Any byte may be any other: refused, or a record that is written as just these bytes.
  for (std::size_t at = 0; at != whole.size(); ++at) {
    RecordBytes changed = whole;
    for (unsigned value = 0; value != 256; ++value) {
      changed[at] = static_cast<std::byte>(value);
      const auto decoded = decode<Record>(changed);
      if (decoded) {
        EXPECT_EQ(encode(decoded.value()), changed) << "byte " << at;
      }
    }
  }
}

TEST(RecordBytes, EveryRecordIsReadBackAsItWas) {
  expect_round_trip(a_service());
  expect_round_trip(a_copy());
  expect_round_trip(a_peer());
  expect_round_trip(an_element());
  expect_round_trip(a_group());
  expect_round_trip(a_pair());
  expect_round_trip(a_group_pair());
  expect_round_trip(a_job());
}

TEST(RecordBytes, EveryFieldOfAPairIsKept) {
  const PairRecord pair = decode<PairRecord>(encode(a_pair())).value();
  EXPECT_EQ(pair.id, 1'000'000'007U);
  EXPECT_EQ(pair.source, 3U);
  EXPECT_EQ(pair.target, 4U);
  EXPECT_EQ(pair.sync_type, SyncType::TokenizedClone);
  EXPECT_EQ(pair.mode, Mode::Adaptive);
  EXPECT_EQ(pair.copy_type, CopyType::UnSyncAssoc);
  EXPECT_EQ(pair.settings.copy_recovery_mode, CopyRecoveryMode::Manual);
  EXPECT_EQ(pair.settings.recovery_point_objective, 77U);
  EXPECT_EQ(pair.name, "a name");
  EXPECT_EQ(pair.group, 9U);
  EXPECT_EQ(pair.state, CopyState::Broken);
  EXPECT_EQ(pair.requested, CopyState::Synchronized);
  EXPECT_EQ(pair.progress, ProgressStatus::Resyncing);
  EXPECT_EQ(pair.overlay, Overlay::Invalid);
  EXPECT_EQ(pair.cause, BreakCause::Space);
  EXPECT_TRUE(pair.detach_when_done);
  EXPECT_TRUE(pair.lagging);
  EXPECT_EQ(pair.token, a_pair().token);
  EXPECT_EQ(pair.cut, 12U);
  EXPECT_EQ(pair.settled, 1ULL << 40);
  EXPECT_TRUE(pair.target_leads);
}

TEST(RecordBytes, NothingElseIsARecord) {
  expect_nothing_else(a_service());
  expect_nothing_else(a_copy());
  expect_nothing_else(a_peer());
  expect_nothing_else(an_element());
  expect_nothing_else(a_group());
  expect_nothing_else(a_pair());
  expect_nothing_else(a_group_pair());
  expect_nothing_else(a_job());
}

TEST(RecordBytes, RefusalsNameTheField) {
  RecordBytes bytes = encode(a_copy());
  bytes[9] = std::byte{77};
  EXPECT_EQ(decode<CopyRecord>(bytes).error().message,
            "purpose: expected a value that is defined, found 77");
  bytes = encode(a_copy());
  bytes[12] = std::byte{0xFF};
  EXPECT_EQ(decode<CopyRecord>(bytes).error().message,
            "pairs: expected a length of at most 4096, found 16711682");
  EXPECT_EQ(decode<PairRecord>(encode(a_job())).error().message, "kind: expected 'P', found 74");
  EXPECT_EQ(decode<PairRecord>({}).error().message, "kind: expected 'P', found nothing");
}

}  // namespace
}  // namespace lockstep::replication
