// Calls and answers with one adapter, over as many children as it takes. Internal.
#pragma once

#include "conformance/providers/evidence.hpp"
#include "conformance/providers/process/child.hpp"
#include "conformance/providers/process/process_provider.hpp"
#include "model/wire/lines/messages.hpp"

#include <filesystem>
#include <memory>
#include <mutex>
#include <string>

namespace lockstep::conformance {

// Thread-safe: one call after the other.
class Conversation {
 public:
  explicit Conversation(const ProcessOptions& options);

  // Starts a child when there is none.
  [[nodiscard]] Result<lines::Told> ask(const lines::Call& call);
  // Of the child that was started first.
  [[nodiscard]] Result<lines::Hello> hello();
  [[nodiscard]] const std::string& name() const noexcept { return name_; }

  [[nodiscard]] Status keep_evidence(const std::filesystem::path& folder);
  [[nodiscard]] std::string recent_evidence() const { return exchanges_.recent(); }

 private:
  [[nodiscard]] Status ready();
  [[nodiscard]] Result<lines::Told> exchange(const lines::Call& call);
  [[nodiscard]] Result<lines::Told> read(const lines::NumberedCall& call, const std::string& line);
  [[nodiscard]] std::chrono::milliseconds deadline_of(const lines::Call& call) const;
  // Ends the child and counts it as lost.
  [[nodiscard]] Error lose(Origin origin, const lines::Call& call, const std::string& expected,
                           const std::string& found);
  [[nodiscard]] Error lose_silent(Child::Trouble trouble, const lines::Call& call);
  void take_errors();

  const ProcessOptions options_;
  const std::string name_;
  std::mutex mutex_;
  std::unique_ptr<Child> child_;
  std::uint64_t last_id_ = 0;
  unsigned lost_in_a_row_ = 0;
  unsigned lost_ = 0;
  std::string last_loss_;
  std::string last_words_;  // the end of what came on standard error
  std::optional<lines::Hello> hello_;
  Evidence exchanges_;
  Evidence errors_;
};

// The line without the values of "password" members.
[[nodiscard]] std::string without_passwords(std::string line);

}  // namespace lockstep::conformance
