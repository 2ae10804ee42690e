#include "target_impl/replication/refusal.hpp"

#include "target_impl/replication/world.hpp"

namespace lockstep::replication {
namespace {

ReturnCode code_of(const Freedom& freedom, Method method, Refusal refusal) noexcept {
  const bool create_replica = method == Method::CreateReplica;
  switch (refusal) {
    case Refusal::NotSupported:
      return ReturnCode::NotSupported;
    case Refusal::Invalid:
      return ReturnCode::InvalidParameter;
    case Refusal::NotFound:
      if (create_replica) return ReturnCode::ObjectNotFound;
      return freedom.missing_object == MissingObject::Failed ? ReturnCode::Failed
                                                             : ReturnCode::InvalidParameter;
    case Refusal::WrongState:
      return freedom.wrong_state;
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

}  // namespace

Answer refused(const World& world, Method method, Refusal refusal) {
  Answer answer;
  answer.code = code_of(world.freedom, method, refusal);
  const bool by_object_manager = refusal == Refusal::NotFound && method != Method::CreateReplica &&
                                 world.freedom.missing_object == MissingObject::CimNotFound;
  if (by_object_manager) answer.cim_status = CimStatus::NotFound;
  return answer;
}

}  // namespace lockstep::replication
