// A look was put together elsewhere or long ago, each name in a place of its own. Judging it would
// wait for one after the other to come from memory; asked for together, they come together.
#pragma once

#include "model/vocab/observations.hpp"

#include <algorithm>
#include <cstddef>
#include <string>

namespace lockstep::model {

// Always inlined: GCC takes a function that only prefetches for one without effect, and drops
// calls.
class BringNear {
 public:
  // Only a hint: nothing is read that is judged, and nothing changes.
  [[gnu::always_inline]] static void all_of(const Inventory& inventory) noexcept {
    for (const ElementView& element : inventory.elements) text(element.ref.path);
    for (const RelationshipView& relationship : inventory.relationships) {
      lines(&relationship, sizeof relationship);
      text(relationship.ref.path);
      if (relationship.source_element) text(relationship.source_element->path);
      if (relationship.target_element) text(relationship.target_element->path);
    }
    for (const GroupView& group : inventory.groups) {
      text(group.ref.path);
      for (const ElementRef& member : group.members) text(member.path);
    }
    for (const JobView& job : inventory.jobs) {
      lines(&job, sizeof job);
      text(job.ref.path);
      lines(job.operational_status.data(), 1);
    }
  }

 private:
  static constexpr std::size_t kLine = 64;

  [[gnu::always_inline]] static void lines(const void* from, std::size_t bytes) noexcept {
    const auto* const begin = static_cast<const char*>(from);
    for (std::size_t at = 0; at < bytes; at += kLine) __builtin_prefetch(begin + at);
  }
  // Longer names are rare.
  [[gnu::always_inline]] static void text(const std::string& text) noexcept {
    lines(text.data(), std::min(text.size(), 2 * kLine));
  }
};

}  // namespace lockstep::model
