// A group on a target whose service is gone for good, brought to one moment and opened to hosts.
//
// Its members and its journal are still reserved for the dead service. They are taken over, the
// journal last, so that whatever is left of that service can write none of them any more, and are
// reserved for this nexus until the members are whole. Stopped anywhere it can be begun again, by
// another process, too.
#pragma once

#include "target_impl/initiator/initiator.hpp"
#include "target_impl/peer/roll_forward.hpp"
#include "target_impl/peer/scsi_commands.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <set>
#include <vector>

namespace lockstep::peer {

// Who has reserved a unit.
struct UnitHolder {
  enum class Is : std::uint8_t {
    TheService,  // of the journal, or a recovery before this one
    Nobody,      // it was given back, or the target has lost its reservations
    Another,
  };
  std::uint16_t lun = 0;
  Is is = Is::Nobody;
  std::optional<Holder> holder;
};

// Not thread-safe. The session outlives it.
class Recovery {
 public:
  // Reads what is there. Nothing is changed by it.
  [[nodiscard]] static Result<Recovery> look(initiator::Session& session, std::uint16_t journal,
                                             const std::set<std::uint16_t>& left_out);

  [[nodiscard]] const RollForward& plan() const noexcept { return plan_; }
  // The units that are to be taken over, the journal last. Members that stay as they are and are
  // not held by the service are not among them. If nothing is in force: what a recovery that was
  // stopped at its very end has not given back.
  [[nodiscard]] const std::vector<UnitHolder>& holders() const noexcept { return holders_; }

  // All of holders(), whoever holds them. Error as well if the journal has changed since look():
  // the service lives.
  [[nodiscard]] Status take_over();
  // Between the two others.
  [[nodiscard]] Result<Rolled> roll_forward(const std::function<bool(std::uint64_t)>& go_on);
  [[nodiscard]] Status give_back();

 private:
  Recovery(initiator::Session& session, RollForward plan, std::set<std::uint16_t> left_out);
  [[nodiscard]] Status find_holders();
  [[nodiscard]] Status find_leftovers(const Holder& recovery);
  [[nodiscard]] Status take(const UnitHolder& unit);

  initiator::Session* session_;
  RollForward plan_;
  std::set<std::uint16_t> left_out_;
  std::uint64_t key_;
  std::vector<UnitHolder> holders_;
};

// The logical units that hold one; those that cannot be read hold none.
[[nodiscard]] Result<std::vector<std::uint16_t>> find_journals(initiator::Session& session);

}  // namespace lockstep::peer
