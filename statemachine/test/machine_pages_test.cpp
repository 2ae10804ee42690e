// docs/machines/*.md say what the machines do. With LOCKSTEP_UPDATE_DOCS=1 in the environment they
// are written anew instead.
#include "statemachine/pages/machine_page.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cstdlib>
#include <fstream>
#include <iterator>

namespace lockstep::machine {
namespace {

void expect_page(const std::string& name, const std::string& page) {
  const std::string path = "docs/machines/" + name + ".md";
  if (std::getenv("LOCKSTEP_UPDATE_DOCS") != nullptr) {
    std::ofstream(path, std::ios::binary) << page;
    return;
  }
  std::ifstream file(path, std::ios::binary);
  ASSERT_TRUE(file) << path;
  EXPECT_EQ(std::string(std::istreambuf_iterator<char>(file), {}), page)
      << path << " differs from the rows; run this test with LOCKSTEP_UPDATE_DOCS=1";
}

TEST(MachinePages, SayWhatTheMachinesDo) {
  constexpr std::array kMirror{MachineKind::MirrorSync, MachineKind::MirrorAsync,
                               MachineKind::MirrorAdaptive};
  constexpr std::array kSnapshot{MachineKind::Snapshot};
  constexpr std::array kClone{MachineKind::Clone};
  constexpr std::array kTokenizedClone{MachineKind::TokenizedClone};
  expect_page("mirror", machine_page("Mirror", kMirror));
  expect_page("snapshot", machine_page("Snapshot", kSnapshot));
  expect_page("clone", machine_page("Clone", kClone));
  expect_page("tokenized-clone", machine_page("TokenizedClone", kTokenizedClone));
  expect_page("job", job_page());
}

}  // namespace
}  // namespace lockstep::machine
