// Goal: bugs are caught over CIM-XML as they are in process. Method: faulty providers behind our
// own server, judged through the client by the cases that name the bug's clauses.
#include "conformance/providers/cimxml/cimxml_provider.hpp"
#include "conformance/providers/factory.hpp"
#include "conformance/suite/runner.hpp"
#include "target_impl/cimxml/cimxml_server.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

namespace lockstep::conformance {
namespace {

struct Judged {
  std::vector<report::CaseRecord> records;
  bool right_clause = false;
};

// `provider` behind a server; its bytes are those of the reference underneath.
Judged judge_over_the_wire(const std::string& spec, const std::vector<std::string>& clauses) {
  Judged judged;
  auto provider = make_provider(spec);
  EXPECT_TRUE(provider) << provider.error().message;
  if (!provider) return judged;
  const ReferenceWellKnown& known = reference_well_known();
  cimxml::ServerOptions options;
  options.access_point = known.local_access_point.path;
  options.setting_goal = known.target_setting_goal.path;
  options.replica_peer = known.local_peer.path;
  auto server = cimxml::Server::start(*provider.value(), options);
  EXPECT_TRUE(server) << server.error().message;
  CimXmlOptions remote;
  remote.url.host = "127.0.0.1";
  remote.url.port = server.value()->port();
  remote.url.name_space = cimxml::kTargetNamespace;
  auto client = make_cimxml(remote);
  EXPECT_TRUE(client) << client.error().message;
  if (!client) return judged;
  RunOptions run;
  run.provider_spec = "cimxml";
  run.select = clauses;
  run.finished = [&](const report::CaseRecord& record) {
    const bool named =
        std::find(clauses.begin(), clauses.end(), record.violated_clause) != clauses.end();
    judged.right_clause = judged.right_clause || named;
  };
  run.stop_requested = [&] { return judged.right_clause; };
  auto records = run_cases(*client.value(), run);
  EXPECT_TRUE(records) << records.error().message;
  if (records) judged.records = std::move(records).value();
  return judged;
}

class FaultyOverCimXml : public testing::TestWithParam<const char*> {};

TEST_P(FaultyOverCimXml, IsCaughtByTheRightClause) {
  const auto& all = faulty_providers();
  const auto faulty =
      std::find_if(all.begin(), all.end(), [](const auto& one) { return one.name == GetParam(); });
  ASSERT_NE(faulty, all.end());
  const Judged judged = judge_over_the_wire("faulty:" + faulty->name, faulty->clauses);
  std::string seen;
  for (const auto& record : judged.records) seen += record.id + ": " + record.message + "\n";
  EXPECT_TRUE(judged.right_clause) << seen;
}

// Bugs that answers, properties and associations show; those of bytes lie beneath CIM-XML.
constexpr const char* kFaulty[] = {
    "wrong-return-code",          "job-missing",
    "last-of-list-missing",       "percent-out-of-range",
    "source-group-name-changed",  "reserved-sync-type-accepted",
    "reserved-mode-accepted",     "reserved-copy-type-accepted",
    "missing-sync-type-accepted", "malformed-settings-accepted",
    "mode-silently-changed",      "pool-ignored",
    "list-names-shifted",         "wrong-sync-type-reported",
    "relationship-name-lost",     "group-order-reversed",
};
INSTANTIATE_TEST_SUITE_P(Bugs, FaultyOverCimXml, testing::ValuesIn(kFaulty), [](const auto& one) {
  std::string name = one.param;
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
});

TEST(HonestOverCimXml, TheSameCasesFindNothing) {
  const Judged judged = judge_over_the_wire(
      "reference", {"GEN-01", "CER-21", "CER-23", "CLR-17", "CGE-14", "CGE-19", "MRS-14"});
  EXPECT_GT(judged.records.size(), 7U);
  for (const auto& record : judged.records) {
    EXPECT_FALSE(report::is_bad(record.verdict)) << record.id << ": " << record.message;
  }
}

}  // namespace
}  // namespace lockstep::conformance
