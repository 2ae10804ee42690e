// Which fields of each record are kept, in their order: one list for writing and for reading.
#pragma once

#include "target_impl/replication/catalogue/record_bytes.hpp"

#include <concepts>
#include <type_traits>

namespace lockstep::replication {

template <class Given, class Record>
concept Like = std::same_as<std::remove_const_t<Given>, Record>;

template <class Record>
inline constexpr char kKind = 0;
template <>
inline constexpr char kKind<ServiceRecord> = 'S';
template <>
inline constexpr char kKind<CopyRecord> = 'C';
template <>
inline constexpr char kKind<PeerRecord> = 'A';
template <>
inline constexpr char kKind<ElementRecord> = 'E';
template <>
inline constexpr char kKind<GroupRecord> = 'G';
template <>
inline constexpr char kKind<PairRecord> = 'P';
template <>
inline constexpr char kKind<GroupPairRecord> = 'R';
template <>
inline constexpr char kKind<JobRecord> = 'J';

template <class Visit, Like<TroubleSet> Set>
void visit_fields(Visit& visit, Set& set) {
  visit("everywhere", set.everywhere);
  visit("pairs", set.pairs);
}

template <class Visit, Like<ServiceRecord> Record>
void visit_fields(Visit& visit, Record& record) {
  visit("ids_below", record.ids_below);
  visit("link_lost", record.troubles.link_lost);
  visit("no_space", record.troubles.no_space);
  visit("held", record.troubles.held);
  visit("state_unknown", record.troubles.state_unknown);
  visit("element_unknown", record.troubles.element_unknown);
}

template <class Visit, Like<CopyRecord> Record>
void visit_fields(Visit& visit, Record& record) {
  visit("id", record.id);
  visit("purpose", record.purpose);
  visit("pairs", record.pairs);
}

template <class Visit, Like<PeerRecord> Record>
void visit_fields(Visit& visit, Record& record) {
  visit("name", record.name);
  visit("isid", record.claimant.isid);
  visit("key", record.claimant.key);
}

template <class Visit, Like<ElementRecord> Record>
void visit_fields(Visit& visit, Record& record) {
  visit("id", record.id);
  visit("name", record.name);
  visit("pool", record.pool);
  visit("setting", record.setting);
  visit("device_id", record.device_id);
  visit("lun", record.lun);
  visit("peer_name", record.peer_name);
  visit("peer_lun", record.peer_lun);
}

template <class Visit, Like<GroupRecord> Record>
void visit_fields(Visit& visit, Record& record) {
  visit("id", record.id);
  visit("name", record.name);
  visit("members", record.members);
  visit("persistent", record.persistent);
  visit("delete_on_empty_element", record.delete_on_empty_element);
  visit("delete_on_unassociated", record.delete_on_unassociated);
  visit("consistent_point_in_time", record.consistent_point_in_time);
}

template <class Visit, Like<Settings> Given>
void visit_fields(Visit& visit, Given& settings) {
  visit("copy_priority", settings.copy_priority);
  visit("copy_recovery_mode", settings.copy_recovery_mode);
  visit("copy_methodology", settings.copy_methodology);
  visit("read_only", settings.read_only);
  visit("failed_copy_stops_host_io", settings.failed_copy_stops_host_io);
  visit("consistent_point_in_time", settings.consistent_point_in_time);
  visit("on_error", settings.on_error);
  visit("unequal_lists", settings.unequal_lists);
  visit("unequal_groups", settings.unequal_groups);
  visit("supplier", settings.supplier);
  visit("recovery_point_objective", settings.recovery_point_objective);
}

template <class Visit, Like<PairRecord> Record>
void visit_fields(Visit& visit, Record& record) {
  visit("id", record.id);
  visit("source", record.source);
  visit("target", record.target);
  visit("sync_type", record.sync_type);
  visit("mode", record.mode);
  visit("copy_type", record.copy_type);
  visit("settings", record.settings);
  visit("name", record.name);
  visit("group", record.group);
  visit("state", record.state);
  visit("requested", record.requested);
  visit("progress", record.progress);
  visit("overlay", record.overlay);
  visit("cause", record.cause);
  visit("detach_when_done", record.detach_when_done);
  visit("lagging", record.lagging);
  visit("ends_idle", record.ends_idle);
  visit("forming", record.forming);
  visit("token", record.token);
  visit("cut", record.cut);
  visit("settled", record.settled);
  visit("target_leads", record.target_leads);
}

template <class Visit, Like<GroupPairRecord> Record>
void visit_fields(Visit& visit, Record& record) {
  visit("id", record.id);
  visit("name", record.name);
  visit("source_group", record.source_group);
  visit("target_group", record.target_group);
  visit("sync_type", record.sync_type);
  visit("mode", record.mode);
  visit("settings", record.settings);
  visit("consistency_enabled", record.consistency_enabled);
  visit("pairs", record.pairs);
  visit("journal_id", record.journal_id);
  visit("journal_lun", record.journal_lun);
  visit("journal_blocks", record.journal_blocks);
}

template <class Visit, Like<JobRecord> Record>
void visit_fields(Visit& visit, Record& record) {
  visit("id", record.id);
  visit("state", record.state);
  visit("percent", record.percent);
  visit("error_code", record.error_code);
  visit("error_text", record.error_text);
  visit("elements", record.elements);
  visit("relationships", record.relationships);
  visit("groups", record.groups);
  visit("pending", record.pending);
  visit("end_was_seen", record.end_was_seen);
  visit("incomplete", record.incomplete);
}

}  // namespace lockstep::replication
