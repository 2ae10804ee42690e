// Goal: the targets of a consistent group hold one cut of all its volumes whenever and however they
// are frozen under load (DS-GR-01, DS-GR-03, DS-GR-05, DS-GR-07); and the test would notice if they
// did not: it finds violations where each volume is frozen for itself.
// Method: chains of dependent writes over eight volumes; at random moments a freeze (Split, the
// link of one member cut, a snapshot of the group), whose images are judged by the model's instant
// test. LOCKSTEP_FREEZES says how many, all kinds together.
#include "properties/test/freezes/dependent_writes.hpp"
#include "target_impl/reference.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <memory>
#include <optional>
#include <ostream>
#include <string>

namespace lockstep::properties::test {
namespace {

constexpr std::size_t kVolumes = 8;

enum class How : std::uint8_t { Split, LinkCut, Snapshot };

struct Kind {
  const char* name;
  How how;
  Mode mode;
  ConsistencyRequest consistency;
  bool on_peer = false;  // the targets are those of a second system
};

constexpr auto kConsistent = ConsistencyRequest::SequentialConsistency;
constexpr auto kInconsistent = ConsistencyRequest::NoConsistency;
constexpr Kind kKinds[] = {
    {"SplitOfSynchronousMirrors", How::Split, Mode::Synchronous, kConsistent},
    {"SplitOfAsynchronousMirrors", How::Split, Mode::Asynchronous, kConsistent},
    {"LinkCutOfSynchronousMirrors", How::LinkCut, Mode::Synchronous, kConsistent},
    {"LinkCutOfAsynchronousMirrors", How::LinkCut, Mode::Asynchronous, kConsistent},
    {"Snapshots", How::Snapshot, Mode::Synchronous, kConsistent},
    {"SplitOfMirrorsToAPeer", How::Split, Mode::Synchronous, kConsistent, true},
    {"LinkCutOfMirrorsToAPeer", How::LinkCut, Mode::Synchronous, kConsistent, true},
};
constexpr Kind kKindsWithoutConsistency[] = {
    {"SplitOfSynchronousMirrors", How::Split, Mode::Synchronous, kInconsistent},
    {"SplitOfAsynchronousMirrors", How::Split, Mode::Asynchronous, kInconsistent},
    {"LinkCutOfSynchronousMirrors", How::LinkCut, Mode::Synchronous, kInconsistent},
    {"LinkCutOfAsynchronousMirrors", How::LinkCut, Mode::Asynchronous, kInconsistent},
    {"Snapshots", How::Snapshot, Mode::Synchronous, kInconsistent},
};

std::string_view promise_of(const Kind& kind) {
  switch (kind.how) {
    case How::LinkCut:
      return "DS-GR-03";
    case How::Snapshot:
      return "DS-GR-05";
    default:
      return "DS-GR-07";
  }
}

int freezes_of_each_kind() {
  constexpr int kUsual = 40;
  const char* wanted = std::getenv("LOCKSTEP_FREEZES");  // NOLINT(concurrency-mt-unsafe)
  const int all = wanted == nullptr ? kUsual : std::atoi(wanted);
  return std::max(1, all / static_cast<int>(std::size(kKinds)));
}

void PrintTo(const Kind& kind, std::ostream* out) { *out << kind.name; }

struct Tally {
  int freezes = 0;
  std::uint64_t writes = 0;
  int violations = 0;
  std::string first_clause;  // of the findings
  std::string first;
  std::vector<double> longest_ms;
};

// A reference with eight volumes under load. Frozen again and again in one way.
class Campaign {
 public:
  explicit Campaign(const Kind& kind) : kind_(kind) {}

  enum class Until : std::uint8_t { AllDone, FirstViolation };
  void run(int freezes, Until until = Until::AllDone) {
    ASSERT_NO_FATAL_FAILURE(begin());
    DependentWrites writes(*provider_->data_path(), sources_);
    std::minstd_rand random(20261127);
    for (; tally_.freezes < freezes; ++tally_.freezes) {
      SCOPED_TRACE(tally_.freezes);
      ASSERT_TRUE(writes.go_on_for(10 + random() % 60));
      model::Window taken;
      ASSERT_NO_FATAL_FAILURE(freeze(writes, random() % kVolumes, taken));
      std::vector<Image> images;
      ASSERT_NO_FATAL_FAILURE(read(images));
      tally_.longest_ms.push_back(
          std::chrono::duration<double, std::milli>(writes.longest_write(taken)).count());
      // What an asynchronous target lacks may be as old as the last time that it had everything.
      if (kind_.mode == Mode::Asynchronous) taken.issued = whole_since_;
      count(writes.judge(images, taken, promise_of(kind_)));
      whole_since_ = now();
      ASSERT_NO_FATAL_FAILURE(thaw());
      if (until == Until::FirstViolation && tally_.violations > 0) freezes = tally_.freezes;
    }
    tally_.writes = writes.acknowledged();
  }
  [[nodiscard]] const Tally& tally() const { return tally_; }

 private:
  Answer ask(const Request& request) {
    const auto answer = provider_->invoke(request);
    EXPECT_TRUE(answer && answer.value().accepted())
        << (answer ? code_text(answer.value()) : answer.error().message);
    return answer ? answer.value() : Answer{};
  }
  [[nodiscard]] bool comes_to(const std::function<bool(const Inventory&)>& hold) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds{20};
    while (std::chrono::steady_clock::now() < deadline) {
      const auto seen = provider_->inventory();
      if (!seen) return false;
      if (hold(seen.value())) return true;
      std::this_thread::yield();
    }
    return false;
  }
  [[nodiscard]] bool becomes(CopyState state) {
    return comes_to([&](const Inventory& seen) {
      return std::all_of(pairs_.begin(), pairs_.end(), [&](const RelationshipRef& pair) {
        return seen.find(pair)->copy_state == state;
      });
    });
  }

  void begin() {
    ReferenceOptions options;
    if (kind_.on_peer) {
      ASSERT_NO_FATAL_FAILURE(start(peer_, {}, peer_volumes_));
      PeerOptions far;
      far.name = "far";
      far.portal = peer_->portal();
      far.target_name = peer_->target_name();
      options.peers.push_back(far);
    }
    ASSERT_NO_FATAL_FAILURE(start(provider_, options, sources_));
    whole_since_ = now();
    if (kind_.how != How::Snapshot) {
      make_group(SyncType::Mirror);
      ASSERT_TRUE(becomes(CopyState::Synchronized));
    }
  }
  static void start(std::unique_ptr<ReferenceProvider>& provider, const ReferenceOptions& options,
                    std::vector<ElementRef>& volumes) {
    auto made = make_reference(options);
    ASSERT_TRUE(made) << made.error().message;
    provider = std::move(made).value();
    CreateVolumeRequest request;
    request.blocks = BlockCount{kBlocksEach};
    for (std::size_t i = 0; i < kVolumes; ++i) {
      const auto answer = provider->invoke(request);
      ASSERT_TRUE(answer && answer.value().target_element);
      volumes.push_back(*answer.value().target_element);
    }
  }
  void make_group(SyncType sync_type) {
    CreateGroupReplicaFromElementsRequest request;
    request.sync_type = sync_type;
    request.mode = kind_.mode;
    request.source_elements = sources_;
    request.consistency = kind_.consistency;
    if (kind_.on_peer) request.target_access_point = reference_peer_access_point("far");
    const Answer answer = ask(request);
    ASSERT_TRUE(answer.synchronization);
    group_ = *answer.synchronization;
    const auto seen = provider_->inventory();
    ASSERT_TRUE(seen);
    targets_ = seen.value().find(answer.target_group.value())->members;
    pairs_.clear();
    for (const ElementRef& target : targets_) {
      for (const RelationshipView& view : seen.value().relationships) {
        if (view.target_element == target) pairs_.push_back(view.ref);
      }
    }
    ASSERT_EQ(pairs_.size(), kVolumes);
  }
  void modify(Operation operation, const RelationshipRef& relationship) {
    ModifyReplicaSynchronizationRequest request;
    request.operation = operation;
    request.synchronization = relationship;
    static_cast<void>(ask(request));
  }
  void inject(FaultKind kind, const RelationshipRef& relationship) {
    const auto injected = provider_->fault_port()->inject({kind, relationship});
    ASSERT_TRUE(injected) << injected.error().message;
  }

  // Time enough for every chain to go once round the volumes.
  static void let_pass(DependentWrites& writes) { ASSERT_TRUE(writes.go_on_for(8 * kVolumes)); }
  // `taken`: when the freeze was asked for and in force.
  void freeze(DependentWrites& writes, std::size_t victim, model::Window& taken) {
    const bool consistent = kind_.consistency == kConsistent;
    taken.issued = now();
    if (kind_.how == How::LinkCut) {
      inject(FaultKind::LinkLost, pairs_[victim]);
    } else if (consistent) {
      kind_.how == How::Split ? modify(Operation::Split, group_) : make_group(SyncType::Snapshot);
    } else if (kind_.how == How::Split) {
      for (const RelationshipRef& pair : pairs_) {
        modify(Operation::Split, pair);
        ASSERT_NO_FATAL_FAILURE(let_pass(writes));
      }
    } else {
      ASSERT_NO_FATAL_FAILURE(snapshot_each(writes));
    }
    taken.answered = now();
    if (kind_.how == How::Snapshot) return;
    ASSERT_NO_FATAL_FAILURE(let_pass(writes));
    if (kind_.how != How::LinkCut) return;
    // Where there is consistency, all have stopped with the one whose link was cut.
    if (!consistent) {
      inject(FaultKind::LinkLost, group_);
      taken.answered = now();
    }
    ASSERT_TRUE(becomes(CopyState::Broken));
  }
  void snapshot_each(DependentWrites& writes) {
    targets_.clear();
    pairs_.clear();
    for (const ElementRef& source : sources_) {
      CreateElementReplicaRequest request;
      request.sync_type = SyncType::Snapshot;
      request.source_element = source;
      const Answer answer = ask(request);
      pairs_.push_back(answer.synchronization.value());
      targets_.push_back(answer.target_element.value());
      ASSERT_NO_FATAL_FAILURE(let_pass(writes));
    }
  }
  void thaw() {
    switch (kind_.how) {
      case How::Split:
        modify(Operation::ResyncReplica, group_);
        break;
      case How::LinkCut:
        inject(FaultKind::LinkRestored, group_);
        break;
      case How::Snapshot:
        for (const RelationshipRef& pair : pairs_) modify(Operation::ReturnToResourcePool, pair);
        return;
    }
    ASSERT_TRUE(becomes(CopyState::Synchronized));
  }
  void read(std::vector<Image>& images) {
    // A peer's volumes are taken in the order of their LUNs.
    ReferenceProvider& holder = kind_.on_peer ? *peer_ : *provider_;
    for (const ElementRef& target : kind_.on_peer ? peer_volumes_ : targets_) {
      Image image(kBlocksEach * kBlockSize.bytes);
      const auto answer = holder.data_path()->read(target, Lba{0}, image);
      ASSERT_TRUE(answer && answer.value().good());
      images.push_back(std::move(image));
    }
  }
  void count(const model::Findings& findings) {
    if (!model::has_violation(findings)) return;
    ++tally_.violations;
    const model::Finding& finding = findings.front();
    if (tally_.first.empty()) {
      tally_.first_clause = finding.clause.text;
      tally_.first = finding.clause.text + ": " + finding.subject + ", expected " +
                     finding.expected + ", found " + finding.observed;
    }
  }

  const Kind kind_;
  std::unique_ptr<ReferenceProvider> peer_;  // outlives the reference that writes to it
  std::vector<ElementRef> peer_volumes_;
  std::unique_ptr<ReferenceProvider> provider_;
  std::vector<ElementRef> sources_;
  RelationshipRef group_;
  std::vector<RelationshipRef> pairs_;  // in the order of the sources
  std::vector<ElementRef> targets_;
  Instant whole_since_;
  Tally tally_;
};

void print(const char* name, Tally tally) {
  std::sort(tally.longest_ms.begin(), tally.longest_ms.end());
  const double median =
      tally.longest_ms.empty() ? 0 : tally.longest_ms[tally.longest_ms.size() / 2];
  std::printf(
      "%s: %d freezes under %llu writes, %d without a common cut; the longest write during "
      "one took %.2f ms at the median\n",
      name, tally.freezes, static_cast<unsigned long long>(tally.writes), tally.violations, median);
}

class Freezes : public ::testing::TestWithParam<Kind> {};

TEST_P(Freezes, OfAConsistentGroupFindOneCut) {
  Campaign campaign(GetParam());
  ASSERT_NO_FATAL_FAILURE(campaign.run(freezes_of_each_kind()));
  print(GetParam().name, campaign.tally());
  EXPECT_EQ(campaign.tally().violations, 0) << campaign.tally().first;
}

INSTANTIATE_TEST_SUITE_P(Kinds, Freezes, ::testing::ValuesIn(kKinds),
                         [](const auto& kind) { return std::string(kind.param.name); });

class FreezesOfEachAlone : public Freezes {};

TEST_P(FreezesOfEachAlone, FindViolations) {
  // One alone may find its volumes at a common cut by chance.
  constexpr int kMost = 100;
  Campaign campaign(GetParam());
  ASSERT_NO_FATAL_FAILURE(campaign.run(kMost, Campaign::Until::FirstViolation));
  print(GetParam().name, campaign.tally());
  EXPECT_GT(campaign.tally().violations, 0);
  EXPECT_EQ(campaign.tally().first_clause, promise_of(GetParam())) << campaign.tally().first;
}

INSTANTIATE_TEST_SUITE_P(Kinds, FreezesOfEachAlone, ::testing::ValuesIn(kKindsWithoutConsistency),
                         [](const auto& kind) { return std::string(kind.param.name); });

}  // namespace
}  // namespace lockstep::properties::test
