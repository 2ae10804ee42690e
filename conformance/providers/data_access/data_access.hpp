// The bytes of an outside provider's volumes, reached as the user's rules say.
#pragma once

#include "conformance/providers/data_access/rules.hpp"
#include "model/port/data_path.hpp"
#include "model/vocab/observations.hpp"

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace lockstep::conformance {

// What a provider says of a volume. Empty: nothing.
struct VolumeIdentity {
  std::string name;
  std::string naa;     // VPD page 83h, hex in lower case
  std::string serial;  // VPD page 80h
};
// Called from any thread. A volume that is not there: an Error.
using IdentityOf = std::function<Result<VolumeIdentity>(const ElementRef&)>;

class DataAccess {
 public:
  // Portals without a file of rules: by NAA identifier. Neither: nullptr, the bytes are out of
  // reach. Malformed portals: Origin::Usage; files as read_data_access_rules has them.
  [[nodiscard]] static Result<std::unique_ptr<DataAccess>> make(std::vector<std::string> portals,
                                                                const std::string& rules_file,
                                                                IdentityOf identity_of);
  virtual ~DataAccess() = default;

  // A volume that no rule leads to: Origin::Config, naming each rule and why. A LUN that shows
  // another NAA identifier than the provider says is not taken. Thread-safe.
  [[nodiscard]] virtual DataPath& path() noexcept = 0;
  // Rules and portals in words, for a report.
  [[nodiscard]] virtual std::string description() const = 0;
  // Everything that is there now: what was found for others is forgotten. Thread-safe.
  virtual void seen(const Inventory& inventory) = 0;
};

// The same as description(), where there may be none.
[[nodiscard]] std::string description_of(const DataAccess* access);

}  // namespace lockstep::conformance
