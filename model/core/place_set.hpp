// A set of places in one machine word: the CopyStates a relationship may be in, and "nowhere".
#pragma once

#include "statemachine/events.hpp"

#include <bit>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <vector>

namespace lockstep::model {

using machine::Place;

class PlaceSet {
 public:
  static constexpr unsigned kLastState = 18;
  constexpr PlaceSet() = default;
  constexpr PlaceSet(std::initializer_list<CopyState> states) {
    for (const CopyState state : states) add(state);
  }
  [[nodiscard]] static constexpr PlaceSet of(Place place) {
    PlaceSet set;
    set.add(place);
    return set;
  }
  [[nodiscard]] static constexpr PlaceSet nowhere() { return of(machine::kNowhere); }
  // Every place that can be a member.
  [[nodiscard]] static constexpr PlaceSet all() {
    return raw((std::uint32_t{2} << kLastState) - 1 - std::uint32_t{2});
  }
  // Of a member: below kPlaces, another for each.
  [[nodiscard]] static constexpr std::size_t index_of(Place place) {
    return place ? static_cast<std::size_t>(*place) : 0;
  }

  // Numbers that are no CopyState (hostile input) are never members.
  constexpr void add(Place place) { bits_ |= bit(place); }
  constexpr void remove(Place place) { bits_ &= ~bit(place); }
  [[nodiscard]] constexpr bool contains(Place place) const { return (bits_ & bit(place)) != 0; }
  [[nodiscard]] constexpr bool empty() const { return bits_ == 0; }
  [[nodiscard]] constexpr int size() const { return std::popcount(bits_); }
  [[nodiscard]] constexpr bool within(PlaceSet other) const { return (bits_ & ~other.bits_) == 0; }

  friend constexpr bool operator==(PlaceSet, PlaceSet) = default;
  friend constexpr PlaceSet operator|(PlaceSet a, PlaceSet b) { return raw(a.bits_ | b.bits_); }
  friend constexpr PlaceSet operator&(PlaceSet a, PlaceSet b) { return raw(a.bits_ & b.bits_); }
  friend constexpr PlaceSet operator-(PlaceSet a, PlaceSet b) { return raw(a.bits_ & ~b.bits_); }
  constexpr PlaceSet& operator|=(PlaceSet other) { return *this = *this | other; }
  constexpr PlaceSet& operator&=(PlaceSet other) { return *this = *this & other; }

  template <class Visit>
  constexpr void for_each(Visit visit) const {
    for (std::uint32_t rest = bits_; rest != 0; rest &= rest - 1) {
      visit(place_of(static_cast<unsigned>(std::countr_zero(rest))));
    }
  }
  // The same with index_of() of each.
  template <class Visit>
  constexpr void for_each_index(Visit visit) const {
    for (std::uint32_t rest = bits_; rest != 0; rest &= rest - 1) {
      visit(static_cast<std::size_t>(std::countr_zero(rest)));
    }
  }
  // Of a set that is not empty.
  [[nodiscard]] constexpr Place first() const {
    return place_of(static_cast<unsigned>(std::countr_zero(bits_)));
  }
  [[nodiscard]] std::vector<Place> places() const {
    std::vector<Place> all;
    for_each([&](Place place) { all.push_back(place); });
    return all;
  }

 private:
  static constexpr PlaceSet raw(std::uint32_t bits) {
    PlaceSet set;
    set.bits_ = bits;
    return set;
  }
  // Bit 0 is "nowhere"; bit n is CopyState n.
  static constexpr std::uint32_t bit(Place place) {
    if (!place) return 1;
    const auto number = static_cast<unsigned>(*place);
    return number >= 2 && number <= kLastState ? std::uint32_t{1} << number : 0;
  }
  static constexpr Place place_of(unsigned bit_number) {
    if (bit_number == 0) return machine::kNowhere;
    return static_cast<CopyState>(bit_number);
  }

  std::uint32_t bits_ = 0;
};

inline constexpr std::size_t kPlaces = PlaceSet::kLastState + 1;

// "Synchronized", "gone".
[[nodiscard]] std::string text_of(Place place);
// "Unsynchronized, Synchronized or gone".
[[nodiscard]] std::string text_of(PlaceSet places);

}  // namespace lockstep::model
