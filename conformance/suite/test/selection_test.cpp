// Selection: every way of naming cases, and that nothing chosen is an error that helps.
#include "conformance/suite/selection.hpp"

#include "conformance/suite/case.hpp"
#include "conformance/suite/select.hpp"
#include "conformance/suite/session.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <unistd.h>

namespace lockstep::conformance {
namespace {

using List = std::vector<std::string>;
using testing::ElementsAre;
using testing::HasSubstr;

Case selectable(const std::string& id, const std::string& clause, Level level, Needs needs = {},
                List tags = {}) {
  return Case{id,         {clause},         level,           "does",
              "requires", std::move(needs), std::move(tags), [](Session&) {}};
}

Needs snapshot_with_bytes() {
  Needs needs;
  needs.kinds = {SyncType::Snapshot};
  needs.features = {Feature::MultihopElementReplication};
  needs.data = true;
  return needs;
}

Needs faulty_mirror() {
  Needs needs;
  needs.kinds = {SyncType::Mirror};
  needs.operations = {Operation::Failover};
  needs.faults = {FaultKind::LinkLost};
  return needs;
}

const std::vector<Case>& cases() {
  static const std::vector<Case> all{
      selectable("CER/one", "CER-01", Level::Shall, snapshot_with_bytes(), {"wait"}),
      selectable("CER/one-more", "CER-01", Level::Stated),
      selectable("CER/two", "CER-02", Level::May, faulty_mirror(), {"sweep"}),
      selectable("CLR/one", "CLR-01", Level::Shall, {}, {"wait"})};
  return all;
}

Result<std::vector<Chosen>> chosen_by(const Selection& selection) {
  return choose(cases(), selection);
}

List ids_of(const Selection& selection) {
  const auto chosen = chosen_by(selection);
  EXPECT_TRUE(chosen) << chosen.error().message;
  List ids;
  if (!chosen) return ids;
  for (const Chosen& one : chosen.value()) ids.push_back(one.subject->id);
  return ids;
}

List ids_by(const List& select) { return ids_of({.select = select}); }

Error error_of(const Selection& selection) {
  const auto chosen = chosen_by(selection);
  EXPECT_FALSE(chosen);
  return chosen ? Error{} : chosen.error();
}

TEST(Selection, TakesEverythingWhenNothingIsNamed) { EXPECT_EQ(ids_by({}).size(), 4U); }

TEST(Selection, TakesIdsClausesPrefixesAndGlobs) {
  EXPECT_THAT(ids_by({"CER/two"}), ElementsAre("CER/two"));
  EXPECT_THAT(ids_by({"CLR-01"}), ElementsAre("CLR/one"));
  EXPECT_THAT(ids_by({"CER"}), ElementsAre("CER/one", "CER/one-more", "CER/two"));
  EXPECT_THAT(ids_by({"*/one"}), ElementsAre("CER/one", "CLR/one"));
  EXPECT_THAT(ids_by({"C?R-02"}), ElementsAre("CER/two"));
  EXPECT_THAT(ids_by({"CLR", "CER/two"}), ElementsAre("CER/two", "CLR/one"));
}

TEST(Selection, TakesAnIdForThatCaseAlone) {
  EXPECT_THAT(ids_by({"CER/one"}), ElementsAre("CER/one"));
}

TEST(Selection, TakesMethodsSectionsLevelsFeaturesAndTags) {
  EXPECT_THAT(ids_by({"CreateListReplica"}), ElementsAre("CLR/one"));
  EXPECT_THAT(ids_by({"method:CreateElement*"}), ElementsAre("CER/one", "CER/one-more", "CER/two"));
  EXPECT_THAT(ids_by({"section:CLR"}), ElementsAre("CLR/one"));
  EXPECT_THAT(ids_by({"level:shall"}), ElementsAre("CER/one", "CLR/one"));
  EXPECT_THAT(ids_by({"clause:CER-01"}), ElementsAre("CER/one", "CER/one-more"));
  EXPECT_THAT(ids_by({"case:*/one"}), ElementsAre("CER/one", "CLR/one"));
  for (const char* feature : {"Mirror", "Failover", "LinkLost"}) {
    EXPECT_THAT(ids_by({std::string("feature:") + feature}), ElementsAre("CER/two")) << feature;
  }
  for (const char* feature : {"Snapshot", "MultihopElementReplication"}) {
    EXPECT_THAT(ids_by({std::string("feature:") + feature}), ElementsAre("CER/one")) << feature;
  }
  EXPECT_THAT(ids_by({"tag:wait"}), ElementsAre("CER/one", "CLR/one"));
  EXPECT_THAT(ids_by({"tag:bytes"}), ElementsAre("CER/one"));
  EXPECT_THAT(ids_by({"tag:faults"}), ElementsAre("CER/two"));
}

TEST(Selection, NarrowsByEachConditionThatIsAdded) {
  EXPECT_THAT(ids_of({.select = {"CER"}, .narrow = {{"level:shall", "level:may"}}}),
              ElementsAre("CER/one", "CER/two"));
  EXPECT_THAT(ids_of({.narrow = {{"level:shall"}, {"tag:wait"}}}),
              ElementsAre("CER/one", "CLR/one"));
  EXPECT_THAT(ids_of({.narrow = {{"tag:wait"}}, .only = List{"CLR/one", "CER/two"}}),
              ElementsAre("CLR/one"));
}

TEST(Selection, MarksWhatIsExcludedAndKeepsIt) {
  const auto chosen = chosen_by({.select = {"CER"}, .exclude = {"tag:sweep"}});
  ASSERT_TRUE(chosen);
  ASSERT_EQ(chosen.value().size(), 3U);
  EXPECT_FALSE(chosen.value()[0].disabled);
  EXPECT_TRUE(chosen.value()[2].disabled);
}

TEST(Selection, ShardsCoverEverythingOnce) {
  for (std::size_t shards = 1; shards <= 5; ++shards) {
    List all;
    for (std::size_t shard = 1; shard <= shards; ++shard) {
      for (std::string& id : ids_of({.shard = shard, .shards = shards})) all.push_back(id);
    }
    std::sort(all.begin(), all.end());
    EXPECT_THAT(all, ElementsAre("CER/one", "CER/one-more", "CER/two", "CLR/one")) << shards;
  }
  // A case keeps its place, and with it everything that is derived from it, in every shard.
  EXPECT_EQ(chosen_by({.shard = 2, .shards = 2}).value().front().index, 1U);
}

TEST(Selection, NamesTheNearestWhenNothingFits) {
  const Error id = error_of({.select = {"CER/twoo"}});
  EXPECT_EQ(id.origin, Origin::Usage);
  EXPECT_THAT(id.message, HasSubstr("nearest: CER/two"));
  EXPECT_THAT(error_of({.select = {"CER-03"}}).message, HasSubstr("CER-0"));
  EXPECT_THAT(error_of({.exclude = {"tag:sweeep"}}).message, HasSubstr("nearest: tag:sweep"));
  EXPECT_THAT(error_of({.narrow = {{"level:shal"}}}).message, HasSubstr("nearest: level:shall"));
  EXPECT_EQ(error_of({.only = List{}}).origin, Origin::Usage);
}

TEST(Selection, SaysWhichConditionsLeaveNothingTogether) {
  const Error error = error_of({.select = {"CLR"}, .narrow = {{"level:may"}}});
  EXPECT_EQ(error.origin, Origin::Usage);
  EXPECT_THAT(error.message, HasSubstr("CLR, and level:may"));
}

TEST(Selection, RefusesAKeyThatDoesNotExist) {
  const Error error = error_of({.select = {"lvel:shall"}});
  EXPECT_EQ(error.origin, Origin::Config);
  EXPECT_THAT(error.message, HasSubstr("level"));
}

TEST(Selection, MatchesGlobs) {
  EXPECT_TRUE(glob_matches("*", ""));
  EXPECT_TRUE(glob_matches("a*b*c", "axxbxbxc"));
  EXPECT_FALSE(glob_matches("a*b*c", "axxbxbx"));
  EXPECT_FALSE(glob_matches("?", ""));
  EXPECT_TRUE(glob_matches("**x", "x"));
  EXPECT_EQ(distance("kitten", "sitting"), 3U);
}

class SelectorFile : public testing::Test {
 protected:
  SelectorFile()
      : path_(std::filesystem::temp_directory_path() /
              ("lockstep-selectors-" + std::to_string(::getpid()))) {}
  ~SelectorFile() override { std::filesystem::remove(path_); }

  Result<List> read(const std::string& text) {
    std::ofstream(path_, std::ios::binary) << text;
    return with_files({"GEN", "@" + path_.string()});
  }

  std::filesystem::path path_;
};

TEST_F(SelectorFile, HoldsOneSelectorALine) {
  const auto read_back =
      read("# what the vendor asked for\nCER-34\n\n  level:may   # advice\r\nCLR");
  ASSERT_TRUE(read_back) << read_back.error().message;
  EXPECT_THAT(read_back.value(), ElementsAre("GEN", "CER-34", "level:may", "CLR"));
}

TEST_F(SelectorFile, IsRefusedWhenItIsNoneOrSaysNothing) {
  EXPECT_EQ(with_files({"@" + path_.string() + ".none"}).error().origin, Origin::Config);
  EXPECT_EQ(with_files({"@" + path_.parent_path().string()}).error().origin, Origin::Config);
  EXPECT_EQ(read("# nothing\n").error().origin, Origin::Usage);
  EXPECT_THAT(read("CER\n@more\n").error().message, HasSubstr("@more"));
  EXPECT_THAT(read(std::string(1'100'000, 'x')).error().message, HasSubstr("1 MiB"));
}

}  // namespace
}  // namespace lockstep::conformance
