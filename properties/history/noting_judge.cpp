#include "properties/history/noting_judge.hpp"

#include "properties/history/tell.hpp"

#include <utility>

namespace lockstep::properties {

NotingJudge::NotingJudge(std::shared_ptr<const Capabilities> capabilities, History* history)
    : judge_(capabilities), history_(history) {
  if (history_ != nullptr) *history_ = History{std::move(capabilities), {}};
}

model::Findings NotingJudge::tell(History::Entry entry) {
  model::Findings findings = std::visit(Tell{judge_}, entry);
  if (history_ != nullptr) history_->entries.push_back(std::move(entry));
  return findings;
}

void NotingJudge::adopt(model::SharedInventory inventory) {
  static_cast<void>(tell(History::Adopted{std::move(inventory)}));
}

model::Findings NotingJudge::answered(const Request& request, const Answer& answer,
                                      const model::Window& window, model::SharedInventory after) {
  return tell(History::Answered{request, answer, window, std::move(after)});
}

model::Findings NotingJudge::observed(model::SharedInventory inventory, Instant at) {
  return tell(History::Observed{std::move(inventory), at});
}

void NotingJudge::disturbed(model::Disturbance kind,
                            const std::optional<RelationshipRef>& relationship,
                            const model::Window& window) {
  static_cast<void>(tell(History::Disturbed{kind, relationship, window}));
}

void NotingJudge::quiesced(Instant at) { static_cast<void>(tell(History::Quiesced{at})); }

std::uint64_t NotingJudge::volume_number(const ElementRef& element) {
  if (history_ != nullptr) history_->entries.emplace_back(History::Numbered{element});
  return judge_.volume_number(element);
}

void NotingJudge::write_issued(const History::WriteIssued& issued) {
  static_cast<void>(tell(issued));
}

model::Findings NotingJudge::write_answered(const History::WriteAnswered& answered) {
  return tell(answered);
}

model::Findings NotingJudge::read(const ElementRef& element, BlockSize block_size,
                                  std::span<const std::byte> bytes, const model::Window& window) {
  if (history_ == nullptr) return judge_.read(element, Lba{0}, block_size, bytes, window);
  History::Read read;
  read.images.push_back({element, {bytes.begin(), bytes.end()}});
  read.block_size = block_size;
  read.window = window;
  return tell(std::move(read));
}

model::Findings NotingJudge::read_group(std::vector<model::Judge::Image> images,
                                        BlockSize block_size, const model::Window& window) {
  return tell(History::Read{std::move(images), block_size, window, true});
}

}  // namespace lockstep::properties
