#include "target_impl/replication/refusal.hpp"

namespace lockstep::replication {

ReturnCode code_of(Method method, Refusal refusal) noexcept {
  const bool create_replica = method == Method::CreateReplica;
  switch (refusal) {
    case Refusal::NotSupported:
      return ReturnCode::NotSupported;
    case Refusal::Invalid:
      return ReturnCode::InvalidParameter;
    case Refusal::NotFound:
      return create_replica ? ReturnCode::ObjectNotFound : ReturnCode::InvalidParameter;
    case Refusal::InUse:
      return create_replica ? ReturnCode::Failed : ReturnCode::InUse;
    case Refusal::NoSpace:
      return create_replica ? ReturnCode::InsufficientResources : ReturnCode::Failed;
    case Refusal::Failed:
      return ReturnCode::Failed;
    case Refusal::AccessDenied:
      return create_replica ? ReturnCode::AccessDenied : ReturnCode::Failed;
  }
  return ReturnCode::Unknown;
}

Answer refused(Method method, Refusal refusal) {
  Answer answer;
  answer.code = code_of(method, refusal);
  return answer;
}

}  // namespace lockstep::replication
