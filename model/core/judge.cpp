#include "model/core/judge.hpp"

#include "model/core/allowed.hpp"
#include "model/core/bring_near.hpp"
#include "model/core/follow.hpp"
#include "model/core/judge_inside.hpp"

#include <algorithm>
#include <utility>

namespace lockstep::model {
namespace {

constexpr std::uint8_t kGood = 0x00;
constexpr std::uint8_t kCheckCondition = 0x02;

// A write to a volume that others are copied from must succeed, unless a relationship says that the
// source is held, read-only or not reachable.
bool source_must_take_writes(const World& world, const ElementRef& element) {
  if (world.in_trouble() || world.is_target(element) != Sure::No) return false;
  constexpr PlaceSet kMayRefuse{CopyState::Suspended,   CopyState::Failedover, CopyState::Broken,
                                CopyState::Partitioned, CopyState::Invalid,    CopyState::Restored};
  bool source = false;
  for (const RelationshipView* view : world.source_of(element)) {
    const Relation* relation = world.relation(view->ref);
    if (relation == nullptr || !relation->states.known() || world.worked_on(view->ref))
      return false;
    const auto read_only = relation->view->read_only;
    if (read_only == ReadOnly::SystemElement || read_only == ReadOnly::Both) return false;
    if (!(world.now(*relation).places() & kMayRefuse).empty()) return false;
    source = true;
  }
  return source;
}

// FailedCopyStopsHostIO is off and the copy has failed: writes to the source go on (DS-MS-05).
bool source_must_survive_trouble(const World& world, const ElementRef& element) {
  if (world.is_target(element) != Sure::No) return false;
  bool mirrored = false;
  for (const RelationshipView* view : world.source_of(element)) {
    const Relation* relation = world.relation(view->ref);
    if (relation == nullptr || relation->copy_state == CopyState::Suspended ||
        relation->copy_state == CopyState::Failedover) {
      return false;
    }
    if (relation->view->failed_copy_stops_host_io != false) return false;
    mirrored = mirrored || relation->view->sync_type == SyncType::Mirror;
  }
  return mirrored;
}

// Trouble of a group relationship is trouble of its pairs, and where a group is consistent, trouble
// of one pair is that of all (G-08).
bool shares_trouble(const World& world, const RelationshipView& view,
                    const RelationshipView& named) {
  if (world.is_member(view, named)) return true;
  return std::ranges::any_of(world.relations, [&](const Relation& relation) {
    const RelationshipView& group = *relation.view;
    return group.consistency_enabled != false && world.is_member(named, group) &&
           world.is_member(view, group);
  });
}

}  // namespace

Judge::Judge(Capabilities capabilities)
    : Judge(std::make_shared<const Capabilities>(std::move(capabilities))) {}
Judge::Judge(std::shared_ptr<const Capabilities> capabilities)
    : inside_(std::make_unique<Inside>(std::move(capabilities))) {}
Judge::~Judge() = default;
Judge::Judge(const Judge& other) : inside_(std::make_unique<Inside>(*other.inside_)) {}
Judge& Judge::operator=(const Judge& other) {
  if (this != &other) inside_ = std::make_unique<Inside>(*other.inside_);
  return *this;
}
Judge::Judge(Judge&&) noexcept = default;
Judge& Judge::operator=(Judge&&) noexcept = default;

void Judge::adopt(SharedInventory inventory) {
  adopt_inventory(inside_->world, inside_->content, std::move(inventory));
}

AllowedCodes Judge::allowed(const Request& request) const {
  return model::allowed(inside_->world, request);
}

Findings Judge::answered(const Request& request, const Answer& answer, const Window& window,
                         SharedInventory after) {
  BringNear::all_of(*after);
  Findings findings;
  Reporter reporter(findings);
  World& world = inside_->world;
  const Instant previous = inside_->looked;
  inside_->heard(window.answered);
  inside_->looked = inside_->latest;
  check_answer(reporter, world, request, answer, *after);
  const std::size_t tasks = world.tasks.size();
  start_task(world, request, answer, window);
  if (world.tasks.size() > tasks) expect_overwriting(inside_->content, world.tasks.back());
  Look look{world,           inside_->content, inside_->coverage, reporter, std::move(after),
            inside_->latest, previous};
  Refusal refused;
  const bool timed_out = !answer.cim_status && answer.code == ReturnCode::Timeout;
  if (!answer.accepted() && !timed_out) refused = {&request, &answer, window};
  follow(look, refused);
  return findings;
}

Findings Judge::observed(SharedInventory inventory, Instant at) {
  BringNear::all_of(*inventory);
  Findings findings;
  const Instant previous = inside_->looked;
  inside_->heard(at);
  inside_->looked = inside_->latest;
  World& world = inside_->world;
  Look look{world,
            inside_->content,
            inside_->coverage,
            Reporter(findings),
            std::move(inventory),
            inside_->latest,
            previous};
  follow(look, Refusal{});
  return findings;
}

void Judge::disturbed(Disturbance kind, const std::optional<RelationshipRef>& relationship,
                      const Window& window) {
  inside_->heard(window.answered);
  World& world = inside_->world;
  const auto change = [&](int& count) {
    if (kind == Disturbance::Fault) ++count;
    if (kind == Disturbance::Repair && count > 0) --count;
  };
  if (!relationship) change(world.faults_everywhere);
  if (kind == Disturbance::Restart) world.restarted = true;
  const Relation* const named = relationship ? world.relation(*relationship) : nullptr;
  for (Relation& relation : world.relations) {
    const RelationshipRef& ref = relation.ref();
    const bool touched = !relationship || *relationship == ref ||
                         (named != nullptr && shares_trouble(world, *relation.view, *named->view));
    if (!touched) continue;
    relation.at_rest = false;
    if (relationship) change(relation.faults);
    // Until the next look nobody knows what has shown its effect already.
    relation.trouble.faults = relation.trouble.faults || kind != Disturbance::Restart;
    relation.trouble.repairs = relation.trouble.repairs || kind != Disturbance::Fault;
    relation.trouble.restarts = relation.trouble.restarts || kind == Disturbance::Restart;
    if (kind != Disturbance::Restart) inside_->content.disturb(ref, window.issued);
  }
}

void Judge::quiesced(Instant at) {
  inside_->heard(at);
  for (const Relation& relation : inside_->world.relations) {
    const RelationshipRef& ref = relation.ref();
    const bool follows = relation.view->sync_type == SyncType::Mirror &&
                         relation.copy_state == CopyState::Synchronized;
    const Trouble trouble = inside_->world.trouble_of(relation);
    if (follows && !trouble.faults && !inside_->world.worked_on(ref)) {
      inside_->content.settled(ref, at);
    }
  }
}

void Judge::write_issued(const ElementRef& element, Lba first, BlockCount count,
                         std::uint64_t sequence, Instant at) {
  inside_->heard(at);
  inside_->world.note_write(element);
  inside_->content.write_issued(element, first, count, sequence, false, at);
}

void Judge::unmap_issued(const ElementRef& element, Lba first, BlockCount count,
                         std::uint64_t sequence, Instant at) {
  inside_->heard(at);
  inside_->world.note_write(element);
  inside_->content.write_issued(element, first, count, sequence, true, at);
}

Findings Judge::write_answered(const ElementRef& element, std::uint64_t sequence,
                               std::uint8_t scsi_status, Instant at) {
  Findings findings;
  Reporter report(findings);
  inside_->heard(at);
  inside_->content.write_answered(element, sequence, scsi_status == kGood, at);
  if (scsi_status != kCheckCondition) return findings;
  const World& world = inside_->world;
  const std::string subject = subject_of(element) + ", write " + std::to_string(sequence);
  if (world.in_trouble()) {
    if (source_must_survive_trouble(world, element)) {
      report.breach("DS-MS-05", subject,
                    "success: FailedCopyStopsHostIO is false, so the source goes on",
                    "CHECK CONDITION");
    }
  } else if (source_must_take_writes(world, element)) {
    // The sense data are not known here; a unit attention is no refusal.
    report.warn("DS-SN-11", subject, "success: no relationship holds its source",
                "CHECK CONDITION");
  }
  return findings;
}

Findings Judge::read(const ElementRef& element, Lba first, BlockSize block_size,
                     std::span<const std::byte> data, const Window& window) {
  Findings findings;
  inside_->heard(window.answered);
  inside_->content.read(element, first, block_size, data, window, findings);
  return findings;
}

std::uint64_t Judge::volume_number(const ElementRef& element) {
  return inside_->content.number_of(element);
}

std::set<Judge::Coverage> Judge::coverage() const { return inside_->coverage.entries(); }

}  // namespace lockstep::model
