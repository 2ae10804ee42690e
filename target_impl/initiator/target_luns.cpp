#include "target_impl/initiator/target_luns.hpp"

#include <utility>

namespace lockstep::initiator {

TargetLuns::TargetLuns(const std::string& portal, const std::string& target_name, LunIdentifier by)
    : sessions_(portal, target_name, {}, 2), by_(by) {}

std::optional<std::uint16_t> TargetLuns::lun_of(const std::string& identifier) {
  auto session = sessions_.borrow();
  if (!session) return std::nullopt;
  const auto remembered = find(identifier);
  if (remembered) {
    const auto shown = shown_by(*session.value(), *remembered);
    if (shown && shown.value() == identifier) return remembered;
  }
  look(*session.value());
  return find(identifier);
}

std::string TargetLuns::url_of_lun(std::uint16_t lun) const { return sessions_.url_of_lun(lun); }

std::optional<std::uint16_t> TargetLuns::find(const std::string& identifier) {
  const std::lock_guard lock(mutex_);
  const auto known = lun_by_identifier_.find(identifier);
  return known == lun_by_identifier_.end() ? std::nullopt : std::optional(known->second);
}

Result<std::string> TargetLuns::shown_by(Session& session, std::uint16_t lun) const {
  return by_ == LunIdentifier::Naa ? session.naa_identifier(lun) : unit_serial_number(session, lun);
}

void TargetLuns::look(Session& session) {
  std::map<std::string, std::uint16_t> found;
  const auto luns = report_luns(session);
  if (!luns) return;
  for (const std::uint16_t lun : luns.value()) {
    const auto shown = shown_by(session, lun);
    if (shown) found[shown.value()] = lun;
  }
  const std::lock_guard lock(mutex_);
  lun_by_identifier_ = std::move(found);
}

}  // namespace lockstep::initiator
