#include "statemachine/test/specified.hpp"

#include "model/vocab/names.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <ostream>
#include <stdexcept>

namespace lockstep::machine {
namespace {

constexpr const char* kPath = "statemachine/data/transitions.json";

const boost::json::object& document() {
  static const boost::json::value parsed = [] {
    std::ifstream file(kPath);
    if (!file) throw std::runtime_error(std::string("cannot read ") + kPath);
    return boost::json::parse(std::string(std::istreambuf_iterator<char>(file), {}));
  }();
  return parsed.as_object();
}

template <class E>
E value_named(const boost::json::value& name) {
  const auto value = parse_name<E>(std::string_view(name.as_string()));
  if (!value) throw std::runtime_error("no such name: " + std::string(name.as_string()));
  return *value;
}

Place place_named(const boost::json::value& name, Place same) {
  const std::string_view text = name.as_string();
  if (text == "same") return same;
  if (text == "nowhere" || text == "gone") return kNowhere;
  return value_named<CopyState>(name);
}

void expand(const boost::json::object& transition, MachineKind kind, const char* member,
            Certainty certainty, std::vector<SpecifiedRow>& rows) {
  const auto places = specified_places(kind);
  const auto exists = [&](Place place) {
    return std::find(places.begin(), places.end(), place) != places.end();
  };
  for (const auto& source : transition.at(member).as_array()) {
    const Place from = place_named(source, kNowhere);
    std::set<Place> arrivals;
    for (const auto& target : transition.at("to").as_array()) {
      arrivals.insert(place_named(target, from));
    }
    for (const Place to : arrivals) {
      if (!exists(from) || !exists(to)) continue;
      rows.push_back({std::string(transition.at("id").as_string()), kind, from,
                      value_named<Event>(transition.at("event")), to, certainty});
    }
  }
}

}  // namespace

std::vector<Place> specified_places(MachineKind machine) {
  std::vector<Place> places{kNowhere};
  const auto& states = document().at("states").as_object();
  for (const auto& name : states.at(to_text(machine)).as_array()) {
    places.push_back(value_named<CopyState>(name));
  }
  return places;
}

std::vector<SpecifiedRow> specified_rows() {
  std::vector<SpecifiedRow> rows;
  for (const auto& entry : document().at("transitions").as_array()) {
    const auto& transition = entry.as_object();
    for (const auto& kind : transition.at("kinds").as_array()) {
      expand(transition, value_named<MachineKind>(kind), "from", Certainty::Expected, rows);
      expand(transition, value_named<MachineKind>(kind), "either_from", Certainty::Either, rows);
    }
  }
  return rows;
}

std::string place_text(Place place) { return place ? to_text(*place) : std::string("nowhere"); }

void PrintTo(const SpecifiedRow& row, std::ostream* out) {
  *out << row.id << ' ' << to_text(row.machine) << ' ' << place_text(row.from) << " --"
       << to_text(row.event) << "--> " << place_text(row.to)
       << (row.certainty == Certainty::Either ? " (either)" : "");
}

}  // namespace lockstep::machine
