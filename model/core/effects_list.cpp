// What a refused CreateListReplica has begun all the same (CLR-46).
#include "model/core/allowed_create.hpp"
#include "model/core/effects.hpp"
#include "model/vocab/names.hpp"

#include <algorithm>

namespace lockstep::model {
namespace {

std::string made_text(const std::vector<bool>& made) {
  std::string text;
  for (const bool one : made) text += one ? "made " : "missing ";
  return text;
}

}  // namespace

void check_refused_list(Look& look, const Task& task) {
  const auto* request = std::get_if<CreateListReplicaRequest>(&task.request());
  if (request == nullptr || task.answer().accepted()) return;
  const auto pairs = made_pairs(look, task);
  std::vector<bool> made;
  for (const ElementRef& source : *request->source_elements) {
    made.push_back(std::ranges::any_of(
        pairs, [&](const RelationshipView* pair) { return pair->source_element == source; }));
  }
  const bool continues = continues_after_errors(*request);
  const auto first_missing = std::ranges::find(made, false);
  if (first_missing == made.end()) {
    look.report.breach("CLR-46", subject_of(task.request()),
                       "an entry at fault among those of a refused list",
                       "a relationship for every entry");
  } else if (!continues && std::find(first_missing, made.end(), true) != made.end()) {
    look.report.breach("CLR-46", subject_of(task.request()),
                       "nothing after the first entry that was not made", made_text(made));
  }
}

}  // namespace lockstep::model
