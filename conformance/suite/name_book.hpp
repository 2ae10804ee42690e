// Short names for a provider's references ("v1", "r2"), and requests written with them, so that a
// step reads like a line of a program.
#pragma once

#include "model/vocab/answers.hpp"
#include "model/vocab/requests.hpp"

#include <map>
#include <string>

namespace lockstep::conformance {

class NameBook {
 public:
  // The same reference always gets the same name; the first of a kind gets number 1.
  [[nodiscard]] std::string of(const ElementRef& ref) { return name("v", ref.path); }
  [[nodiscard]] std::string of(const PoolRef& ref) { return name("p", ref.path); }
  [[nodiscard]] std::string of(const GroupRef& ref) { return name("g", ref.path); }
  [[nodiscard]] std::string of(const RelationshipRef& ref) { return name("r", ref.path); }
  [[nodiscard]] std::string of(const JobRef& ref) { return name("j", ref.path); }
  [[nodiscard]] std::string of(const AccessPointRef& ref) { return name("a", ref.path); }
  [[nodiscard]] std::string of(const SettingRef& ref) { return name("s", ref.path); }
  [[nodiscard]] std::string of(const PeerRef& ref) { return name("peer", ref.path); }

  // "CreateElementReplica(SyncType=Snapshot, SourceElement=v1)"; NULL parameters are left out.
  [[nodiscard]] std::string text(const Request& request);
  // "4096 JobStarted, Job=j1, TargetElement=v2"
  [[nodiscard]] std::string text(const Answer& answer);
  // `text` with the references that have a name replaced by it.
  [[nodiscard]] std::string shorten(std::string text) const;

 private:
  [[nodiscard]] std::string name(const std::string& kind, const std::string& path);

  std::map<std::pair<std::string, std::string>, std::string> names_;
  std::map<std::string, int> last_;
};

}  // namespace lockstep::conformance
