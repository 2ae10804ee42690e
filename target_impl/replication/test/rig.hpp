// A running reference and the few calls that every test of the service makes.
#pragma once

#include "target_impl/reference.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace lockstep::replication::test {

inline constexpr std::uint64_t kBlocks = 512;  // 256 KiB: four extents

class Rig {
 public:
  explicit Rig(CopyStrategy strategy = CopyStrategy::ThroughInitiator);
  explicit Rig(ReferenceOptions options);

  // With a store: the end of this process, in order, and the beginning of the next.
  void stop() { provider_.reset(); }
  void start();
  // For the next start().
  [[nodiscard]] ReferenceOptions& options() { return options_; }

  [[nodiscard]] ReferenceProvider& reference() { return *provider_; }
  [[nodiscard]] Provider& provider() { return *provider_; }
  [[nodiscard]] Answer call(const Request& request);
  [[nodiscard]] Inventory look();
  void inject(FaultKind kind, std::optional<RelationshipRef> relationship = std::nullopt);

  ElementRef volume(std::uint64_t blocks = kBlocks);
  // A pair made by CreateElementReplica; the answer must have been an acceptance.
  Answer replica(SyncType sync_type, const ElementRef& source,
                 std::optional<Mode> mode = std::nullopt,
                 std::optional<CopyState> wait = std::nullopt);
  Answer modify(Operation operation, const RelationshipRef& relationship, bool force = false);

  // The SCSI status is returned; 0 is GOOD.
  std::uint8_t write(const ElementRef& element, std::uint64_t lba, char fill,
                     std::uint64_t blocks = 1);
  std::string read(const ElementRef& element, std::uint64_t lba, std::uint64_t blocks = 1);
  std::string whole(const ElementRef& element) { return read(element, 0, kBlocks); }

  // Looks again and again until it holds, for at most ten seconds.
  ::testing::AssertionResult eventually(const std::function<bool(const Inventory&)>& holds);
  ::testing::AssertionResult job_ends(const Answer& answer, JobState end = JobState::Completed);
  [[nodiscard]] std::optional<CopyState> state(const RelationshipRef& relationship);

 private:
  ReferenceOptions options_;
  std::unique_ptr<ReferenceProvider> provider_;
};

}  // namespace lockstep::replication::test
