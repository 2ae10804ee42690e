// LunUrls: where the LUN of a provider's volume is, for those who bring an initiator of their own.
#pragma once

#include "model/port/data_path.hpp"
#include "model/vocab/error.hpp"
#include "model/vocab/ids.hpp"

#include <string>

namespace lockstep {

// A DataPath that reaches its volumes as LUNs is this, too.
class LunUrls {
 public:
  virtual ~LunUrls() = default;
  // iscsi://host:port/iqn/lun at the moment of the call. An element without a LUN: Origin::Config.
  // Thread-safe.
  [[nodiscard]] virtual Result<std::string> url_of(const ElementRef& element) = 0;
};

// The same of any path; one that is no LunUrls: Origin::Config.
[[nodiscard]] inline Result<std::string> lun_url_of(DataPath& path, const ElementRef& element) {
  auto* const urls = dynamic_cast<LunUrls*>(&path);
  if (urls != nullptr) return urls->url_of(element);
  return config_error("element " + element.path +
                      ": expected a volume that is reached as a LUN, found another way to it");
}

}  // namespace lockstep
