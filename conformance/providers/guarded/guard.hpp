// What a run may touch on an outside provider, and the ledger of what it makes there. One for each
// run, shared by every Provider that the run makes.
//
// The rules: volumes, groups and relationships that the run did not make are read and never
// changed, unless they are listed; volumes are made in listed pools only, the first of them where
// the caller names none; other pools are not shown. What a provider draws a replica from without
// being told is its own choice.
#pragma once

#include "conformance/providers/guarded/resource_ledger.hpp"
#include "model/custody/custody.hpp"
#include "model/port/provider.hpp"
#include "model/vocab/error.hpp"

#include <chrono>
#include <filesystem>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace lockstep::conformance {

struct GuardOptions {
  // Names or paths of pools and volumes, or globs over them.
  std::vector<std::string> targets;
  ResourceHeader header;
  std::filesystem::path folder;  // of the run; the ledger goes there
};

// Thread-safe.
class Guard {
 public:
  // Looks at the provider: what is there now is somebody else's. No listed target, or none that is
  // there: Origin::Usage, naming the pools.
  [[nodiscard]] static Result<std::shared_ptr<Guard>> open(Provider& provider,
                                                           const GuardOptions& options);
  // Goes on with the ledger in `options.folder`, whose run has been swept.
  [[nodiscard]] static Result<std::shared_ptr<Guard>> resume(Provider& provider,
                                                             const GuardOptions& options);

  // The request as it may leave; Origin::Usage, "not allowed: …", when it may not.
  [[nodiscard]] Result<Request> permit(Request request);
  [[nodiscard]] Status permit_write(const ElementRef& element);
  // Before the request leaves; 0 for one that makes nothing.
  [[nodiscard]] Result<std::uint64_t> intend(const Request& request);
  [[nodiscard]] Status answered(std::uint64_t number, const Request& request, const Answer& answer);
  // What is new is written down, what is gone is struck, and pools that are not listed are hidden.
  [[nodiscard]] Status seen(Inventory& inventory);

  [[nodiscard]] Custody custody() const;
  // What is owned and no more there.
  [[nodiscard]] Status strike(const ObjectSet& gone);

 private:
  Guard(std::unique_ptr<ResourceLedger> ledger, const GuardOptions& options, const Inventory& now);
  [[nodiscard]] bool listed(const std::string& path, const std::string& name) const;
  [[nodiscard]] Status permit_element(const ElementRef& ref) const;
  void notice(const Inventory& inventory);
  [[nodiscard]] Status let_go(const ObjectSet& gone);
  [[nodiscard]] Status write_new(const ObjectSet& owned_earlier);
  [[nodiscard]] Status write_changed_names(const ObjectSet& shown_first);

  std::unique_ptr<ResourceLedger> ledger_;
  std::vector<std::string> targets_;
  std::string name_prefix_;
  std::optional<PoolRef> first_pool_;

  mutable std::mutex mutex_;
  Custody custody_;
  ObjectSet seen_once_;                            // of the owned
  std::map<ElementRef, std::string> volumes_;      // every volume ever seen, and its name
  std::map<ElementRef, std::string> asked_names_;  // of volumes made and not yet seen
  std::map<PoolRef, std::string> pools_;
  ObjectSet known_;  // groups and relationships ever seen
  std::uint64_t next_name_ = 1;
};

// The provider behind the guard. Known references are handed through.
[[nodiscard]] std::unique_ptr<Provider> guarded(std::unique_ptr<Provider> inner,
                                                std::shared_ptr<Guard> guard);

// Removes what the run made and has not removed itself; returns what stays.
[[nodiscard]] Result<ObjectSet> remove_leftovers(Provider& guarded_provider, Guard& guard,
                                                 std::chrono::milliseconds patience);

}  // namespace lockstep::conformance
