// Sessions: verdicts follow the catalogue, the oracle is heard, and nothing is left behind.
#include "conformance/suite/session.hpp"

#include "conformance/suite/run.hpp"
#include "conformance/suite/test/fakes.hpp"

#include <gtest/gtest.h>

#include <stdexcept>

namespace lockstep::conformance {
namespace {

using report::Verdict;
using test::FakeOracle;
using test::FakeProvider;

Case subject(std::vector<std::string> clauses, std::function<void(Session&)> run) {
  Case made;
  made.id = "CER/subject";
  made.clauses = std::move(clauses);
  made.does = "does";
  made.requires_text = "requires";
  made.run = std::move(run);
  return made;
}

report::CaseRecord record_of(const Case& made,
                             std::shared_ptr<Provider> provider = std::make_shared<FakeProvider>(),
                             model::Findings findings = {}, RunOptions options = {}) {
  options.provider_spec = "fake";
  const auto records = run_these({made}, provider, options, [&](const Capabilities&) {
    return std::make_unique<FakeOracle>(findings);
  });
  EXPECT_TRUE(records) << records.error().message;
  return records.value().front();
}

std::shared_ptr<FakeProvider> answering(Answer answer) {
  return std::make_shared<FakeProvider>([answer](FakeProvider&, const Request&) { return answer; });
}

Answer code(ReturnCode number) {
  Answer answer;
  answer.code = number;
  return answer;
}

const Case kCallsWithoutSyncType = subject({"CER-01"}, [](Session& session) {
  Outcome outcome = session.perform(CreateElementReplicaRequest{});
  session.expect_code("CER-01", outcome);
});

TEST(Session, PassesAStrictCodeAndWarnsOfATolerated) {
  EXPECT_EQ(record_of(kCallsWithoutSyncType, answering(code(ReturnCode::InvalidParameter))).verdict,
            Verdict::Pass);
  const auto tolerated = record_of(kCallsWithoutSyncType, answering(code(ReturnCode::Failed)));
  EXPECT_EQ(tolerated.verdict, Verdict::Warning);
  ASSERT_FALSE(tolerated.notes.empty());
  EXPECT_NE(tolerated.notes.front().find("CER-01"), std::string::npos);
}

TEST(Session, FailsACodeOutsideTheSetAndNamesTheClause) {
  const auto record = record_of(kCallsWithoutSyncType, answering(code(ReturnCode::InUse)));
  EXPECT_EQ(record.verdict, Verdict::Fail);
  EXPECT_EQ(record.violated_clause, "CER-01");
  EXPECT_EQ(record.observed, "6 InUse");
  EXPECT_NE(record.expected.find("5"), std::string::npos);
  EXPECT_EQ(record.replay, "lockstep conform --provider fake CER/subject");
  ASSERT_EQ(record.steps.size(), 1U);
  EXPECT_TRUE(record.steps.front().differs);
}

TEST(Session, AcceptsTheObjectManagersRefusal) {
  Answer answer;
  answer.cim_status = CimStatus::InvalidParameter;
  EXPECT_EQ(record_of(kCallsWithoutSyncType, answering(answer)).verdict, Verdict::Pass);
}

TEST(Session, HearsTheOracleInEveryCase) {
  const model::Findings findings{
      {model::Severity::Violation, ClauseId{"GEN-04"}, "the answer", "no job", "job j1"}};
  const auto record =
      record_of(kCallsWithoutSyncType, answering(code(ReturnCode::InvalidParameter)), findings);
  EXPECT_EQ(record.verdict, Verdict::Fail);
  EXPECT_EQ(record.violated_clause, "GEN-04");
}

TEST(Session, WarnsOnlyOfAnInferredClause) {
  const Case made = subject({"CER-44"}, [](Session& session) {
    EXPECT_FALSE(session.expect("CER-44", false, "a refusal", "0 Success"));
  });
  EXPECT_EQ(record_of(made).verdict, Verdict::Warning);
}

TEST(Session, TakesAClauseThatTheCaseDoesNotListForAnError) {
  const Case made = subject(
      {"CER-01"}, [](Session& session) { session.expect("CER-02", true, "anything", "anything"); });
  EXPECT_EQ(record_of(made).verdict, Verdict::Error);
}

TEST(Session, RemovesWhatWasMadeOnEveryPath) {
  const std::vector<std::function<void(Session&)>> ends{
      [](Session&) {},
      [](Session& session) { session.not_testable("no reason"); },
      [](Session& session) { session.expect("CER-01", false, "a", "b"); },
      [](Session&) { throw std::runtime_error("thrown by a provider"); },
  };
  for (const auto& end : ends) {
    const auto provider = std::make_shared<FakeProvider>();
    record_of(subject({"CER-01"},
                      [&](Session& session) {
                        const auto made = session.volumes(3);
                        EXPECT_EQ(provider->world.elements.size(), 3U);
                        end(session);
                      }),
              provider);
    EXPECT_EQ(provider->made, 3);
    EXPECT_TRUE(provider->world.elements.empty());
  }
}

TEST(Session, NeverTouchesWhatWasThereBefore) {
  const auto provider = std::make_shared<FakeProvider>();
  ElementView old;
  old.ref.path = "somebody else's";
  provider->world.elements.push_back(old);
  record_of(subject({"CER-01"}, [](Session& session) { static_cast<void>(session.volume()); }),
            provider);
  ASSERT_EQ(provider->world.elements.size(), 1U);
  EXPECT_EQ(provider->world.elements.front().ref, old.ref);
}

TEST(Session, FollowsAJobToItsEnd) {
  const auto provider = std::make_shared<FakeProvider>([](FakeProvider& self, const Request&) {
    Answer answer;
    answer.code = ReturnCode::JobStarted;
    answer.job = JobRef{"job"};
    const std::lock_guard lock(self.mutex);
    JobView job;
    job.ref = *answer.job;
    job.state = JobState::Running;
    self.world.jobs.push_back(job);
    return Result<Answer>(answer);
  });
  int looks = 0;
  provider->on_look = [&](Inventory& world) {
    if (world.jobs.empty() || ++looks < 4) return;
    world.jobs.front().state = JobState::Exception;
    world.jobs.front().error_text = "no space";
  };
  const auto record = record_of(subject({"CER-05"},
                                        [](Session& session) {
                                          const Outcome outcome =
                                              session.perform(CreateElementReplicaRequest{});
                                          EXPECT_TRUE(outcome.job_failed());
                                          EXPECT_EQ(outcome_text(outcome),
                                                    "4096 JobStarted, the job ended in Exception "
                                                    "(no space)");
                                          session.need(outcome);
                                        }),
                                provider);
  EXPECT_EQ(record.verdict, Verdict::Inconclusive);
}

TEST(Session, ReportsACallWithoutAnAnswerAsAnError) {
  const auto provider = std::make_shared<FakeProvider>(
      [](FakeProvider&, const Request&) -> Result<Answer> { return transport_error("line cut"); });
  const auto record = record_of(kCallsWithoutSyncType, provider);
  EXPECT_EQ(record.verdict, Verdict::Error);
  EXPECT_EQ(record.message, "line cut");
}

TEST(Session, CannotTestBytesWithoutADataPath) {
  const auto record =
      record_of(subject({"CER-40"}, [](Session& session) { session.fill(session.volume()); }));
  EXPECT_EQ(record.verdict, Verdict::NotTestable);
}

TEST(Session, ProbesQuietlyUntilACodeIsWrong) {
  const auto provider = std::make_shared<FakeProvider>([](FakeProvider&, const Request& request) {
    const auto& create = std::get<CreateElementReplicaRequest>(request);
    const bool bad = create.sync_type == static_cast<SyncType>(300);
    return Result<Answer>(code(bad ? ReturnCode::InUse : ReturnCode::InvalidParameter));
  });
  const auto record = record_of(subject({"CER-03"},
                                        [](Session& session) {
                                          for (std::uint16_t value = 0; value < 1000; ++value) {
                                            CreateElementReplicaRequest request;
                                            request.sync_type = static_cast<SyncType>(value);
                                            session.probe(request);
                                          }
                                        }),
                                provider);
  EXPECT_EQ(record.verdict, Verdict::Fail);
  EXPECT_EQ(record.violated_clause, "CER-03");
  ASSERT_EQ(record.steps.size(), 1U);
  EXPECT_NE(record.steps.front().operation.find("300"), std::string::npos);
}

}  // namespace
}  // namespace lockstep::conformance
