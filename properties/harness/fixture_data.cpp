// The fixture's dealings with bytes: stamped writes, unmaps, whole reads.
#include "properties/harness/fixture_parts.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <span>
#include <utility>

namespace lockstep::properties {
namespace {

std::string answer_text(const DataAnswer& answer) {
  if (answer.good()) return "good";
  return fmt::format("status {:02x}h, sense {:x}/{:02x}/{:02x}", answer.scsi_status,
                     answer.sense_key, answer.asc_ascq >> 8, answer.asc_ascq & 0xff);
}

}  // namespace

bool Fixture::holds_range(const ElementRef& element, std::uint64_t first,
                          std::uint64_t blocks) const {
  const ElementView* view = seen_->find(element);
  return view != nullptr && blocks > 0 && blocks <= view->blocks.value &&
         first <= view->blocks.value - blocks;
}

Result<Fixture::Written> Fixture::write_range(const ElementRef& element, std::uint64_t volume,
                                              std::uint64_t first, std::uint64_t blocks) {
  Written written{element, first, blocks, ++sequence_numbers_, {}, {}, {}};
  const auto bytes = static_cast<std::size_t>(blocks * kBlockBytes);
  const auto memory = std::make_unique_for_overwrite<std::byte[]>(bytes);
  const std::span data(memory.get(), bytes);
  for (std::uint64_t i = 0; i < blocks; ++i) {
    const auto block = data.subspan(static_cast<std::size_t>(i * kBlockBytes), kBlockBytes);
    model::write_stamp(block, model::Stamp{volume, first + i, written.sequence});
  }
  written.issued = now();
  LOCKSTEP_TRY(written.answer, provider_.data_path()->write(element, Lba{first}, data));
  written.answered = now();
  return written;
}

void Fixture::tell(const Written& written, bool raced, model::Findings& findings) {
  judge_.write_issued({written.element, Lba{written.first}, BlockCount{written.blocks},
                       written.sequence, written.issued});
  const model::Findings judged = judge_.write_answered(
      {written.element, written.sequence, written.answer.scsi_status, written.answered, raced});
  findings.insert(findings.end(), judged.begin(), judged.end());
}

// A write that leaves every CopyState as it was takes a transition, too (T-012, T-013, T-016,
// T-017); the judge sees no change.
void Fixture::count_host_write(const ElementRef& element, const Inventory& earlier) {
  if (tally_ == nullptr) return;
  for (const RelationshipView& view : seen_->relationships) {
    const RelationshipView* before = earlier.find(view.ref);
    if (before == nullptr) continue;
    if (std::ranges::find(faults_, FaultKind::SpaceExhausted, &Fault::kind) != faults_.end()) {
      tally_->passed(*before, view, machine::Event::SpaceExhausted);
    }
    if (view.source_element == element) {
      tally_->passed(*before, view, machine::Event::SourceWritten);
    } else if (view.target_element == element) {
      tally_->passed(*before, view, machine::Event::TargetWritten);
    }
  }
}

Result<Step> Fixture::write(const WriteBlocks& op) {
  Step step;
  step.shown.operation = to_text(Command(op));
  const ElementRef element = *bindings_.element(op.volume);
  const model::SharedInventory earlier = seen_;
  LOCKSTEP_TRY(auto written,
               write_range(element, judge_.volume_number(element), op.first, op.blocks));
  tell(written, false, step.findings);
  step.shown.answered =
      answer_text(written.answer) + " (write " + std::to_string(written.sequence) + ')';
  step.shown.expected = answer_text(written.answer);
  LOCKSTEP_TRY(auto findings, observe());
  count_host_write(element, *earlier);
  step.findings.insert(step.findings.end(), findings.begin(), findings.end());
  show_findings(step);
  return step;
}

Result<Step> Fixture::unmap(const UnmapBlocks& op) {
  Step step;
  step.shown.operation = to_text(Command(op));
  const ElementRef element = *bindings_.element(op.volume);
  const std::uint64_t sequence = ++sequence_numbers_;
  judge_.write_issued({element, Lba{op.first}, BlockCount{op.blocks}, sequence, now(), true});
  LOCKSTEP_TRY(auto answer,
               provider_.data_path()->unmap(element, Lba{op.first}, BlockCount{op.blocks}));
  step.findings = judge_.write_answered({element, sequence, answer.scsi_status, now()});
  step.shown.answered = answer_text(answer);
  step.shown.expected = step.shown.answered;
  LOCKSTEP_TRY(auto findings, observe());
  step.findings.insert(step.findings.end(), findings.begin(), findings.end());
  show_findings(step);
  return step;
}

Result<Step> Fixture::read(const ElementRef& element, const std::string& operation) {
  Step step;
  step.shown.operation = operation;
  step.shown.expected = "what the model holds";
  const ElementView* view = seen_->find(element);
  const std::span image =
      image_.of(static_cast<std::size_t>(view->blocks.value * view->block_size.bytes));
  const BlockSize block_size = view->block_size;
  const Instant issued = now();
  LOCKSTEP_TRY(auto answer, provider_.data_path()->read(element, Lba{0}, image));
  const Instant answered = now();
  step.shown.answered = answer_text(answer);
  if (answer.good()) {
    step.findings = judge_.read(element, block_size, image, model::Window{issued, answered});
  }
  show_findings(step);
  return step;
}

Result<Step> Fixture::read_group(const std::vector<ElementRef>& members,
                                 const std::string& operation) {
  Step step;
  step.shown.operation = operation;
  step.shown.expected = "what the model holds";
  std::vector<model::Judge::Image> images;
  BlockSize block_size;
  const Instant issued = now();
  for (const ElementRef& member : members) {
    const ElementView* view = seen_->find(member);
    if (view == nullptr) continue;
    block_size = view->block_size;
    const std::span image =
        image_.of(static_cast<std::size_t>(view->blocks.value * view->block_size.bytes));
    LOCKSTEP_TRY(auto answer, provider_.data_path()->read(member, Lba{0}, image));
    if (answer.good()) images.push_back({member, {image.begin(), image.end()}});
  }
  const Instant answered = now();
  step.shown.answered = std::to_string(images.size()) + " images";
  step.findings = judge_.read_group(std::move(images), block_size, model::Window{issued, answered});
  show_findings(step);
  return step;
}

}  // namespace lockstep::properties
