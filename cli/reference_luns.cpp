#include "cli/reference_luns.hpp"

#include "target_impl/initiator/initiator.hpp"

#include <fmt/format.h>

namespace lockstep::cli {

Result<std::string> url_of(ReferenceProvider& reference, const ElementRef& element) {
  LOCKSTEP_TRY(const auto inventory, reference.inventory());
  const ElementView* view = inventory.find(element);
  if (view == nullptr)
    return usage_error(element.path + ": expected an element of the reference, found none");
  LOCKSTEP_TRY(auto session,
               initiator::Session::connect(reference.portal(), reference.target_name()));
  LOCKSTEP_TRY(const auto luns, initiator::report_luns(*session));
  for (const std::uint16_t lun : luns) {
    const auto found = session->naa_identifier(lun);
    if (found && found.value() == view->device_id) {
      return fmt::format("iscsi://{}/{}/{}", reference.portal(), reference.target_name(), lun);
    }
  }
  return target_error(fmt::format(
      "the reference target: expected a LUN with NAA identifier {}, found none among {}",
      view->device_id, luns.size()));
}

}  // namespace lockstep::cli
