#include "target_impl/initiator/chosen_data_path.hpp"
#include "target_impl/initiator/lun_data_path.hpp"
#include "target_impl/portal_data_path.hpp"

#include <map>
#include <mutex>
#include <utility>

namespace lockstep {
namespace {

class UrlDataPath final : public initiator::ChosenDataPath {
 public:
  explicit UrlDataPath(UrlOf url_of) : url_of_(std::move(url_of)) {}

 private:
  [[nodiscard]] Result<initiator::IscsiUrl> place_of(const ElementRef& element) const {
    LOCKSTEP_TRY(const auto url, url_of_(element));
    auto parsed = initiator::parse_url(url);
    // It is the provider that said so, not the user.
    if (!parsed) return config_error("element " + element.path + ": " + parsed.error().message);
    return std::move(parsed).value();
  }

  // One path per target; which LUN it is there is asked again for every command.
  [[nodiscard]] Result<DataPath*> path_of(const ElementRef& element) override {
    LOCKSTEP_TRY(const auto place, place_of(element));
    const std::lock_guard lock(mutex_);
    auto& path = by_target_[{place.portal, place.target_name}];
    if (!path) {
      path = initiator::make_lun_data_path(
          place.portal, place.target_name,
          [this](const ElementRef& asked) -> std::optional<std::uint16_t> {
            const auto found = place_of(asked);
            if (!found) return std::nullopt;
            return found.value().lun;
          });
    }
    return path.get();
  }

  UrlOf url_of_;
  std::mutex mutex_;
  std::map<std::pair<std::string, std::string>, std::unique_ptr<DataPath>> by_target_;
};

}  // namespace

std::unique_ptr<DataPath> make_url_data_path(UrlOf url_of) {
  return std::make_unique<UrlDataPath>(std::move(url_of));
}

}  // namespace lockstep
