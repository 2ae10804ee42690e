#include "conformance/suite/run.hpp"

#include "conformance/suite/ledger.hpp"
#include "conformance/suite/selection.hpp"
#include "conformance/suite/session.hpp"
#include "model/vocab/names.hpp"

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <exception>
#include <iterator>
#include <mutex>
#include <optional>
#include <set>
#include <thread>
#include <utility>

namespace lockstep::conformance {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds kCaseDeadline{20'000};
// What a case may need after its deadline to remove what it made; then it counts as hanging.
constexpr std::chrono::milliseconds kLongestGrace{1500};
// Steps of every n-th good case are kept, as a sample of what is done.
constexpr std::size_t kSampleEvery = 12;

// Everything the thread of a case uses. Shared, so that a thread that never comes back keeps what
// it still holds on to.
struct Stage {
  Stage(const Case& played, const std::string& replay) : subject(played), ledger(played, replay) {}

  Case subject;
  Ledger ledger;
  std::shared_ptr<Provider> provider;
  std::unique_ptr<Session> session;
  std::atomic<bool> abandoned{false};
  std::atomic<bool> stopped{false};
  std::mutex mutex;
  std::condition_variable ended_signal;
  bool ended = false;
};

void play(const std::shared_ptr<Stage>& stage) {
  try {
    stage->session->begin();
    stage->subject.run(*stage->session);
  } catch (const Stop&) {
    // The ledger knows why.
  } catch (const std::exception& failure) {
    stage->ledger.raise(report::Verdict::Crash, std::string("exception: ") + failure.what());
  } catch (...) {
    stage->ledger.raise(report::Verdict::Crash, "an exception of an unknown kind");
  }
  stage->session->end();
  {
    const std::lock_guard lock(stage->mutex);
    stage->ended = true;
  }
  stage->ended_signal.notify_all();
}

template <class T>
std::optional<T> first_missing(const std::set<T>& needed, const std::set<T>& present) {
  for (const T& item : needed) {
    if (!present.contains(item)) return item;
  }
  return std::nullopt;
}

// Why the provider cannot be asked; empty when it can.
std::string unsupported(const Needs& needs, const Capabilities& capabilities) {
  if (const auto method = first_missing(needs.methods, capabilities.methods)) {
    return "the provider does not implement " + to_text(*method);
  }
  for (const SyncType kind : needs.kinds) {
    if (!capabilities.supports(kind)) return "the provider makes no " + to_text(kind);
  }
  if (const auto type = first_missing(needs.copy_types, capabilities.copy_types)) {
    return "the provider attaches no CopyType " + to_text(*type);
  }
  if (const auto feature = first_missing(needs.features, capabilities.features)) {
    return "the provider does not report the feature " + to_text(*feature);
  }
  if (const auto feature = first_missing(needs.group_features, capabilities.group_features)) {
    return "the provider does not report the group feature " + to_text(*feature);
  }
  for (const auto& [kind, operations] : capabilities.operations) {
    if (!needs.kinds.contains(kind.sync_type)) continue;
    if (const auto operation = first_missing(needs.operations, operations)) {
      return "the provider reports no " + to_text(*operation) + " for " + to_text(kind.sync_type);
    }
  }
  return {};
}

std::string untestable(const Needs& needs, Provider& provider) {
  if (needs.data && provider.data_path() == nullptr) {
    return "the harness has no access to the bytes of the provider's volumes; --portal or "
           "--data-access gives it";
  }
  FaultPort* port = provider.fault_port();
  const std::set<FaultKind> kinds = port == nullptr ? std::set<FaultKind>{} : port->supported();
  if (const auto kind = first_missing(needs.faults, kinds)) {
    return "the provider has no fault " + to_text(*kind);
  }
  return {};
}

std::string hex(std::uint64_t number) {
  constexpr const char* kDigits = "0123456789abcdef";
  std::string text;
  do {
    text.insert(text.begin(), kDigits[number % 16]);
    number /= 16;
  } while (number != 0);
  return text;
}

// As one word of a shell's command line.
std::string shell_word(const std::string& text) {
  if (text.find_first_of(" '\"?&*$;|<>()") == std::string::npos) return text;
  std::string quoted = "'";
  for (const char letter : text) quoted += letter == '\'' ? "'\\''" : std::string(1, letter);
  return quoted + "'";
}

class Run {
 public:
  Run(std::shared_ptr<Provider> provider, Capabilities capabilities, const RunOptions& options,
      const OracleMaker& make_oracle)
      : provider_(std::move(provider)),
        capabilities_(std::move(capabilities)),
        options_(options),
        make_oracle_(make_oracle) {}

  // Nothing for a case that was stopped by the user.
  std::optional<report::CaseRecord> one(const Case& subject, std::size_t index, bool disabled) {
    const auto started = Clock::now();
    const std::string replay =
        "lockstep conform --provider " + shell_word(options_.provider_spec) + " " + subject.id;
    auto stage = std::make_shared<Stage>(subject, replay);
    if (disabled) {
      stage->ledger.raise(report::Verdict::Disabled, "excluded by the user");
    } else if (!hanging_in_.empty()) {
      stage->ledger.raise(report::Verdict::Inconclusive,
                          "not run: the provider still hangs in " + hanging_in_);
    } else if (const auto skip = skip_of(subject.needs, capabilities_, *provider_)) {
      stage->ledger.raise(skip->verdict, skip->reason);
    } else {
      run_on_thread(stage, index);
    }
    if (stage->stopped) return std::nullopt;
    report::CaseRecord record = stage->ledger.record();
    const auto took = Clock::now() - started;
    record.duration_us = static_cast<std::uint64_t>(
        std::chrono::duration_cast<std::chrono::microseconds>(took).count());
    if (options_.excuse) {
      if (const auto reason = options_.excuse(record)) {
        record.excuse = *reason;
        record.notes.push_back("expected, as the baseline says: " + *reason);
      }
    }
    const bool interesting = record.verdict == report::Verdict::Warning ||
                             badness(record.verdict) >= badness(report::Verdict::Inconclusive);
    if (!interesting && index % kSampleEvery != 0) record.steps.clear();
    return record;
  }

 private:
  void run_on_thread(const std::shared_ptr<Stage>& stage, std::size_t index) {
    stage->provider = provider_;
    Session::Setup setup;
    setup.provider = provider_.get();
    setup.capabilities = capabilities_;
    setup.oracle = make_oracle_(capabilities_);
    setup.ledger = &stage->ledger;
    setup.clauses = stage->subject.clauses;
    setup.name_prefix =
        (options_.name_prefix.empty() ? "lockstep-" + hex(options_.seed) : options_.name_prefix) +
        "-" + std::to_string(index);
    setup.seed = options_.seed;
    setup.sweep_values = options_.sweep_values;
    setup.known = options_.known;
    const auto deadline = options_.case_deadline.value_or(kCaseDeadline);
    setup.deadline = Clock::now() + deadline;
    setup.abandoned = &stage->abandoned;
    setup.stop_requested = options_.stop_requested;
    setup.stopped = &stage->stopped;
    stage->session = std::make_unique<Session>(std::move(setup));

    std::thread thread(play, stage);
    std::unique_lock lock(stage->mutex);
    if (!ends_in_time(*stage, lock, Clock::now() + deadline)) {
      stage->abandoned = true;
      const auto ended = [&] { return stage->ended; };
      if (!stage->ended_signal.wait_for(lock, std::min(kLongestGrace, deadline), ended)) {
        // Nothing can take the thread out of the provider; it keeps the stage, and with it the
        // provider, and no later case calls into it.
        stage->ledger.note(kNeverCameBack);
        lock.unlock();
        thread.detach();
        hanging_in_ = stage->subject.id;
        return;
      }
    }
    lock.unlock();
    thread.join();
  }

  // False, and an Error in the record, when the case or one of its calls takes too long.
  bool ends_in_time(Stage& stage, std::unique_lock<std::mutex>& lock, Clock::time_point limit) {
    const auto late = [&](const std::string& expected, std::chrono::milliseconds within) {
      stage.ledger.raise(report::Verdict::Error, "hang: expected " + expected + " within " +
                                                     std::to_string(within.count()) +
                                                     " ms, still " + stage.ledger.doing());
      return false;
    };
    for (;;) {
      auto until = limit;
      const auto left = stage.ledger.call_left();
      const bool call_first =
          options_.call_deadline && left && *left + *options_.call_deadline < limit;
      if (call_first) until = *left + *options_.call_deadline;
      // A call that leaves later may be due earlier than what is waited for now.
      const auto wake =
          options_.call_deadline ? std::min(until, Clock::now() + *options_.call_deadline) : until;
      if (stage.ended_signal.wait_until(lock, wake, [&] { return stage.ended; })) return true;
      const auto now = Clock::now();
      if (now >= limit) {
        return late("the case to end", options_.case_deadline.value_or(kCaseDeadline));
      }
      // The same call as before, and its time is over.
      if (call_first && now >= until && stage.ledger.call_left() == left) {
        return late("an answer", *options_.call_deadline);
      }
    }
  }

  std::shared_ptr<Provider> provider_;
  Capabilities capabilities_;
  const RunOptions& options_;
  const OracleMaker& make_oracle_;
  std::string hanging_in_;
};

}  // namespace

std::optional<Skip> skip_of(const Needs& needs, const Capabilities& capabilities,
                            Provider& provider) {
  if (std::string why = unsupported(needs, capabilities); !why.empty()) {
    return Skip{report::Verdict::NotSupported, std::move(why)};
  }
  if (std::string why = untestable(needs, provider); !why.empty()) {
    return Skip{report::Verdict::NotTestable, std::move(why)};
  }
  return std::nullopt;
}

Result<std::vector<report::CaseRecord>> run_these(const std::vector<Case>& cases,
                                                  const std::shared_ptr<Provider>& provider,
                                                  const RunOptions& options,
                                                  const OracleMaker& make_oracle) {
  LOCKSTEP_TRY(const auto selected, choose(cases, options));
  LOCKSTEP_TRY(auto capabilities, provider->capabilities());
  Run run(provider, std::move(capabilities), options, make_oracle);
  Progress progress;
  progress.total = selected.size();
  progress.done = options.done.size();
  std::vector<report::CaseRecord> records;
  for (const Chosen& chosen : selected) {
    if (options.done.contains(chosen.subject->id)) continue;
    if (options.stop_requested && options.stop_requested()) break;
    progress.current = chosen.subject->id;
    if (options.progress) options.progress(progress);
    auto record = run.one(*chosen.subject, chosen.index, chosen.disabled);
    if (!record) break;
    records.push_back(std::move(*record));
    ++progress.done;
    const int bad = badness(records.back().verdict);
    if (bad >= badness(report::Verdict::Error)) ++progress.failed;
    if (bad == badness(report::Verdict::NotSupported)) ++progress.skipped;
    if (options.finished) options.finished(records.back());
  }
  progress.current.clear();
  if (options.progress) options.progress(progress);
  return records;
}

}  // namespace lockstep::conformance
