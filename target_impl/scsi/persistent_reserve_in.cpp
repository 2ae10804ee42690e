// PERSISTENT RESERVE IN (SPC-4 6.15).
#include "target_impl/scsi/command_table.hpp"
#include "target_impl/scsi/reservations.hpp"
#include "target_impl/scsi/task.hpp"
#include "target_impl/scsi/transport_id.hpp"

#include <array>
#include <vector>

namespace lockstep::scsi {

namespace {

using Page = std::vector<std::byte>;

void put(Page& page, std::size_t at, std::size_t bytes, std::uint64_t value) {
  put_big_endian(std::span<std::byte>(page), at, bytes, value);
}

[[nodiscard]] std::uint64_t scope_and_type(const PersistentReservations& state) {
  return state.type ? static_cast<std::uint64_t>(*state.type) : 0;  // scope 0: the logical unit
}

[[nodiscard]] Page header(const PersistentReservations& state) {
  Page page(8);
  put(page, 0, 4, state.generation);
  return page;
}

[[nodiscard]] Page keys(const PersistentReservations& state) {
  Page page = header(state);
  for (const Registration& registration : state.registrations) {
    page.resize(page.size() + 8);
    put(page, page.size() - 8, 8, registration.key);
  }
  put(page, 4, 4, page.size() - 8);
  return page;
}

[[nodiscard]] Page reservation(const PersistentReservations& state) {
  Page page = header(state);
  if (state.type) {
    page.resize(24);
    put(page, 4, 4, 16);
    put(page, 8, 8, state.holder_key());
    put(page, 21, 1, scope_and_type(state));
  }
  return page;
}

[[nodiscard]] Page capabilities(bool can_persist, const PersistentReservations& state) {
  constexpr std::uint8_t kSpecifyPorts = 0x08;   // SIP_C
  constexpr std::uint8_t kPersists = 0x01;       // PTPL_C, PTPL_A
  constexpr std::uint8_t kTypeMaskValid = 0x80;  // TMV
  constexpr std::uint8_t kTestUnitReady = 0x10;  // ALLOW COMMANDS 001b
  constexpr std::uint16_t kAllTypes = 0xea01;
  Page page(8);
  put(page, 0, 2, page.size());
  put(page, 2, 1, kSpecifyPorts | (can_persist ? kPersists : 0U));
  put(page, 3, 1, kTypeMaskValid | kTestUnitReady | (state.persists ? kPersists : 0U));
  put(page, 4, 2, kAllTypes);
  return page;
}

[[nodiscard]] Page full_status(const PersistentReservations& state) {
  constexpr std::uint8_t kHolder = 0x01;
  Page page = header(state);
  for (const Registration& registration : state.registrations) {
    const std::size_t at = page.size();
    page.resize(at + 24);
    put(page, at, 8, registration.key);
    if (state.is_holder(registration)) {
      put(page, at + 12, 1, kHolder);
      put(page, at + 13, 1, scope_and_type(state));
    }
    put(page, at + 18, 2, relative_target_port(registration.ports.target));
    append_transport_id(page, registration.ports.initiator);
    put(page, at + 20, 4, page.size() - at - 24);
  }
  put(page, 4, 4, page.size() - 8);
  return page;
}

}  // namespace

void persistent_reserve_in(Task& task) {
  enum : std::uint8_t { kReadKeys, kReadReservation, kReportCapabilities, kReadFullStatus };
  const Reservations& reservations = task.unit().reservations();
  const PersistentReservations state = reservations.persistent();
  const std::uint64_t allocation = task.cdb(7, 2);
  switch (task.cdb(1) & 0x1f) {
    case kReadKeys:
      task.reply(keys(state), allocation);
      return;
    case kReadReservation:
      task.reply(reservation(state), allocation);
      return;
    case kReportCapabilities:
      task.reply(capabilities(reservations.persists(), state), allocation);
      return;
    default:
      task.reply(full_status(state), allocation);
      return;
  }
}

}  // namespace lockstep::scsi
