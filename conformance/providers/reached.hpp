// What a report must say of the way to an outside provider.
#pragma once

#include <map>
#include <string>

namespace lockstep::conformance {

class Reached {
 public:
  virtual ~Reached() = default;
  // By name: who vouches for it ("tls"), how its bytes are found ("data_access").
  [[nodiscard]] virtual std::map<std::string, std::string> how_reached() const = 0;
};

}  // namespace lockstep::conformance
