// What a target device keeps: its logical units and, for each nexus, the unit attentions that are
// still to be reported (SAM-5 5.14).
//
// REPORTED LUNS DATA HAS CHANGED is reported to a nexus once and armed again by its next REPORT
// LUNS: a service that adds many volumes must not fail a command for each of them.
#pragma once

#include "target_impl/scsi/device_server.hpp"
#include "target_impl/scsi/port_groups.hpp"
#include "target_impl/scsi/sense.hpp"

#include <array>
#include <bitset>
#include <cstdint>
#include <memory>
#include <optional>
#include <shared_mutex>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

namespace lockstep::scsi {

class CopyManager;
class LogicalUnit;

// Thread-safe.
class Device {
 public:
  Device(std::string target_name, std::shared_ptr<RodTokens> tokens);
  ~Device();
  Device(const Device&) = delete;
  Device& operator=(const Device&) = delete;

  [[nodiscard]] const std::string& target_name() const noexcept { return target_name_; }

  [[nodiscard]] PortGroups& port_groups() noexcept { return port_groups_; }

  [[nodiscard]] CopyManager& copies() noexcept { return *copies_; }

  // Null removes. `lun` below kMaxLuns.
  void set_unit(std::uint16_t lun, std::shared_ptr<LogicalUnit> unit);
  // Null for any number that is not in use, however large.
  [[nodiscard]] std::shared_ptr<LogicalUnit> unit(std::uint16_t lun) const;
  // Null for those that the nexus may not see, too.
  [[nodiscard]] std::shared_ptr<LogicalUnit> unit(const Nexus& nexus, std::uint16_t lun) const;
  // Those that the nexus may see, ascending. Counts as a REPORT LUNS by it.
  [[nodiscard]] std::vector<std::uint16_t> report_luns(const Nexus& nexus);

  // All units, in no order.
  [[nodiscard]] std::vector<std::shared_ptr<LogicalUnit>> units() const;

  // With this attention pending for every logical unit.
  void start_nexus(const Nexus& nexus,
                   AdditionalSense attention = AdditionalSense::PowerOnResetOrBusDeviceReset);
  void end_nexus(std::uint64_t nexus);

  [[nodiscard]] bool attention_pending(std::uint64_t nexus, std::uint16_t lun) const;
  // The attention that is due, cleared as it is handed out.
  [[nodiscard]] std::optional<AdditionalSense> take_attention(std::uint64_t nexus,
                                                              std::uint16_t lun);
  // For every nexus; nullopt: all logical units.
  void raise_attention(std::optional<std::uint16_t> lun, AdditionalSense attention);
  void raise_for_others(std::uint64_t nexus, std::uint16_t lun, AdditionalSense attention);
  // For the sessions between these ports, if there are any.
  void raise_for_ports(const std::string& initiator_port, const std::string& target_port,
                       std::uint16_t lun, AdditionalSense attention);

 private:
  // What can be pending for one logical unit, most important first. Each once: a second one of a
  // kind would tell nothing new, and so the queue is bounded. The first kResets stand for all.
  static constexpr std::array<AdditionalSense, 10> kSenses{
      AdditionalSense::PowerOnResetOrBusDeviceReset,
      AdditionalSense::ScsiBusResetOccurred,
      AdditionalSense::BusDeviceResetFunctionOccurred,
      AdditionalSense::NexusLossOccurred,
      AdditionalSense::MediumMayHaveChanged,
      AdditionalSense::ReservationsPreempted,
      AdditionalSense::RegistrationsPreempted,
      AdditionalSense::ReservationsReleased,
      AdditionalSense::ModeParametersChanged,
      AdditionalSense::AsymmetricAccessStateChanged};
  static constexpr std::size_t kResets = 4;
  enum class LunsChanged : std::uint8_t { Unchanged, Pending, Reported };
  struct Attentions {
    std::string initiator_port;
    std::string target_port;
    std::array<std::bitset<kMaxLuns>, kSenses.size()> pending;
    LunsChanged luns_changed = LunsChanged::Unchanged;
    [[nodiscard]] bool any(std::uint16_t lun) const;
  };

  template <class Chosen>
  void raise(std::optional<std::uint16_t> lun, AdditionalSense attention, Chosen&& chosen);

  const std::string target_name_;
  PortGroups port_groups_;
  mutable std::shared_mutex mutex_;
  std::array<std::shared_ptr<LogicalUnit>, kMaxLuns> units_;
  std::unordered_map<std::uint64_t, Attentions> nexuses_;
  // Its copies end before the units that they write.
  const std::unique_ptr<CopyManager> copies_;
};

}  // namespace lockstep::scsi
