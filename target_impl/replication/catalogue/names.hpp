// Under which names the store keeps what belongs to a record.
#pragma once

#include "target_impl/replication/table.hpp"

#include <string>

namespace lockstep::replication::names {

inline const std::string kPrefix = "replication/";
inline const std::string kFormat = kPrefix + "format";
inline const std::string kService = kPrefix + "service";
inline const std::string kElements = kPrefix + "element/";
inline const std::string kGroups = kPrefix + "group/";
inline const std::string kPairs = kPrefix + "pair/";
inline const std::string kGroupPairs = kPrefix + "group pair/";
inline const std::string kJobs = kPrefix + "job/";
inline const std::string kCopies = kPrefix + "copy/";
inline const std::string kPeers = kPrefix + "peer/";  // and the name of the peer

// What a copy has begun is of no use to the next process: the copy begins again.
inline const std::string kCopyThings = "copy/";

[[nodiscard]] inline std::string volume_of_element(Id element) {
  return "element/" + std::to_string(element);
}
[[nodiscard]] inline std::string common_source(Id pair) {
  return "pair/" + std::to_string(pair) + "/source";
}
[[nodiscard]] inline std::string common_target(Id pair) {
  return "pair/" + std::to_string(pair) + "/target";
}
[[nodiscard]] inline std::string point_in_time(Id pair) {
  return "pair/" + std::to_string(pair) + "/point";
}
[[nodiscard]] inline std::string entered(Id pair) {
  return "pair/" + std::to_string(pair) + "/entered";
}
[[nodiscard]] inline std::string of_copy(Id copy, Id pair) {
  return kCopyThings + std::to_string(copy) + "/" + std::to_string(pair);
}

}  // namespace lockstep::replication::names
