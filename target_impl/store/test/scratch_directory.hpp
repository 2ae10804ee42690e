// A directory of a test's own, gone with everything in it at the end. In memory where the system
// has such a place: what a crash of a process leaves behind is the same there, and syncs take no
// time.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <stdexcept>
#include <string>

namespace lockstep::test {

class ScratchDirectory {
 public:
  ScratchDirectory() {
    std::string name = "/dev/shm/lockstep-XXXXXX";
    bool made = ::mkdtemp(name.data()) != nullptr;
    if (!made) {
      name = (std::filesystem::temp_directory_path() / "lockstep-XXXXXX").string();
      made = ::mkdtemp(name.data()) != nullptr;
    }
    if (!made) {
      throw std::runtime_error("no scratch directory: " + name);
    }
    path_ = name;
  }
  ~ScratchDirectory() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  ScratchDirectory(const ScratchDirectory&) = delete;
  ScratchDirectory& operator=(const ScratchDirectory&) = delete;

  [[nodiscard]] const std::string& path() const noexcept { return path_; }
  [[nodiscard]] std::string file(const std::string& name) const { return path_ + "/" + name; }

 private:
  std::string path_;
};

}  // namespace lockstep::test
