#include "target_impl/portal_data_path.hpp"

#include "target_impl/initiator/chosen_data_path.hpp"
#include "target_impl/initiator/lun_data_path.hpp"
#include "target_impl/initiator/target_luns.hpp"
#include "target_impl/initiator/target_url.hpp"

#include <utility>

namespace lockstep {
namespace {

using initiator::TargetLuns;

// One target: its LUNs by identifier, and the path to their bytes.
class PortalLuns {
 public:
  PortalLuns(const std::string& portal, const std::string& target_name, const NaaOf& naa_of)
      : luns_(portal, target_name, LunIdentifier::Naa) {
    path_ = initiator::make_lun_data_path(portal, target_name,
                                          [this, &naa_of](const ElementRef& element) {
                                            const auto naa = naa_of(element);
                                            return naa ? luns_.lun_of(naa.value()) : std::nullopt;
                                          });
  }

  [[nodiscard]] DataPath& path() noexcept { return *path_; }
  [[nodiscard]] TargetLuns& luns() noexcept { return luns_; }

 private:
  TargetLuns luns_;
  std::unique_ptr<DataPath> path_;
};

Error found_nowhere(const std::string& identifier, std::size_t portals) {
  return config_error("expected a LUN with identifier " + identifier + " under one of " +
                      std::to_string(portals) + " portals, found none");
}

class PortalDataPath final : public initiator::ChosenDataPath {
 public:
  explicit PortalDataPath(NaaOf naa_of) : naa_of_(std::move(naa_of)) {}

  Status add(const std::string& url) {
    LOCKSTEP_TRY(const auto parsed, initiator::parse_target_url(url));
    targets_.push_back(std::make_unique<PortalLuns>(parsed.portal, parsed.target_name, naa_of_));
    return ok();
  }

 private:
  [[nodiscard]] Result<DataPath*> path_of(const ElementRef& element) override {
    // One target needs no choice; its own path finds the LUN.
    if (targets_.size() == 1) return &targets_.front()->path();
    LOCKSTEP_TRY(const auto naa, naa_of_(element));
    for (const auto& target : targets_) {
      if (target->luns().lun_of(naa)) return &target->path();
    }
    return config_error("element " + element.path + ": " +
                        found_nowhere(naa, targets_.size()).message);
  }

  NaaOf naa_of_;
  std::vector<std::unique_ptr<PortalLuns>> targets_;
};

class FinderUnderPortals final : public LunFinder {
 public:
  explicit FinderUnderPortals(LunIdentifier by) : by_(by) {}

  Status add(const std::string& url) {
    LOCKSTEP_TRY(const auto parsed, initiator::parse_target_url(url));
    targets_.push_back(std::make_unique<TargetLuns>(parsed.portal, parsed.target_name, by_));
    return ok();
  }

  Result<std::string> url_of(const std::string& identifier) override {
    for (const auto& target : targets_) {
      if (const auto lun = target->lun_of(identifier)) return target->url_of_lun(*lun);
    }
    return found_nowhere(identifier, targets_.size());
  }

 private:
  const LunIdentifier by_;
  std::vector<std::unique_ptr<TargetLuns>> targets_;
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

Result<std::unique_ptr<LunFinder>> LunFinder::make(const std::vector<std::string>& portals,
                                                   LunIdentifier by) {
  auto finder = std::make_unique<FinderUnderPortals>(by);
  for (const std::string& portal : portals) {
    LOCKSTEP_TRY(finder->add(portal));
  }
  return std::unique_ptr<LunFinder>(std::move(finder));
}

Status check_lun_url(const std::string& url) {
  LOCKSTEP_TRY(initiator::parse_url(url));
  return ok();
}

Status check_target_url(const std::string& url) {
  LOCKSTEP_TRY(initiator::parse_target_url(url));
  return ok();
}

Result<std::string> naa_at(const std::string& url) {
  LOCKSTEP_TRY(const auto place, initiator::parse_url(url));
  LOCKSTEP_TRY(const auto session, initiator::Session::connect(place.portal, place.target_name));
  LOCKSTEP_TRY(session->capacity(place.lun));
  const auto naa = session->naa_identifier(place.lun);
  if (naa) return naa.value();
  if (naa.error().origin == Origin::Target) return std::string();
  return naa.error();
}

}  // namespace lockstep
