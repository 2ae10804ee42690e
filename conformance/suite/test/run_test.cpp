// The runner: selection, gates, skips that are no passes, and a hang that is a verdict.
#include "conformance/suite/run.hpp"

#include "conformance/suite/session.hpp"
#include "conformance/suite/test/fakes.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <condition_variable>
#include <thread>

namespace lockstep::conformance {
namespace {

using report::Verdict;
using test::FakeOracle;
using test::FakeProvider;

Case simple(const std::string& id, const std::string& clause, Needs needs = {}) {
  return Case{id,         {clause},         Level::Shall, "does",
              "requires", std::move(needs), {},           [](Session&) {}};
}

Result<std::vector<report::CaseRecord>> run(
    const std::vector<Case>& cases, RunOptions options = {},
    std::shared_ptr<Provider> provider = std::make_shared<FakeProvider>()) {
  return run_these(cases, provider, options,
                   [](const Capabilities&) { return std::make_unique<FakeOracle>(); });
}

std::vector<std::string> ids(const Result<std::vector<report::CaseRecord>>& records) {
  std::vector<std::string> all;
  if (!records) return all;
  for (const auto& record : records.value()) all.push_back(record.id);
  return all;
}

const std::vector<Case> kThree{simple("CER/one", "CER-01"), simple("CER/two", "CER-02"),
                               simple("CLR/one", "CLR-01")};

TEST(Runner, RecordsExcludedCasesAsDisabled) {
  RunOptions options;
  options.exclude = {"CLR"};
  std::vector<Progress> seen;
  options.progress = [&](const Progress& progress) { seen.push_back(progress); };
  const auto records = run(kThree, options);
  ASSERT_EQ(ids(records).size(), 3U);
  EXPECT_EQ(records.value()[2].verdict, Verdict::Disabled);
  EXPECT_EQ(records.value()[0].verdict, Verdict::Pass);
  ASSERT_EQ(seen.size(), 4U);
  EXPECT_EQ(seen.back().done, 3U);
  EXPECT_EQ(seen.back().skipped, 1U);
}

TEST(Runner, SkipsWhatTheProviderDoesNotOffer) {
  Needs method;
  method.methods = {Method::AttachReplica};
  Needs kind;
  kind.kinds = {SyncType::Mirror};
  Needs feature;
  feature.features = {Feature::TargetPoolShallNotBeSupplied};
  Needs data;
  data.data = true;
  Needs fault;
  fault.faults = {FaultKind::LinkLost};
  const auto records = run({simple("ATT/a", "ATT-01", method), simple("CER/b", "CER-02", kind),
                            simple("CER/c", "CER-48", feature), simple("CER/d", "CER-40", data),
                            simple("CER/e", "CER-42", fault)});
  ASSERT_EQ(ids(records).size(), 5U);
  const auto& list = records.value();
  EXPECT_EQ(list[0].verdict, Verdict::NotSupported);
  EXPECT_NE(list[0].message.find("AttachReplica"), std::string::npos);
  EXPECT_EQ(list[1].verdict, Verdict::NotSupported);
  EXPECT_EQ(list[2].verdict, Verdict::NotSupported);
  EXPECT_EQ(list[3].verdict, Verdict::NotTestable);
  EXPECT_EQ(list[4].verdict, Verdict::NotTestable);
}

TEST(Runner, StopsBetweenCasesWhenAsked) {
  RunOptions options;
  int asked = 0;
  options.stop_requested = [&] { return ++asked > 1; };
  EXPECT_EQ(ids(run(kThree, options)).size(), 1U);
}

TEST(Runner, ReportsAHangAndCallsTheProviderNoMore) {
  // The gate outlives the abandoned thread, which shares it.
  struct Gate {
    std::mutex mutex;
    std::condition_variable signal;
    bool open = false;
  };
  const auto gate = std::make_shared<Gate>();
  const auto provider =
      std::make_shared<FakeProvider>([gate](FakeProvider&, const Request&) -> Result<Answer> {
        std::unique_lock lock(gate->mutex);
        gate->signal.wait(lock, [&] { return gate->open; });
        return Answer{};
      });
  Case hangs = simple("CER/hangs", "CER-01");
  hangs.run = [](Session& session) { session.perform(CreateElementReplicaRequest{}); };
  RunOptions options;
  options.case_deadline = std::chrono::milliseconds(30);
  const auto records = run({hangs, kThree[0]}, options, provider);
  ASSERT_EQ(ids(records).size(), 2U);
  const auto& first = records.value()[0];
  EXPECT_EQ(first.verdict, Verdict::Error);
  EXPECT_NE(first.message.find("hang: "), std::string::npos);
  EXPECT_NE(first.message.find("CreateElementReplica"), std::string::npos);
  EXPECT_EQ(first.notes, std::vector<std::string>{kNeverCameBack});
  EXPECT_EQ(records.value()[1].verdict, Verdict::Inconclusive);
  {
    const std::lock_guard lock(gate->mutex);
    gate->open = true;
  }
  gate->signal.notify_all();
}

TEST(Runner, GoesOnAfterACaseThatWasOnlyLate) {
  Case late = simple("CER/late", "CER-01");
  late.run = [](Session& session) {
    for (;;) static_cast<void>(session.look());  // ends once the runner gives it up
  };
  RunOptions options;
  options.case_deadline = std::chrono::milliseconds(500);
  const auto records = run({late, kThree[0]}, options);
  ASSERT_EQ(ids(records).size(), 2U);
  EXPECT_EQ(records.value()[0].verdict, Verdict::Error);
  EXPECT_EQ(records.value()[1].verdict, Verdict::Pass);
}

TEST(Runner, ReportsACallThatIsNotAnsweredInTime) {
  const auto provider = std::make_shared<FakeProvider>([](FakeProvider&, const Request&) {
    std::this_thread::sleep_for(std::chrono::milliseconds(200));
    return Answer{};
  });
  Case slow = simple("CER/slow", "CER-01");
  slow.run = [](Session& session) { session.perform(CreateElementReplicaRequest{}); };
  // Many short calls are no long one.
  Case many = simple("CER/many", "CER-01");
  many.run = [](Session& session) {
    for (int i = 0; i < 60; ++i) {
      static_cast<void>(session.look());
      std::this_thread::sleep_for(std::chrono::milliseconds(2));
    }
  };
  RunOptions options;
  options.call_deadline = std::chrono::milliseconds(40);
  const auto records = run({many, slow, kThree[0]}, options, provider);
  ASSERT_EQ(ids(records).size(), 3U);
  EXPECT_EQ(records.value()[0].verdict, Verdict::Pass) << records.value()[0].message;
  EXPECT_EQ(records.value()[1].verdict, Verdict::Error);
  EXPECT_NE(records.value()[1].message.find("hang: expected an answer within 40 ms"),
            std::string::npos)
      << records.value()[1].message;
  EXPECT_NE(records.value()[1].message.find("CreateElementReplica"), std::string::npos);
  EXPECT_EQ(records.value()[2].verdict, Verdict::Pass);
}

TEST(Runner, StopsWithinACaseAndCleansUp) {
  std::atomic<bool> stop{false};
  const auto provider = std::make_shared<FakeProvider>();
  Case busy = simple("CER/busy", "CER-01");
  busy.run = [&](Session& session) {
    static_cast<void>(session.volume());
    stop = true;
    for (;;) static_cast<void>(session.look());
  };
  RunOptions options;
  options.stop_requested = [&] { return stop.load(); };
  const auto records = run({kThree[0], busy, kThree[1]}, options, provider);
  // What was not carried out to its end has no record; a later run does it again.
  EXPECT_EQ(ids(records), std::vector<std::string>{"CER/one"});
  EXPECT_EQ(provider->made, 1);
  EXPECT_TRUE(provider->world.elements.empty());
}

TEST(Runner, GoesOnWhereAnEarlierPartEnded) {
  RunOptions options;
  options.done = {"CER/one", "CLR/one"};
  std::vector<Progress> seen;
  options.progress = [&](const Progress& progress) { seen.push_back(progress); };
  EXPECT_EQ(ids(run(kThree, options)), std::vector<std::string>{"CER/two"});
  EXPECT_EQ(seen.front().done, 2U);
  EXPECT_EQ(seen.back().done, 3U);
  EXPECT_EQ(seen.back().total, 3U);
}

TEST(Runner, NamesWhatACaseMakesAsTold) {
  const auto provider = std::make_shared<FakeProvider>();
  std::string name;
  Case names = simple("CER/names", "CER-01");
  names.run = [&](Session& session) { name = session.unique_name(); };
  RunOptions options;
  options.name_prefix = "lockstep-20261127T101500Z-4f1c";
  static_cast<void>(run({kThree[0], names}, options, provider));
  EXPECT_EQ(name, "lockstep-20261127T101500Z-4f1c-1-1");
}

TEST(Runner, GivesTheBaselinesReasonToWhatItExpects) {
  Case fails = simple("CER/fails", "CER-01");
  fails.run = [](Session& session) { session.expect("CER-01", false, "this", "that"); };
  RunOptions options;
  options.excuse = [](const report::CaseRecord& record) -> std::optional<std::string> {
    if (record.verdict != Verdict::Fail) return std::nullopt;
    return "EX-1234";
  };
  const auto records = run({kThree[0], fails}, options);
  ASSERT_EQ(ids(records).size(), 2U);
  EXPECT_EQ(records.value()[0].excuse, "");
  EXPECT_EQ(records.value()[1].excuse, "EX-1234");
  EXPECT_EQ(records.value()[1].verdict, Verdict::Fail);
}

}  // namespace
}  // namespace lockstep::conformance
