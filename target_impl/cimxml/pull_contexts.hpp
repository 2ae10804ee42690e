// Enumerations that clients pull piece by piece (DSP0200, Open... and Pull...). Internal.
#pragma once

#include "model/wire/value.hpp"

#include <chrono>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace lockstep::cimxml {

// What is left of one enumeration. Either instances or paths.
struct Pull {
  bool paths_only = false;
  std::vector<wire::PathInstance> left;
  std::chrono::seconds timeout{60};
  std::chrono::steady_clock::time_point expires;
};

// Thread-safe. Contexts that nobody pulls from go away after their timeout.
class PullContexts {
 public:
  // The first `most` of `pull` are taken out; a context is kept when something is left. Nothing:
  // too many are open.
  struct Taken {
    std::vector<wire::PathInstance> items;
    std::string context;
    bool end = true;
  };
  [[nodiscard]] std::optional<Taken> open(Pull pull, std::size_t most);
  // Nothing: no such context, or one of the other kind.
  [[nodiscard]] std::optional<Taken> pull(const std::string& context, bool paths_only,
                                          std::size_t most);
  [[nodiscard]] bool close(const std::string& context);

 private:
  void forget_old();
  [[nodiscard]] Taken take(const std::string& context, Pull& pull, std::size_t most);

  std::mutex mutex_;
  std::uint64_t last_ = 0;
  std::map<std::string, Pull> open_;
};

}  // namespace lockstep::cimxml
