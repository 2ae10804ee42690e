// What a run that a test has started left in its folder.
#pragma once

#include "cli/test/program.hpp"
#include "reports/record/store.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <map>
#include <sstream>
#include <string>
#include <vector>

namespace lockstep::cli {

// Of the newest run below `folder`.
inline std::vector<report::CaseRecord> records_in(const TemporaryFolder& folder) {
  const auto run = report::read_run(folder.path() + "/latest");
  EXPECT_TRUE(run) << run.error().message;
  return run ? run.value().cases : std::vector<report::CaseRecord>{};
}

inline std::map<std::string, report::Verdict> verdicts_in(const TemporaryFolder& folder) {
  std::map<std::string, report::Verdict> found;
  for (const report::CaseRecord& record : records_in(folder)) found[record.id] = record.verdict;
  return found;
}

inline std::string text_of_file(const std::string& file) {
  std::stringstream text;
  text << std::ifstream(file).rdbuf();
  return text.str();
}

}  // namespace lockstep::cli
