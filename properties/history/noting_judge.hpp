// A judge that notes what it is told.
#pragma once

#include "model/core/judge.hpp"
#include "properties/history/history.hpp"

#include <cstddef>
#include <memory>
#include <span>
#include <vector>

namespace lockstep::properties {

// Not thread-safe. Borrows `history`, which may be nullptr: then nothing is noted.
class NotingJudge {
 public:
  // `capabilities`: not nullptr.
  NotingJudge(std::shared_ptr<const Capabilities> capabilities, History* history);

  void adopt(model::SharedInventory inventory);
  [[nodiscard]] model::Findings answered(const Request& request, const Answer& answer,
                                         const model::Window& window, model::SharedInventory after);
  [[nodiscard]] model::Findings observed(model::SharedInventory inventory, Instant at);
  void disturbed(model::Disturbance kind, const std::optional<RelationshipRef>& relationship,
                 const model::Window& window);
  void quiesced(Instant at);
  [[nodiscard]] std::uint64_t volume_number(const ElementRef& element);
  void write_issued(const History::WriteIssued& issued);
  // A write that raced with an operation met the volume as it was or as it became, so its refusal
  // says nothing.
  [[nodiscard]] model::Findings write_answered(const History::WriteAnswered& answered);
  // A whole volume, or several together.
  [[nodiscard]] model::Findings read(const ElementRef& element, BlockSize block_size,
                                     std::span<const std::byte> bytes, const model::Window& window);
  [[nodiscard]] model::Findings read_group(std::vector<model::Judge::Image> images,
                                           BlockSize block_size, const model::Window& window);

  // What needs no telling.
  [[nodiscard]] const model::Judge& judge() const noexcept { return judge_; }

 private:
  [[nodiscard]] model::Findings tell(History::Entry entry);

  model::Judge judge_;
  History* history_;
};

}  // namespace lockstep::properties
