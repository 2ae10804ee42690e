#include "target_impl/portal_data_path.hpp"

#include "target_impl/initiator/chosen_data_path.hpp"
#include "target_impl/initiator/lun_data_path.hpp"
#include "target_impl/initiator/session_pool.hpp"

#include <map>
#include <mutex>
#include <optional>
#include <utility>

namespace lockstep {
namespace {

using initiator::Session;

// One target: its LUNs by identifier, and the path to their bytes.
class PortalLuns {
 public:
  PortalLuns(const std::string& portal, const std::string& target_name, const NaaOf& naa_of)
      : sessions_(portal, target_name, {}, 2) {
    path_ = initiator::make_lun_data_path(portal, target_name,
                                          [this, &naa_of](const ElementRef& element) {
                                            const auto naa = naa_of(element);
                                            return naa ? lun_of(naa.value()) : std::nullopt;
                                          });
  }

  [[nodiscard]] DataPath& path() noexcept { return *path_; }

  // Where the identifier is now: LUNs are given to other volumes when theirs are gone, so that a
  // remembered one is asked who it is each time.
  [[nodiscard]] std::optional<std::uint16_t> lun_of(const std::string& naa) {
    auto session = sessions_.borrow();
    if (!session) return std::nullopt;
    const auto remembered = find(naa);
    if (remembered) {
      const auto shown = session.value()->naa_identifier(*remembered);
      if (shown && shown.value() == naa) return remembered;
    }
    look(*session.value());
    return find(naa);
  }

 private:
  [[nodiscard]] std::optional<std::uint16_t> find(const std::string& naa) {
    const std::lock_guard lock(mutex_);
    const auto known = lun_by_naa_.find(naa);
    return known == lun_by_naa_.end() ? std::nullopt : std::optional(known->second);
  }

  void look(Session& session) {
    std::map<std::string, std::uint16_t> found;
    const auto luns = initiator::report_luns(session);
    if (!luns) return;
    for (const std::uint16_t lun : luns.value()) {
      const auto naa = session.naa_identifier(lun);
      if (naa) found[naa.value()] = lun;
    }
    const std::lock_guard lock(mutex_);
    lun_by_naa_ = std::move(found);
  }

  initiator::SessionPool sessions_;
  std::unique_ptr<DataPath> path_;
  std::mutex mutex_;
  std::map<std::string, std::uint16_t> lun_by_naa_;
};

class PortalDataPath final : public initiator::ChosenDataPath {
 public:
  explicit PortalDataPath(NaaOf naa_of) : naa_of_(std::move(naa_of)) {}

  Status add(const std::string& url) {
    LOCKSTEP_TRY(const auto parsed, initiator::parse_url(url + "/0"));
    targets_.push_back(std::make_unique<PortalLuns>(parsed.portal, parsed.target_name, naa_of_));
    return ok();
  }

 private:
  [[nodiscard]] Result<DataPath*> path_of(const ElementRef& element) override {
    // One target needs no choice; its own path finds the LUN.
    if (targets_.size() == 1) return &targets_.front()->path();
    LOCKSTEP_TRY(const auto naa, naa_of_(element));
    for (const auto& target : targets_) {
      if (target->lun_of(naa)) return &target->path();
    }
    return config_error("element " + element.path + ": expected a LUN with NAA identifier " + naa +
                        " under one of " + std::to_string(targets_.size()) +
                        " portals, found none");
  }

  NaaOf naa_of_;
  std::vector<std::unique_ptr<PortalLuns>> targets_;
};

}  // namespace

Result<std::unique_ptr<DataPath>> make_portal_data_path(const std::vector<std::string>& portals,
                                                        NaaOf naa_of) {
  auto path = std::make_unique<PortalDataPath>(std::move(naa_of));
  for (const std::string& portal : portals) {
    LOCKSTEP_TRY(path->add(portal));
  }
  return std::unique_ptr<DataPath>(std::move(path));
}

}  // namespace lockstep
