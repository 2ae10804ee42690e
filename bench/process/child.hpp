// Processes that a comparison starts: they end with this one, whatever ends it.
#pragma once

#include "model/vocab/error.hpp"

#include <chrono>
#include <functional>
#include <string>
#include <sys/types.h>
#include <utility>
#include <vector>

namespace lockstep::bench {

// Started by the thread that must outlive it; killed and waited for by the destructor.
class Child {
 public:
  using Variables = std::vector<std::pair<std::string, std::string>>;

  // `arguments[0]` is the program, looked for in PATH and the sbin folders. Its output is added to
  // the file `log`; `more` is added to the environment. No such program: Origin::Config.
  [[nodiscard]] static Result<Child> start(const std::vector<std::string>& arguments,
                                           const std::string& log, const Variables& more = {});
  // A copy of this process that runs `work` and ends. Only while this process has no other thread.
  [[nodiscard]] static Result<Child> start_copy(const std::function<void()>& work);

  Child(Child&& other) noexcept : process_(std::exchange(other.process_, 0)) {}
  Child& operator=(Child&& other) noexcept;
  ~Child() { kill(); }

  [[nodiscard]] pid_t process() const noexcept { return process_; }
  [[nodiscard]] bool is_running();
  // Its exit code; it is killed, and the answer is -1, when it has not ended in time or was killed.
  [[nodiscard]] int wait(std::chrono::milliseconds limit);

 private:
  explicit Child(pid_t process) noexcept : process_(process) {}
  void kill() noexcept;
  pid_t process_ = 0;  // 0: none any more
};

// The full path, or nothing. A name with a slash is a path already.
[[nodiscard]] std::string find_program(const std::string& name);

// A folder of its own, on a RAM disk where there is one, removed with its content.
class ScratchFolder {
 public:
  [[nodiscard]] static Result<ScratchFolder> make();
  ScratchFolder(ScratchFolder&& other) noexcept : path_(std::exchange(other.path_, {})) {}
  ScratchFolder& operator=(ScratchFolder&&) = delete;
  ~ScratchFolder();
  [[nodiscard]] const std::string& path() const noexcept { return path_; }

 private:
  explicit ScratchFolder(std::string path) : path_(std::move(path)) {}
  std::string path_;
};

}  // namespace lockstep::bench
