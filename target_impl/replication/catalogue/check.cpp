#include "target_impl/replication/catalogue/check.hpp"

#include "target_impl/replication/catalogue/names.hpp"
#include "target_impl/replication/devices.hpp"

#include <algorithm>
#include <set>

namespace lockstep::replication {
namespace {

Status expect(bool holds, const std::string& record, const char* expected) {
  if (holds) return ok();
  return config_error("\"" + record + "\": expected " + expected + ", found otherwise");
}

template <class Numbers, class Records>
bool all_in(const Numbers& numbers, const Records& records) {
  return std::all_of(numbers.begin(), numbers.end(),
                     [&](Id number) { return records.contains(number); });
}

template <class Records>
Status check_numbers(const Records& records, const std::string& keys, Id below) {
  for (const auto& [id, record] : records) {
    LOCKSTEP_TRY(
        expect(id != 0 && id < below, keys + std::to_string(id), "a number that was given out"));
  }
  return ok();
}

Status check_elements(const SavedWorld& world) {
  std::set<std::uint16_t> luns;
  std::set<std::string> device_ids;
  for (const auto& [id, element] : world.elements) {
    const std::string key = names::kElements + std::to_string(id);
    if (!element.peer_name.empty()) {
      const bool plain =
          !element.device_id.empty() &&
          element.device_id.find_first_not_of("0123456789abcdef") == std::string::npos &&
          device_ids.insert(element.device_id).second;
      LOCKSTEP_TRY(expect(plain, key, "the identifier of a logical unit of a peer"));
      continue;
    }
    const bool lun_is_free =
        element.lun > 0 && element.lun < scsi::kMaxLuns && luns.insert(element.lun).second;
    LOCKSTEP_TRY(expect(lun_is_free, key, "a LUN of 1 to 255 of its own"));
    const bool identifier = naa_identifier_of(element.device_id).has_value() &&
                            device_ids.insert(element.device_id).second;
    LOCKSTEP_TRY(expect(identifier, key, "a device identifier of its own"));
  }
  return ok();
}

bool is_as_large(const store::Image& image, const store::Volume& volume) {
  return image.blocks() == volume.blocks() && image.block_size() == volume.block_size();
}

Status check_pairs(const SavedWorld& world) {
  std::set<Id> targets;
  for (const auto& [id, pair] : world.pairs) {
    const std::string key = names::kPairs + std::to_string(id);
    const auto source = world.elements.find(pair.source);
    const auto target = world.elements.find(pair.target);
    const bool both = source != world.elements.end() && target != world.elements.end();
    LOCKSTEP_TRY(expect(both, key, "a source and a target that exist"));
    LOCKSTEP_TRY(expect(targets.insert(pair.target).second, key, "a target of no other pair"));
    const store::Volume& from = *source->second.volume;
    const store::Volume& to = *target->second.volume;
    const bool equal = from.blocks() == to.blocks() && from.block_size() == to.block_size();
    const bool images = is_as_large(pair.common.source, from) &&
                        is_as_large(pair.common.target, from) &&
                        (!pair.point_in_time || is_as_large(*pair.point_in_time, from));
    LOCKSTEP_TRY(expect(equal && images, key, "sides and images of one size"));
    const auto group = world.group_pairs.find(pair.group);
    const bool in_group = pair.group == 0 || (group != world.group_pairs.end() &&
                                              std::count(group->second.pairs.begin(),
                                                         group->second.pairs.end(), id) == 1);
    LOCKSTEP_TRY(expect(in_group, key, "a group relationship that has it"));
    LOCKSTEP_TRY(expect(!pair.token || pair.point_in_time, key, "a token of a point in time"));
  }
  for (const auto& [id, element] : world.elements) {
    LOCKSTEP_TRY(expect(element.peer_name.empty() || targets.contains(id),
                        names::kElements + std::to_string(id), "a pair that leads to its peer"));
  }
  for (const auto& [id, pair] : world.pairs) {
    LOCKSTEP_TRY(expect(!targets.contains(pair.source), names::kPairs + std::to_string(id),
                        "a source that is no replica"));
  }
  return ok();
}

Status check_groups(const SavedWorld& world) {
  for (const auto& [id, group] : world.groups) {
    LOCKSTEP_TRY(expect(all_in(group.members, world.elements), names::kGroups + std::to_string(id),
                        "members that exist"));
  }
  for (const auto& [id, group_pair] : world.group_pairs) {
    const std::string key = names::kGroupPairs + std::to_string(id);
    const bool ends = world.groups.contains(group_pair.source_group) &&
                      world.groups.contains(group_pair.target_group);
    LOCKSTEP_TRY(expect(ends, key, "groups that exist"));
    const bool members =
        !group_pair.pairs.empty() &&
        std::all_of(group_pair.pairs.begin(), group_pair.pairs.end(), [&, self = id](Id pair) {
          const auto found = world.pairs.find(pair);
          return found != world.pairs.end() && found->second.group == self;
        });
    LOCKSTEP_TRY(expect(members, key, "pairs that are its own"));
    constexpr std::uint64_t kLargestJournalBlocks = std::uint64_t{1} << 30;
    const bool journal =
        group_pair.journal_id.empty() ||
        (group_pair.journal_blocks != 0 && group_pair.journal_blocks <= kLargestJournalBlocks &&
         std::all_of(group_pair.pairs.begin(), group_pair.pairs.end(), [&](Id pair) {
           return !world.elements.at(world.pairs.at(pair).target).peer_name.empty();
         }));
    LOCKSTEP_TRY(expect(journal, key, "a journal on the peer to which its pairs lead"));
  }
  return ok();
}

Status check_copies(const SavedWorld& world) {
  std::set<Id> copied;
  for (const auto& [id, copy] : world.copies) {
    const std::string key = names::kCopies + std::to_string(id);
    const bool pairs = !copy.pairs.empty() && all_in(copy.pairs, world.pairs);
    LOCKSTEP_TRY(expect(pairs, key, "pairs that exist"));
    for (const Id pair : copy.pairs) {
      LOCKSTEP_TRY(expect(copied.insert(pair).second, key, "pairs of no other copy"));
      const bool startable =
          copy.purpose != Purpose::Epoch &&
          (copy.purpose != Purpose::PointInTime || world.pairs.at(pair).point_in_time.has_value());
      LOCKSTEP_TRY(expect(startable, key, "a copy that can begin again"));
    }
  }
  return ok();
}

Status check_jobs(const SavedWorld& world) {
  for (const auto& [id, job] : world.jobs) {
    const bool waits = job.state != JobState::Running ||
                       (!job.pending.empty() && all_in(job.pending, world.pairs));
    LOCKSTEP_TRY(expect(waits, names::kJobs + std::to_string(id), "pairs to wait for that exist"));
  }
  return ok();
}

}  // namespace

Status check(const SavedWorld& world) {
  const Id below = world.service.ids_below;
  LOCKSTEP_TRY(check_numbers(world.elements, names::kElements, below));
  LOCKSTEP_TRY(check_numbers(world.groups, names::kGroups, below));
  LOCKSTEP_TRY(check_numbers(world.pairs, names::kPairs, below));
  LOCKSTEP_TRY(check_numbers(world.group_pairs, names::kGroupPairs, below));
  LOCKSTEP_TRY(check_numbers(world.jobs, names::kJobs, below));
  LOCKSTEP_TRY(check_numbers(world.copies, names::kCopies, below));
  LOCKSTEP_TRY(check_elements(world));
  LOCKSTEP_TRY(check_pairs(world));
  LOCKSTEP_TRY(check_groups(world));
  LOCKSTEP_TRY(check_jobs(world));
  return check_copies(world);
}

}  // namespace lockstep::replication
