#include "conformance/providers/data_access/data_access.hpp"

#include "conformance/providers/data_access/hook.hpp"
#include "conformance/suite/select.hpp"
#include "target_impl/portal_data_path.hpp"

#include <algorithm>
#include <cctype>
#include <map>
#include <mutex>
#include <set>
#include <utility>

namespace lockstep::conformance {
namespace {

using By = DataAccessRule::By;

// A name goes into an iSCSI name as it is, or not at all (RFC 3722: of ASCII these, lower case).
bool fits_iscsi_name(const std::string& name) {
  return !name.empty() && std::all_of(name.begin(), name.end(), [](unsigned char letter) {
    return std::isalnum(letter) != 0 || letter == '-' || letter == '.' || letter == ':';
  });
}

std::string lower_case(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char letter) { return static_cast<char>(std::tolower(letter)); });
  return text;
}

Result<std::string> url_by_name(std::string url, const std::string& name) {
  if (!fits_iscsi_name(name)) {
    return config_error(
        "expected a name of letters, digits, '-', '.' and ':' to put into the URL, "
        "found \"" +
        name + "\"");
  }
  const std::pair<std::string_view, std::string> values[] = {{"{name}", name},
                                                             {"{lower_name}", lower_case(name)}};
  for (const auto& [placeholder, value] : values) {
    for (std::size_t at = url.find(placeholder); at != std::string::npos;
         at = url.find(placeholder, at + value.size())) {
      url.replace(at, placeholder.size(), value);
    }
  }
  LOCKSTEP_TRY(check_lun_url(url));
  return url;
}

std::string portals_text(const std::vector<std::string>& portals) {
  std::string text;
  for (const std::string& portal : portals) text += (text.empty() ? "under " : ", ") + portal;
  return text;
}

class ByRules final : public DataAccess {
 public:
  ByRules(DataAccessRules rules, IdentityOf identity_of)
      : rules_(std::move(rules)), identity_of_(std::move(identity_of)) {
    if (rules_.rules.empty()) rules_.rules.emplace_back();
  }

  Status start() {
    LOCKSTEP_TRY(by_naa_, LunFinder::make(rules_.portals, LunIdentifier::Naa));
    LOCKSTEP_TRY(by_serial_, LunFinder::make(rules_.portals, LunIdentifier::Serial));
    path_ = make_url_data_path([this](const ElementRef& element) { return url_of(element); });
    return ok();
  }

  DataPath& path() noexcept override { return *path_; }

  std::string description() const override {
    const std::string portals = portals_text(rules_.portals);
    return to_text(rules_.rules) + (portals.empty() ? "" : " " + portals);
  }

  void seen(const Inventory& inventory) override {
    std::set<ElementRef> there;
    for (const ElementView& element : inventory.elements) there.insert(element.ref);
    const std::lock_guard lock(mutex_);
    std::erase_if(settled_, [&](const auto& one) { return !there.contains(one.first); });
  }

 private:
  Result<std::string> url_of(const ElementRef& element) {
    LOCKSTEP_TRY(const auto identity, identity_of_(element));
    std::string reasons;
    for (const DataAccessRule& rule : rules_.rules) {
      if (!glob_matches(rule.volumes, identity.name)) continue;
      auto url = try_rule(rule, element, identity);
      if (url) return url;
      reasons += (reasons.empty() ? "" : "; ") + to_text({rule}) + ": " + url.error().message;
    }
    return config_error("element " + element.path + " (volume \"" + identity.name +
                        "\"): expected a LUN by one of the rules of data access, found none: " +
                        (reasons.empty() ? "no rule is for it" : reasons));
  }

  Result<std::string> try_rule(const DataAccessRule& rule, const ElementRef& element,
                               const VolumeIdentity& identity) {
    // The finders ask the LUNs themselves each time.
    if (rule.by == By::Identifier) {
      if (identity.naa.empty()) return config_error("the provider gives no NAA identifier");
      return by_naa_->url_of(identity.naa);
    }
    if (rule.by == By::Serial) {
      if (identity.serial.empty()) return config_error("the provider gives no serial number");
      return by_serial_->url_of(identity.serial);
    }
    // One at a time: a program that exposes volumes need not bear with itself.
    const std::lock_guard lock(mutex_);
    auto& by_rule = settled_[element];
    const auto known = by_rule.find(&rule);
    if (known != by_rule.end()) return known->second;
    auto url = settle(rule, element, identity);
    by_rule.emplace(&rule, url);
    return url;
  }

  Result<std::string> settle(const DataAccessRule& rule, const ElementRef& element,
                             const VolumeIdentity& identity) const {
    LOCKSTEP_TRY(auto url, told_url(rule, element, identity));
    if (identity.naa.empty()) return url;
    // A wrong line in a table would have somebody else's LUN written to.
    LOCKSTEP_TRY(const auto shown, naa_at(url));
    if (shown.empty() || shown == identity.naa) return url;
    return config_error(url + ": expected a LUN with identifier " + identity.naa +
                        ", found one with " + shown);
  }

  Result<std::string> told_url(const DataAccessRule& rule, const ElementRef& element,
                               const VolumeIdentity& identity) const {
    if (rule.by == By::Name) return url_by_name(rule.url, identity.name);
    if (rule.by == By::Command) {
      return run_hook(rule.command, element, identity, rules_.command_time);
    }
    const auto found = rule.urls.find(identity.name);
    if (found == rule.urls.end()) return config_error("the table has no line for it");
    return found->second;
  }

  DataAccessRules rules_;
  IdentityOf identity_of_;
  std::unique_ptr<LunFinder> by_naa_;
  std::unique_ptr<LunFinder> by_serial_;
  std::unique_ptr<DataPath> path_;
  std::mutex mutex_;
  // What a rule came to for a volume that is there: the URL, or why there is none.
  std::map<ElementRef, std::map<const DataAccessRule*, Result<std::string>>> settled_;
};

// Portals alone: every LUN is asked by whose path it is on, without a detour by its URL.
class ByPortals final : public DataAccess {
 public:
  explicit ByPortals(std::vector<std::string> portals) : portals_(std::move(portals)) {}

  Status start(IdentityOf identity_of) {
    LOCKSTEP_TRY(path_, make_portal_data_path(
                            portals_,
                            [identity_of = std::move(identity_of)](
                                const ElementRef& element) -> Result<std::string> {
                              LOCKSTEP_TRY(auto identity, identity_of(element));
                              if (!identity.naa.empty()) return std::move(identity.naa);
                              return config_error("element " + element.path +
                                                  ": expected an NAA identifier by which to find "
                                                  "its LUN, found none");
                            }));
    return ok();
  }

  DataPath& path() noexcept override { return *path_; }
  std::string description() const override {
    return to_text(std::vector<DataAccessRule>{}) + " " + portals_text(portals_);
  }
  void seen(const Inventory&) override {}

 private:
  std::vector<std::string> portals_;
  std::unique_ptr<DataPath> path_;
};

}  // namespace

Result<std::unique_ptr<DataAccess>> DataAccess::make(std::vector<std::string> portals,
                                                     const std::string& rules_file,
                                                     IdentityOf identity_of) {
  if (rules_file.empty()) {
    if (portals.empty()) return std::unique_ptr<DataAccess>();
    auto access = std::make_unique<ByPortals>(std::move(portals));
    LOCKSTEP_TRY(access->start(std::move(identity_of)));
    return std::unique_ptr<DataAccess>(std::move(access));
  }
  LOCKSTEP_TRY(auto rules, read_data_access_rules(rules_file));
  rules.portals.insert(rules.portals.begin(), portals.begin(), portals.end());
  auto access = std::make_unique<ByRules>(std::move(rules), std::move(identity_of));
  LOCKSTEP_TRY(access->start());
  return std::unique_ptr<DataAccess>(std::move(access));
}

std::string description_of(const DataAccess* access) {
  return access == nullptr ? "none: neither a portal nor rules of data access were given"
                           : access->description();
}

}  // namespace lockstep::conformance
