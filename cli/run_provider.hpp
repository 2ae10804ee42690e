// The provider of a run. One that is in this process may do anything; one outside has a gate in
// front of it (--allow-data-loss and --target), a ledger of what is made on it, and is cleaned up
// after.
#pragma once

#include "cli/options.hpp"
#include "conformance/providers/guarded/guard.hpp"
#include "model/port/provider.hpp"
#include "model/vocab/error.hpp"
#include "reports/record/record.hpp"

#include <filesystem>
#include <memory>
#include <string>

namespace lockstep::cli {

// Makes a provider. When nobody verifies who answers for it, that is said loudly on standard error.
[[nodiscard]] Result<std::unique_ptr<Provider>> open_provider(const std::string& spec);

class RunProvider {
 public:
  // Makes it. An outside one without --allow-data-loss and a --target: Origin::Usage.
  [[nodiscard]] static Result<RunProvider> open(const std::string& spec,
                                                const SafetyOptions& safety);

  [[nodiscard]] bool outside() const noexcept { return outside_; }
  // For reading only, until begin().
  [[nodiscard]] Provider& reading() noexcept { return unguarded_ ? *unguarded_ : *provider_; }
  // After begin().
  [[nodiscard]] const std::shared_ptr<Provider>& provider() const noexcept { return provider_; }
  // Before anything is made: evidence and ledger go into the run's folder. Where a ledger is there,
  // what it says is left is removed first.
  [[nodiscard]] Status begin(const report::RunHeader& header, const std::filesystem::path& folder);
  // Another one like it, behind the same guard; for those who make providers as they need them.
  [[nodiscard]] Result<std::unique_ptr<Provider>> another();
  // What the run's volumes are called, up to a number; empty in process.
  [[nodiscard]] const std::string& name_prefix() const noexcept { return name_prefix_; }
  // Removes what the run made and left. Says on standard error what stays and how to remove it.
  // `hangs`: the provider cannot be asked any more.
  void finish(bool hangs);

 private:
  RunProvider() = default;
  [[nodiscard]] Result<std::unique_ptr<Provider>> make() const;

  std::string spec_;
  SafetyOptions safety_;
  bool outside_ = false;
  std::filesystem::path folder_;
  std::string name_prefix_;
  std::shared_ptr<Provider> provider_;
  std::unique_ptr<Provider> unguarded_;  // until begin()
  std::shared_ptr<conformance::Guard> guard_;
};

}  // namespace lockstep::cli
