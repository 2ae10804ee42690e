// A request that was accepted, followed until everything it promised can be judged: at once after
// 0, when its job has ended after 4096, never for certain after a lost or timed out answer.
#pragma once

#include "model/core/judge.hpp"

#include <optional>
#include <vector>

namespace lockstep::model {

struct Task {
  Request request;
  Answer answer;
  Window window;
  Method method = Method::CreateElementReplica;

  // Completed and Failed: judged by what is seen now. Running: a job works on it. Unknown: it may
  // have happened, may happen yet, or never will; all of it is allowed, nothing is demanded.
  enum class Stage : std::uint8_t { Completed, Running, Failed, Unknown };
  Stage stage = Stage::Running;

  // Objects that appeared and that this task explains.
  std::vector<RelationshipRef> relationships;
  std::vector<ElementRef> elements;
  std::vector<GroupRef> groups;

  // What was true before, where an effect is judged against it.
  std::vector<ElementView> given_targets;  // supplied targets as they were (pool, setting, name)
  std::vector<RelationshipView> operated;  // relationships an operation was asked for, as they were

  // Relationships for which another operation was asked since: where that leads is its own
  // business.
  std::vector<RelationshipRef> overtaken;
};

}  // namespace lockstep::model
