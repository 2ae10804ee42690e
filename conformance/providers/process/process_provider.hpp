// A provider behind a child process that speaks JSON lines (docs/process-provider.md), in whatever
// language it was written.
#pragma once

#include "conformance/providers/reached.hpp"
#include "conformance/suite/runner.hpp"
#include "model/port/provider.hpp"

#include <chrono>
#include <cstddef>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace lockstep::conformance {

struct ProcessOptions {
  std::vector<std::string> arguments;  // the program and what it is given
  std::vector<std::string> portals;    // iSCSI targets, besides those that the adapter names
  std::string data_access_file;        // rules (data_access/rules.hpp); empty: none
  std::chrono::milliseconds start_deadline{10'000};
  std::chrono::milliseconds look_deadline{30'000};    // capabilities, inventory, faults
  std::chrono::milliseconds method_deadline{60'000};  // a method may wait for a copy
  std::size_t most_answer_bytes = 16 * 1024 * 1024;
  // A child that ends, hangs or breaks the protocol is ended, the call fails, and the next call
  // starts another one. Given up, so that every later call fails at once: after that many in a row
  // without an answered method between them, and after that many altogether.
  unsigned most_lost_in_a_row = 3;
  unsigned most_lost = 20;
};

// Thread-safe like every Provider; calls wait for each other.
//
// Errors name the adapter, the call and what was found instead of an answer. A child that has ended
// (with its signal or exit code and last words) or that misses a deadline: Origin::Transport. A
// line that breaks the protocol, or an answer that is an error: Origin::Provider.
class ProcessProvider : public Provider, public OutsideProvider, public Reached {
 public:
  // exchanges.log and adapter-stderr.log in that folder, with what is remembered from before;
  // secrets are removed.
  [[nodiscard]] virtual Status keep_evidence(const std::filesystem::path& folder) = 0;
  [[nodiscard]] virtual std::string recent_evidence() const = 0;
};

// Starts the child and asks who it is.
[[nodiscard]] Result<std::unique_ptr<ProcessProvider>> make_process(const ProcessOptions& options);

}  // namespace lockstep::conformance
