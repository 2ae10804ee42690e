// What the effect checks of several methods share.
#pragma once

#include "model/core/create_info.hpp"
#include "model/core/follow.hpp"

#include <vector>

namespace lockstep::model {

// The element-level relationships that a task made, as they are seen now.
[[nodiscard]] Views made_pairs(const Look& look, const Task& task);
// The group relationship that a task made, or nullptr.
[[nodiscard]] const RelationshipView* made_group(const Look& look, const Task& task);
// A clone that detaches by itself may be gone before anybody sees it.
[[nodiscard]] bool may_be_gone(const Look& look, const CreateInfo& info);
// SyncType, Mode and the settings that the relationship has to show.
void check_shown_kind(Look& look, const Task& task, const CreateInfo& info,
                      const RelationshipView& view);
// The target: the supplied one untouched in pool and setting, or a new one as asked.
void check_target(Look& look, const Task& task, const CreateInfo& info, const ElementRef& target,
                  std::size_t position);

// The state that WaitForCopyState named, and those that follow by themselves. Not known: of a
// relationship that does not show its kind.
[[nodiscard]] StateSet reached_after(const RelationshipView& view, CopyState wait,
                                     const Trouble& trouble);

[[nodiscard]] std::string text_of(const std::optional<ElementRef>& ref);

}  // namespace lockstep::model
