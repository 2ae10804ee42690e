#include "target_impl/cimxml/object_manager.hpp"

#include <utility>

namespace lockstep::cimxml {

Result<World::Seen> World::look(const std::string& host) {
  LOCKSTEP_TRY(auto inventory, provider_.inventory());
  {
    const std::lock_guard lock(mutex_);
    if (last_.inventory && host_ == host && *last_.inventory == inventory) return last_;
  }
  Seen seen;
  seen.paths = std::make_shared<const Paths>(inventory, host);
  seen.inventory = std::make_shared<const Inventory>(std::move(inventory));
  const std::lock_guard lock(mutex_);
  host_ = host;
  last_ = seen;
  return seen;
}

Model Asked::look() const {
  auto seen = world.look(host);
  if (!seen) throw wire::CimError{status::kFailed, seen.error().message};
  return {provider, options, seen.value().inventory, seen.value().paths};
}

Answered ObjectManager::answer(const wire::Call& call, const std::string& host) {
  Answered answered;
  try {
    const auto space = find_space(call.target.name_space);
    if (!space) {
      throw wire::CimError{status::kInvalidNamespace, "no namespace " + call.target.name_space};
    }
    const Asked asked{call, *space, provider_, world_, options_, host};
    answered = call.intrinsic ? intrinsic(asked, pulls_) : extrinsic(asked);
  } catch (wire::CimError& refusal) {
    answered = {};
    answered.reply.error = std::move(refusal);
  }
  answered.reply.message_id = call.message_id;
  answered.reply.intrinsic = call.intrinsic;
  answered.reply.name = call.name;
  return answered;
}

}  // namespace lockstep::cimxml
