// The system under test: a provider with its judge beside it. Carries out commands one by one,
// tells the judge everything that happens, and hands back what it says.
//
// One fixture per run of a sequence. Not thread-safe; borrows the provider and the tally.
#pragma once

#include "model/custody/custody.hpp"
#include "model/port/provider.hpp"
#include "properties/commands/command.hpp"
#include "properties/harness/bindings.hpp"
#include "properties/harness/read_buffer.hpp"
#include "properties/harness/tally.hpp"
#include "properties/harness/trace.hpp"
#include "properties/history/noting_judge.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <vector>

namespace lockstep::properties {

struct FixtureLimits {
  std::chrono::milliseconds job{5'000};    // for a job to end by itself
  std::chrono::milliseconds rest{1'000};   // for copies to end
  std::chrono::milliseconds lag{2'000};    // at most, for asynchronous mirrors to catch up
  std::chrono::milliseconds held_job{50};  // the same while a fault is in force
};

class Fixture {
 public:
  // `sequence_numbers` numbers the writes; it goes on over all runs against one provider, so that
  // data of an earlier run is never taken for data of this one. `tally` and `history`, which gets
  // what the judge is told, may be nullptr.
  Fixture(Provider& provider, std::shared_ptr<const Capabilities> capabilities,
          std::uint64_t& sequence_numbers, Tally* tally, History* history = nullptr);

  // Runs everything: adopts what exists, each command, a settling at the end with a read of every
  // volume. Stops at the first violation or error.
  [[nodiscard]] Trace run(const Sequence& sequence);

 private:
  struct Written;

  [[nodiscard]] Result<Step> carry_out(const Command& command);
  [[nodiscard]] Result<Step> call(const Command& command, const Request& request);
  [[nodiscard]] Result<Step> look(const std::string& operation);
  [[nodiscard]] Result<Step> write(const WriteBlocks& op);
  [[nodiscard]] Result<Step> unmap(const UnmapBlocks& op);
  [[nodiscard]] Result<Step> read(const ElementRef& element, const std::string& operation);
  [[nodiscard]] Result<Step> await(const std::vector<JobRef>& jobs, const std::string& operation);
  [[nodiscard]] Result<Step> disturb(const Disturb& op);

  // At the end: repairs, waits, looks, reads everything alone and then by groups.
  [[nodiscard]] Status settle(Trace& trace);
  [[nodiscard]] Result<Step> rest();
  void catch_up();
  [[nodiscard]] Status read_everything(Trace& trace);
  [[nodiscard]] Result<Step> read_group(const std::vector<ElementRef>& members,
                                        const std::string& operation);

  [[nodiscard]] Result<Written> write_range(const ElementRef& element, std::uint64_t volume,
                                            std::uint64_t first, std::uint64_t blocks);
  void tell(const Written& written, bool raced, model::Findings& findings);
  [[nodiscard]] Result<model::Findings> observe();
  // Adds the step; true when it ends the run.
  [[nodiscard]] bool conclude(Trace& trace, Step step);
  void show_findings(Step& step);
  void count(const Command& command, const Answer& answer);
  void count_host_write(const ElementRef& element, const Inventory& earlier);
  void tell_disturbance(const Fault& fault, const model::Window& window);
  void count_disturbance(FaultKind kind, const Inventory& earlier);
  // With handles for references, and times counted from the beginning of the run.
  [[nodiscard]] std::string readable(const std::string& text) const;
  [[nodiscard]] bool holds_range(const ElementRef& element, std::uint64_t first,
                                 std::uint64_t blocks) const;

  Provider& provider_;
  NotingJudge judge_;
  std::uint64_t& sequence_numbers_;
  Tally* tally_;
  FixtureLimits limits_;
  Bindings bindings_;
  Instant began_;
  model::SharedInventory seen_ = std::make_shared<const Inventory>();  // the last look
  std::vector<std::string> beliefs_;  // what the judge described after the last step
  std::set<ElementRef> given_;        // existed before the run; left alone
  std::vector<Fault> faults_;         // in force, as often as they were made
  ReadBuffer image_;
  ReadBuffer other_image_;  // where two are compared
};

// Removes everything that was not in `given`, unjudged: ends relationships, deletes groups and
// volumes. False when something stays.
[[nodiscard]] Result<bool> clean_up(Provider& provider, const ObjectSet& given);

}  // namespace lockstep::properties
