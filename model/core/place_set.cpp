#include "model/core/place_set.hpp"

#include "model/vocab/names.hpp"

namespace lockstep::model {

std::string text_of(Place place) { return place ? to_text(*place) : "gone"; }

std::string text_of(PlaceSet places) {
  if (places.empty()) return "nothing";
  const std::vector<Place> all = places.places();
  std::string text;
  // "gone" is bit 0; it reads better last.
  for (std::size_t i = 0; i < all.size(); ++i) {
    const bool starts_gone = !all.front().has_value();
    const Place place = starts_gone ? all[(i + 1) % all.size()] : all[i];
    if (i > 0) text += i + 1 == all.size() ? " or " : ", ";
    text += text_of(place);
  }
  return text;
}

}  // namespace lockstep::model
