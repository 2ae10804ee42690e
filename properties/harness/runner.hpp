// Runs sequences against a provider that is kept as long as it behaves: reused from one sequence to
// the next after cleaning up, made anew after a failure, an error, a leftover, or when its list of
// finished jobs has grown long.
#pragma once

#include "model/custody/custody.hpp"
#include "properties/commands/command.hpp"
#include "properties/generators/world.hpp"
#include "properties/harness/check.hpp"
#include "properties/harness/tally.hpp"
#include "properties/harness/trace.hpp"
#include "properties/history/history.hpp"

#include <cstdint>
#include <memory>

namespace lockstep::properties {

// Not thread-safe. Borrows the factory.
class Runner {
 public:
  explicit Runner(const ProviderFactory& factory) : factory_(factory) {}

  // Makes the first provider and asks what it can do.
  [[nodiscard]] Status open(std::size_t max_operations);
  // After open().
  [[nodiscard]] const std::shared_ptr<const World>& world() const noexcept { return world_; }

  // Runs one sequence. `tally` and `history`, which gets what the judge was told, may be nullptr. A
  // provider that cannot be made shows as Trace::error.
  [[nodiscard]] Trace run(const Sequence& sequence, Tally* tally, History* history = nullptr);

  [[nodiscard]] std::uint64_t leaks() const noexcept { return leaks_; }

 private:
  [[nodiscard]] Status provide();
  void retire();

  const ProviderFactory& factory_;
  std::unique_ptr<Provider> provider_;
  std::shared_ptr<const World> world_;
  ObjectSet given_;  // there before; left alone
  std::uint64_t sequence_numbers_ = 0;
  std::uint64_t leaks_ = 0;
};

}  // namespace lockstep::properties
