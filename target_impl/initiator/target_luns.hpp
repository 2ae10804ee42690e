// The LUNs of one target by what they say they are. Internal.
#pragma once

#include "target_impl/initiator/session_pool.hpp"
#include "target_impl/portal_data_path.hpp"

#include <map>
#include <mutex>
#include <optional>
#include <string>

namespace lockstep::initiator {

// Thread-safe.
class TargetLuns {
 public:
  TargetLuns(const std::string& portal, const std::string& target_name, LunIdentifier by);

  // Where the identifier is now: LUNs are given to other volumes when theirs are gone, so that a
  // remembered one is asked who it is each time.
  [[nodiscard]] std::optional<std::uint16_t> lun_of(const std::string& identifier);
  [[nodiscard]] std::string url_of_lun(std::uint16_t lun) const;

 private:
  [[nodiscard]] std::optional<std::uint16_t> find(const std::string& identifier);
  [[nodiscard]] Result<std::string> shown_by(Session& session, std::uint16_t lun) const;
  void look(Session& session);

  SessionPool sessions_;
  const LunIdentifier by_;
  std::mutex mutex_;
  std::map<std::string, std::uint16_t> lun_by_identifier_;
};

}  // namespace lockstep::initiator
