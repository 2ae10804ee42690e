// Several images judged together: the members of a consistent group share one cut.
#include "model/core/content_reader.hpp"
#include "model/core/follow.hpp"
#include "model/core/judge_inside.hpp"

#include <algorithm>
#include <map>

namespace lockstep::model {
namespace {

// The rule under which the targets of a group hold one common cut; empty: no such promise.
std::string_view promise_of(const World& world, const RelationshipView& group) {
  const bool point_in_time = group.sync_type == SyncType::Snapshot ||
                             group.sync_type == SyncType::Clone ||
                             group.sync_type == SyncType::TokenizedClone;
  if (point_in_time) {
    const GroupView* targets =
        group.target_group ? world.inventory().find(*group.target_group) : nullptr;
    const bool common = targets != nullptr && targets->consistent_point_in_time;
    const bool taken = group.copy_state == CopyState::Synchronized;
    return common && taken ? "DS-GR-05" : "";
  }
  if (group.consistency_enabled != true) return "";
  if (group.copy_state == CopyState::Split) return "DS-GR-07";
  // An asynchronous mirror moves on between the reads of its images unless it is separated.
  const bool stands =
      group.copy_state == CopyState::Synchronized && group.mode == Mode::Synchronous;
  return stands ? "DS-GR-01" : "";
}

// When all the images may have been taken, and which blocks leave no more room.
struct CommonCut {
  Span span;
  std::string newest = "?";
  std::string oldest = "?";

  void narrow(Span more, const std::string& where) {
    if (span.low < more.low) {
      span.low = more.low;
      newest = where;
    }
    if (more.high < span.high) {
      span.high = more.high;
      oldest = where;
    }
  }
};

}  // namespace

void Content::common_cut(const std::vector<Member>& members, BlockSize block_size,
                         const Window& window, std::string_view clause, const std::string& subject,
                         Findings& out) {
  const ContentReader reader(*this);
  const Span within{window.issued, window.answered};
  // Members that were separated, or given a point in time, by different calls owe one another
  // nothing: by when their calls were made.
  std::map<Instant, CommonCut> cuts;
  for (const Member& member : members) {
    const VolumeNumber number = numbers_.find(member.element);
    const VolumeContent* volume = find(number);
    if (volume == nullptr || volume->epochs.empty()) continue;
    const Epoch& epoch = reader.epoch_at(*volume, window.answered);
    const VolumeContent* source = find(epoch.source);
    if (source == nullptr || epoch.or_before || epoch.kind == Epoch::Kind::Unknown) continue;
    CommonCut& cut = cuts[epoch.live ? kEver : epoch.begins.low];
    const std::size_t blocks = member.bytes.size() / block_size.bytes;
    for (std::size_t i = 0; i < blocks && i < source->blocks; ++i) {
      const auto bytes = member.bytes.subspan(i * block_size.bytes, block_size.bytes);
      const BlockValue value = value_of(read_stamp(bytes));
      if (!reader.held_by_host(*volume, i, number, value, within).empty()) continue;
      const Span there = reader.held(epoch.source, i, value, Span{});
      if (there.empty()) continue;  // a block that cannot be at all is reported by itself
      cut.narrow(there, member.element.path + " LBA " + std::to_string(i));
    }
  }
  for (const auto& [called, cut] : cuts) {
    if (!cut.span.empty()) continue;
    Reporter(out).breach(clause, subject, "one common cut over all its sources",
                         cut.newest + " is newer than " + cut.oldest + " can be");
  }
}

Findings Judge::read_group(const std::vector<Image>& images, BlockSize block_size,
                           const Window& window) {
  Findings findings;
  if (block_size.bytes == 0) return findings;
  inside_->heard(window.answered);
  for (const Image& image : images) {
    inside_->content.read(image.element, Lba{0}, block_size, image.bytes, window, findings);
  }
  const World& world = inside_->world;
  for (const RelationshipView& group : world.inventory().relationships) {
    if (group.relationship_class != RelationshipClass::GroupSynchronized) continue;
    const std::string_view clause = promise_of(world, group);
    const GroupView* targets =
        group.target_group ? world.inventory().find(*group.target_group) : nullptr;
    if (clause.empty() || targets == nullptr || world.worked_on(group.ref)) continue;
    std::vector<Content::Member> members;
    for (const Image& image : images) {
      const bool member =
          std::ranges::find(targets->members, image.element) != targets->members.end();
      if (member) members.push_back({image.element, image.bytes});
    }
    if (members.size() > 1) {
      inside_->content.common_cut(members, block_size, window, clause, subject_of(group), findings);
    }
  }
  return findings;
}

}  // namespace lockstep::model
