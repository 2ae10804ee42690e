// A look was put together elsewhere or long ago, each name in a place of its own. Judging it would
// wait for one after the other to come from memory; asked for together, they come together.
#pragma once

#include "model/vocab/observations.hpp"

#include <cstddef>
#include <string>
#include <vector>

namespace lockstep::model {

// Always inlined: GCC takes a function that only prefetches for one without effect, and drops
// calls.
class BringNear {
 public:
  // Only a hint: nothing is read that is judged, and nothing changes.
  [[gnu::always_inline]] static void all_of(const Inventory& inventory) noexcept {
    // First where the names are, of all lists; by then the first of them have come.
    for (const ElementView& element : inventory.elements) lines(&element.ref, 1);
    all_lines(inventory.relationships);
    all_lines(inventory.groups);
    all_lines(inventory.jobs);
    for (const ElementView& element : inventory.elements) text(element.ref.path);
    for (const RelationshipView& relationship : inventory.relationships) {
      text(relationship.ref.path);
      if (relationship.source_element) text(relationship.source_element->path);
      if (relationship.target_element) text(relationship.target_element->path);
    }
    for (const GroupView& group : inventory.groups) {
      text(group.ref.path);
      for (const ElementRef& member : group.members) text(member.path);
    }
    for (const JobView& job : inventory.jobs) {
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
  template <class View>
  [[gnu::always_inline]] static void all_lines(const std::vector<View>& views) noexcept {
    lines(views.data(), views.size() * sizeof(View));
  }
  // Its first line and its last; longer names are rare.
  [[gnu::always_inline]] static void text(const std::string& text) noexcept {
    __builtin_prefetch(text.data());
    __builtin_prefetch(text.data() + text.size());
  }
};

}  // namespace lockstep::model
