// After-effects of CreateVolume and ReturnToStoragePool.
#include "model/core/effects.hpp"
#include "model/vocab/names.hpp"

#include <algorithm>

namespace lockstep::model {
namespace {

void check_created(Look& look, const Task& task, const CreateVolumeRequest& request) {
  const auto subject = [&] { return subject_of(task.request()); };
  const ElementRef* made = nullptr;
  if (task.answer().completed() && task.answer().target_element) {
    made = &*task.answer().target_element;
  } else if (task.elements.size() > 0) {
    made = &*task.elements.begin();
  }
  const ElementView* element = made != nullptr ? look.now.find(*made) : nullptr;
  if (element == nullptr) {
    look.report.breach("LCS-11", subject(), "a new volume that exists",
                       made != nullptr ? made->path + ", not found" : "NULL");
    return;
  }
  if (element->blocks < request.blocks) {
    look.report.breach("LCS-11", subject(),
                       "at least " + std::to_string(request.blocks.value) + " blocks",
                       std::to_string(element->blocks.value));
  }
  if (request.element_name && element->element_name != request.element_name) {
    look.report.breach("LCS-11", subject(), "ElementName \"" + *request.element_name + "\"",
                       element->element_name.value_or("NULL"));
  }
  if (request.pool && element->pool && element->pool != request.pool) {
    look.report.breach("LCS-11", subject(), "pool " + request.pool->path, element->pool->path);
  }
}

}  // namespace

void check_volume_effects(Look& look, Task& task) {
  if (const auto* create = std::get_if<CreateVolumeRequest>(&task.request())) {
    check_created(look, task, *create);
  } else if (const auto* back = std::get_if<ReturnToStoragePoolRequest>(&task.request())) {
    if (look.now.find(back->element) != nullptr) {
      look.report.breach("LCS-13", subject_of(task.request()), "the element gone", "still there");
    }
  }
}

}  // namespace lockstep::model
