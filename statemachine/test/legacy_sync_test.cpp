// The legacy machine against data/legacy_sync.json: the same rows, and nothing but these when run.
#include "statemachine/legacy_sync/legacy_sync.hpp"

#include "model/vocab/names.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <ostream>

namespace lockstep::machine {

void PrintTo(const LegacyRow& row, std::ostream* out) {
  const auto text = [](LegacyPlace place) { return place ? to_text(*place) : "nowhere"; };
  *out << to_text(row.copy_type) << ' ' << text(row.from) << " --" << to_text(row.event) << "--> "
       << text(row.to);
}

namespace {

boost::json::value legacy_document() {
  std::ifstream file("statemachine/data/legacy_sync.json");
  return boost::json::parse(std::string(std::istreambuf_iterator<char>(file), {}));
}

template <class E>
E named(const boost::json::value& name) {
  const auto value = parse_name<E>(std::string_view(name.as_string()));
  EXPECT_TRUE(value) << name;
  return value.value_or(E{});
}

std::vector<LegacyPlace> places(const boost::json::value& names) {
  std::vector<LegacyPlace> found;
  for (const auto& name : names.as_array()) {
    if (name.as_string() == "any") {
      for (const SyncState state : all_values<SyncState>()) {
        if (state != SyncState::Unknown) found.emplace_back(state);
      }
    } else if (name.as_string() == "nowhere" || name.as_string() == "gone") {
      found.emplace_back(std::nullopt);
    } else {
      found.emplace_back(named<SyncState>(name));
    }
  }
  return found;
}

std::set<LegacyRow> specified() {
  std::set<LegacyRow> rows;
  const auto parsed = legacy_document();
  for (const auto& transition : parsed.at("transitions").as_array()) {
    for (const auto& type : transition.at("copy_types").as_array()) {
      for (const LegacyPlace from : places(transition.at("from"))) {
        for (const LegacyPlace to : places(transition.at("to"))) {
          rows.insert(
              {named<CopyType>(type), from, named<LegacyEvent>(transition.at("event")), to});
        }
      }
    }
  }
  return rows;
}

TEST(LegacySync, RowsAreTheSpecifiedOnesAndNoOthers) {
  const std::set<LegacyRow> want = specified();
  const std::set<LegacyRow> have(legacy_rows().begin(), legacy_rows().end());
  EXPECT_GT(want.size(), 150U);
  EXPECT_EQ(have.size(), legacy_rows().size()) << "a row is there twice";
  for (const LegacyRow& row : want) {
    EXPECT_TRUE(have.contains(row)) << "missing: " << testing::PrintToString(row);
  }
  for (const LegacyRow& row : have) {
    EXPECT_TRUE(want.contains(row)) << "unspecified: " << testing::PrintToString(row);
  }
}

TEST(LegacySync, TakesItsRowsAndNoOtherStep) {
  const std::set<LegacyRow> want = specified();
  std::vector<LegacyPlace> everywhere{std::nullopt};
  for (const SyncState state : all_values<SyncState>()) everywhere.emplace_back(state);
  for (const CopyType type : all_values<CopyType>()) {
    for (const LegacyEvent event : all_values<LegacyEvent>()) {
      for (const LegacyPlace from : everywhere) {
        for (const LegacyPlace to : everywhere) {
          const LegacyRow step{type, from, event, to};
          ASSERT_EQ(legacy_steps(step), want.contains(step)) << testing::PrintToString(step);
        }
      }
    }
  }
}

TEST(LegacySync, StandsBesideTheCopyStatesThatTheDataNames) {
  const auto parsed = legacy_document();
  const auto& pairs = parsed.at("copy_states").as_object();
  for (const SyncState state : all_values<SyncState>()) {
    std::set<CopyState> want;
    if (const auto* names = pairs.if_contains(to_text(state))) {
      for (const auto& name : names->as_array()) want.insert(named<CopyState>(name));
    }
    EXPECT_EQ(copy_states_beside(state), want) << to_text(state);
    EXPECT_EQ(want.empty(), state == SyncState::Unknown) << to_text(state);
  }
  EXPECT_TRUE(copy_states_beside(SyncState{77}).empty());
}

}  // namespace
}  // namespace lockstep::machine
