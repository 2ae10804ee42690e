// Which request made which relationship. While several could have, that is a guess; it is made
// again at every look until the last of them has been judged, so that none is held to what belongs
// to another.
#pragma once

#include "model/core/create_info.hpp"
#include "model/core/follow.hpp"

#include <boost/container/small_vector.hpp>

#include <span>

namespace lockstep::model {

// Nearly always few.
using Makers = boost::container::small_vector<Task*, 6>;

// The maker of each relationship in `fresh`, those that appeared at this look; nullptr where nobody
// asked for it. Enters all of them, and earlier ones that turn out to be another's, in the
// `relationships` of the tasks.
[[nodiscard]] Makers find_makers(Look& look, std::span<const RelationshipView* const> fresh);

[[nodiscard]] bool is_group(const RelationshipView& view);
// Between a source and a target that the request names.
[[nodiscard]] bool joins(const CreateInfo& info, const RelationshipView& view);
// Whether the task has a relationship of this kind between these ends to come.
[[nodiscard]] bool awaits(const Look& look, const Task& task, const RelationshipView& view);

}  // namespace lockstep::model
