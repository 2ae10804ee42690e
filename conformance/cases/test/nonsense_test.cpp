// A provider that answers anything at all must not bring the suite down: every case ends with a
// record, and a run against nonsense is never green.
#include "conformance/suite/runner.hpp"
#include "model/port/provider.hpp"

#include <gtest/gtest.h>

#include <mutex>
#include <random>

namespace lockstep::conformance {
namespace {

// Draws codes, references and views at random; some refer to each other, most to nothing.
class NonsenseProvider : public Provider, public DataPath {
 public:
  explicit NonsenseProvider(std::uint64_t seed) : random_(seed) {}

  Result<ProviderIdentity> identity() override { return ProviderIdentity{}; }
  Result<Capabilities> capabilities() override {
    Capabilities all;
    for (std::uint8_t i = 0; i <= static_cast<std::uint8_t>(Method::RequestJobStateChange); ++i) {
      all.methods.insert(static_cast<Method>(i));
    }
    for (const SyncType type : {SyncType::Mirror, SyncType::Snapshot, SyncType::Clone}) {
      all.kinds.insert({type, Mode::Synchronous, Locality::Local});
    }
    all.copy_types = {CopyType::Async, CopyType::Sync, CopyType::UnSyncAssoc};
    all.synchronous_actions = all.methods;
    return all;
  }
  Result<Answer> invoke(const Request&) override {
    const std::lock_guard lock(mutex_);
    if (draw(40) == 0) return provider_error("unreadable");
    Answer answer;
    const std::vector<std::uint32_t> codes{0, 0, 0, 0, 4096, 5, 1, 7, 99, 40001, 0xFFFFFFFF};
    answer.code = static_cast<ReturnCode>(codes[draw(codes.size())]);
    if (draw(20) == 0) answer.cim_status = static_cast<CimStatus>(draw(70000));
    if (draw(3) == 0) answer.job = JobRef{name()};
    if (draw(2) == 0) answer.synchronization = RelationshipRef{name()};
    if (draw(2) == 0) answer.target_element = ElementRef{name()};
    if (draw(3) == 0) {
      answer.target_elements.emplace(draw(5));
      answer.synchronizations.emplace(draw(5));
      if (!answer.target_elements->empty()) answer.target_elements->front() = ElementRef{name()};
    }
    if (draw(2) == 0) answer.target_group = GroupRef{name()};
    if (draw(2) == 0) answer.group = GroupRef{name()};
    return answer;
  }
  Result<Inventory> inventory() override {
    const std::lock_guard lock(mutex_);
    Inventory world;
    for (std::size_t i = draw(5); i > 0; --i) {
      ElementView element;
      element.ref.path = name();
      element.block_size.bytes = static_cast<std::uint32_t>(draw(2) * 512);
      world.elements.push_back(element);
      RelationshipView relationship;
      relationship.ref.path = name();
      if (draw(3) != 0) relationship.source_element = ElementRef{name()};
      if (draw(3) != 0) relationship.target_element = ElementRef{name()};
      if (draw(4) == 0) relationship.source_group = GroupRef{name()};
      if (draw(2) == 0) relationship.copy_state = static_cast<CopyState>(draw(70000));
      if (draw(2) == 0) relationship.sync_type = static_cast<SyncType>(draw(12));
      relationship.relationship_class = static_cast<RelationshipClass>(draw(2));
      world.relationships.push_back(relationship);
      GroupView group;
      group.ref.path = name();
      for (std::size_t n = draw(4); n > 0; --n) group.members.push_back(ElementRef{name()});
      world.groups.push_back(group);
      JobView job;
      job.ref.path = name();
      job.state = static_cast<JobState>(draw(14));
      job.percent_complete = static_cast<std::uint16_t>(draw(70000));
      world.jobs.push_back(job);
      world.pools.push_back({PoolRef{name()}, "", {}, {}});
    }
    return world;
  }
  DataPath* data_path() noexcept override { return this; }
  FaultPort* fault_port() noexcept override { return nullptr; }

  Result<VolumeGeometry> geometry(const ElementRef&) override {
    const std::lock_guard lock(mutex_);
    const std::vector<std::uint32_t> sizes{512, 512, 512, 0, 8, 520};
    return VolumeGeometry{{draw(2000)}, {sizes[draw(sizes.size())]}};
  }
  Result<DataAnswer> read(const ElementRef&, Lba, std::span<std::byte>) override {
    return answer();
  }
  Result<DataAnswer> write(const ElementRef&, Lba, std::span<const std::byte>) override {
    return answer();
  }
  Result<DataAnswer> unmap(const ElementRef&, Lba, BlockCount) override { return answer(); }
  Result<DataAnswer> flush(const ElementRef&) override { return answer(); }

 private:
  Result<DataAnswer> answer() {
    const std::lock_guard lock(mutex_);
    if (draw(30) == 0) return transport_error("lost");
    return DataAnswer{static_cast<std::uint8_t>(draw(10) == 0 ? 2 : 0), 0, 0};
  }
  std::size_t draw(std::size_t below) { return static_cast<std::size_t>(random_() % below); }
  std::string name() { return "object-" + std::to_string(draw(12)); }

  std::mutex mutex_;
  std::mt19937_64 random_;
};

class Nonsense : public testing::TestWithParam<std::uint64_t> {};

TEST_P(Nonsense, EndsEveryCaseWithARecord) {
  const auto provider = std::make_shared<NonsenseProvider>(GetParam());
  RunOptions options;
  options.provider_spec = "nonsense";
  options.seed = GetParam();
  options.case_deadline = std::chrono::seconds(2);
  const auto records = run_cases(provider, options);
  ASSERT_TRUE(records) << records.error().message;
  EXPECT_EQ(records.value().size(), list_cases().size());
  std::size_t passed = 0;
  std::size_t bad = 0;
  for (const report::CaseRecord& record : records.value()) {
    using report::Verdict;
    if (record.verdict == Verdict::Pass || record.verdict == Verdict::Informational) ++passed;
    if (record.verdict == Verdict::Fail || record.verdict == Verdict::Error) ++bad;
    EXPECT_NE(record.verdict, Verdict::Crash) << record.id << ": " << record.message;
  }
  EXPECT_GT(bad, records.value().size() / 2);
  EXPECT_LT(passed, records.value().size() / 10);
}

INSTANTIATE_TEST_SUITE_P(Seeds, Nonsense, testing::Values(1U, 2U, 3U));

}  // namespace
}  // namespace lockstep::conformance
