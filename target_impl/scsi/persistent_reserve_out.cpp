// PERSISTENT RESERVE OUT (SPC-4 6.16).
#include "target_impl/scsi/command_table.hpp"
#include "target_impl/scsi/reservations.hpp"
#include "target_impl/scsi/task.hpp"
#include "target_impl/scsi/transport_id.hpp"

#include <optional>
#include <utility>
#include <vector>

namespace lockstep::scsi {

namespace {

enum class Action : std::uint8_t {
  Register,
  Reserve,
  Release,
  Clear,
  Preempt,
  PreemptAndAbort,
  RegisterAndIgnore,
  RegisterAndMove,
};

constexpr std::uint64_t kListBytes = 24;
constexpr std::uint64_t kMaxListBytes = 8192;

constexpr std::uint8_t kSpecifyInitiatorPorts = 0x08;
constexpr std::uint8_t kAllTargetPorts = 0x04;
constexpr std::uint8_t kPersistThroughPowerLoss = 0x01;

[[nodiscard]] bool takes_type(Action action) noexcept {
  return action == Action::Reserve || action == Action::Release || action == Action::Preempt ||
         action == Action::PreemptAndAbort;
}

[[nodiscard]] bool registers(Action action) noexcept {
  return action == Action::Register || action == Action::RegisterAndIgnore;
}

struct Parameters {
  Action action = Action::Register;
  ReservationType type = ReservationType::WriteExclusive;
  std::uint64_t key = 0;
  std::uint64_t action_key = 0;
  bool persists = false;
  bool specifies_ports = false;
  std::vector<Ports> ports;  // SPEC_I_PT, or the destination of a move
  bool unregisters = false;
};

// The scope and type fields. False: the task has failed.
[[nodiscard]] bool parse_type(Task& task, Parameters& parameters) noexcept {
  if (!takes_type(parameters.action)) {
    return true;
  }
  if (task.cdb_has(2, 0xf0)) {  // only the scope of the whole logical unit
    task.refuse_cdb(2, std::uint8_t{7});
    return false;
  }
  const std::uint64_t type = task.cdb(2) & 0x0f;
  if (!is_reservation_type(type)) {
    task.refuse_cdb(2, std::uint8_t{3});
    return false;
  }
  parameters.type = static_cast<ReservationType>(type);
  return true;
}

// SPEC_I_PT: more initiator ports for the same target port (SPC-4 6.16.3).
[[nodiscard]] bool parse_initiator_ports(Task& task, std::span<const std::byte> list,
                                         Parameters& parameters) {
  constexpr std::size_t kHeader = 28;
  if (list.size() < kHeader || get_big_endian(list, 24, 4) != list.size() - kHeader) {
    task.refuse_list_length();
    return false;
  }
  for (std::size_t at = kHeader; at != list.size();) {
    auto parsed = parse_transport_id(list.subspan(at));
    if (!parsed) {
      task.refuse_parameter(static_cast<std::uint16_t>(at));
      return false;
    }
    at += parsed->bytes;
    parameters.ports.push_back({std::move(parsed->initiator_port), task.nexus.target_port});
  }
  return true;
}

// SPC-4 6.16.4.
[[nodiscard]] bool parse_move(Task& task, std::span<const std::byte> list, Parameters& parameters) {
  constexpr std::uint8_t kUnregister = 0x02;
  const auto flags = static_cast<std::uint8_t>(list[17]);
  parameters.persists = (flags & kPersistThroughPowerLoss) != 0;
  parameters.unregisters = (flags & kUnregister) != 0;
  const auto tag = static_cast<std::uint16_t>(get_big_endian(list, 18, 2));
  if (get_big_endian(list, 20, 4) != list.size() - kListBytes) {
    task.refuse_list_length();
    return false;
  }
  auto parsed = parse_transport_id(list.subspan(kListBytes));
  if (tag == 0) {
    task.refuse_parameter(18);
    return false;
  }
  if (!parsed || parsed->bytes != list.size() - kListBytes) {
    task.refuse_parameter(kListBytes);
    return false;
  }
  parameters.ports.push_back(
      {std::move(parsed->initiator_port), target_port_name(task.device.target_name(), tag)});
  return true;
}

[[nodiscard]] bool parse_flags(Task& task, std::span<const std::byte> list,
                               Parameters& parameters) {
  const auto flags = static_cast<std::uint8_t>(list[20]);
  parameters.persists = (flags & kPersistThroughPowerLoss) != 0;
  parameters.specifies_ports = (flags & kSpecifyInitiatorPorts) != 0;
  if (!parameters.specifies_ports && list.size() != kListBytes) {
    task.refuse_list_length();
    return false;
  }
  if (!registers(parameters.action)) {
    return true;
  }
  if ((flags & kAllTargetPorts) != 0) {  // ATP_C is clear
    task.refuse_parameter(20, std::uint8_t{2});
    return false;
  }
  if (!parameters.specifies_ports) {
    return true;
  }
  if (parameters.action != Action::Register) {
    task.refuse_parameter(20, std::uint8_t{3});
    return false;
  }
  return parse_initiator_ports(task, list, parameters);
}

[[nodiscard]] std::optional<Parameters> parse(Task& task) {
  Parameters parameters;
  parameters.action = static_cast<Action>(task.cdb(1) & 0x1f);
  const std::uint64_t bytes = task.cdb(5, 4);
  if (!parse_type(task, parameters)) {
    return std::nullopt;
  }
  if (bytes < kListBytes || bytes > kMaxListBytes) {
    task.response.data_out_wanted = bytes;
    task.refuse_list_length();
    return std::nullopt;
  }
  const auto list = task.parameter_list(bytes);
  if (!list) {
    return std::nullopt;
  }
  parameters.key = get_big_endian(*list, 0, 8);
  parameters.action_key = get_big_endian(*list, 8, 8);
  const bool sound = parameters.action == Action::RegisterAndMove
                         ? parse_move(task, *list, parameters)
                         : parse_flags(task, *list, parameters);
  if (!sound) {
    return std::nullopt;
  }
  const bool may_persist =
      registers(parameters.action) || parameters.action == Action::RegisterAndMove;
  if (may_persist && parameters.persists && !task.unit().reservations().persists()) {
    const bool moves = parameters.action == Action::RegisterAndMove;
    task.refuse_parameter(moves ? 17 : 20, std::uint8_t{0});
    return std::nullopt;
  }
  return parameters;
}

[[nodiscard]] Verdict apply(PersistentReservations& state, const Ports& ports,
                            const Parameters& parameters,
                            PersistentReservations::Notices& notices) {
  switch (parameters.action) {
    case Action::Register:
    case Action::RegisterAndIgnore: {
      if (parameters.specifies_ports && state.find(ports) != nullptr) {
        return Verdict::DestinationInvalid;
      }
      const bool ignores = parameters.action == Action::RegisterAndIgnore;
      state.persists = parameters.persists;
      return state.register_key(ports, ignores ? std::nullopt : std::optional(parameters.key),
                                parameters.action_key, parameters.ports, notices);
    }
    case Action::Reserve:
      return state.reserve(ports, parameters.key, parameters.type);
    case Action::Release:
      return state.release(ports, parameters.key, parameters.type, notices);
    case Action::Clear:
      return state.clear(ports, parameters.key, notices);
    case Action::Preempt:
    case Action::PreemptAndAbort:
      return state.preempt(ports, parameters.key, parameters.action_key, parameters.type, notices);
    case Action::RegisterAndMove:
      state.persists = parameters.persists;
      return state.move(ports, parameters.key, parameters.action_key, parameters.ports.front(),
                        parameters.unregisters);
  }
  return Verdict::Conflict;
}

void answer(Task& task, const Parameters& parameters, Reservations::Outcome outcome) {
  if (outcome.saved == Reservations::Saved::Failed) {
    task.fail(SenseKey::HardwareError, AdditionalSense::InternalTargetFailure);
    return;
  }
  switch (outcome.verdict) {
    case Verdict::Done:
      return;
    case Verdict::Conflict:
      task.conflict();
      return;
    case Verdict::KeyNotAllowed:
      task.refuse_parameter(8);
      return;
    case Verdict::DestinationInvalid:
      if (parameters.action == Action::RegisterAndMove) {
        task.refuse_parameter(kListBytes);
      } else {
        task.refuse_parameter(20, std::uint8_t{3});
      }
      return;
    case Verdict::InvalidRelease:
      task.fail(SenseKey::IllegalRequest, AdditionalSense::InvalidReleaseOfPersistentReservation);
      return;
    case Verdict::NoResources:
      task.fail(SenseKey::IllegalRequest, AdditionalSense::InsufficientRegistrationResources);
      return;
  }
}

}  // namespace

void persistent_reserve_out(Task& task) {
  const auto parameters = parse(task);
  if (!parameters) {
    return;
  }
  const Ports ports{task.nexus.initiator_port, task.nexus.target_port};
  PersistentReservations::Notices notices;
  const auto outcome = task.unit().reservations().change(
      task.nexus,
      [&](PersistentReservations& state) { return apply(state, ports, *parameters, notices); });
  answer(task, *parameters, outcome);
  if (task.response.status != Status::Good) {
    return;
  }
  for (const Notice& notice : notices) {
    task.device.raise_for_ports(notice.ports.initiator, notice.ports.target, task.lun,
                                notice.attention);
  }
  if (parameters->action == Action::PreemptAndAbort) {
    // Commands that other event loops have admitted end before the preempted hosts are fenced off.
    task.unit().gate().drain();
  }
}

}  // namespace lockstep::scsi
