// A child process with its standard input and output, one line at a time.
#pragma once

#include <string>
#include <sys/types.h>
#include <vector>

namespace lockstep::durability {

class Process {
 public:
  explicit Process(std::vector<std::string> arguments);
  ~Process();  // kills
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  // False: the process is gone.
  [[nodiscard]] bool say(const std::string& line);
  // Without its end; empty: the process is gone, or said nothing for ten seconds.
  [[nodiscard]] std::string hear();
  // SIGKILL, and waits for the end. May be called from another thread than say() and hear(), which
  // then return; call it once. False: it had ended in another way before.
  bool kill();

 private:
  pid_t id_ = -1;
  int to_ = -1;
  int from_ = -1;
  bool killed_ = false;
  std::string heard_;
};

}  // namespace lockstep::durability
