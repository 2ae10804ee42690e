// Goal: variants of the reference end every case over CIM-XML as they end it in process, without an
// alarm. Method: our own server before the variant, the client and iSCSI behind it; a selection of
// cases that touches every method, kind of object and operation.
#include "conformance/providers/cimxml/cimxml_provider.hpp"
#include "conformance/suite/runner.hpp"
#include "target_impl/cimxml/cimxml_server.hpp"
#include "target_impl/reference.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>

namespace lockstep::conformance {
namespace {

using Verdicts = std::map<std::string, std::string>;

const std::vector<std::string> kSelection{
    "CER/wait-*", "CER/mode-*",   "CER-24", "CER-26", "CLR-17", "CLR-46",     "CLR-47",
    "CGE-14",     "CGE-16",       "CGE-19", "CGE-36", "CGE-44", "MCR-18",     "MCR-27",
    "ATT/sync",   "ATT/unsync-*", "ATT-24", "GEN-05", "GEN-09", "GEN-13",     "GEN-15",
    "JOB-01",     "MRS-04",       "MRS-14", "MRS-18", "MRS-20", "MRS-21",     "MRS-25",
    "MLS-07",     "CRG-03",       "AMB-02", "RMB-05", "DLG-03", "CER/bytes-*"};

Verdicts verdicts_of(Provider& provider, const std::string& spec, const std::string& what) {
  RunOptions options;
  options.provider_spec = spec;
  options.select = kSelection;
  options.sweep_values = 64;
  const auto records = run_cases(provider, options);
  EXPECT_TRUE(records) << records.error().message;
  Verdicts verdicts;
  if (!records) return verdicts;
  for (const report::CaseRecord& record : records.value()) {
    EXPECT_FALSE(report::is_bad(record.verdict))
        << what << ", " << record.id << ": " << record.message;
    verdicts[record.id] = report::to_text(record.verdict);
  }
  return verdicts;
}

class VariantsOverCimXml : public testing::TestWithParam<const char*> {};

TEST_P(VariantsOverCimXml, EndEveryCaseAsInProcess) {
  const ReferenceVariant* variant = find_reference_variant(GetParam());
  ASSERT_NE(variant, nullptr);
  ReferenceOptions options;
  options.freedom = variant->freedom;
  auto reference = make_reference(options);
  ASSERT_TRUE(reference) << reference.error().message;
  const Verdicts near = verdicts_of(*reference.value(), "reference:" + variant->name, "in process");

  const ReferenceWellKnown& known = reference_well_known();
  cimxml::ServerOptions served;
  served.user = known.username;
  served.password = known.password;
  served.access_point = known.local_access_point.path;
  served.setting_goal = known.target_setting_goal.path;
  served.replica_peer = known.local_peer.path;
  served.portal = reference.value()->portal();
  served.target_name = reference.value()->target_name();
  served.lun_of = [&](const ElementRef& element) { return reference.value()->lun_of(element); };
  auto server = cimxml::Server::start(*reference.value(), served);
  ASSERT_TRUE(server) << server.error().message;
  CimXmlOptions remote;
  remote.url.host = "127.0.0.1";
  remote.url.port = server.value()->port();
  remote.url.name_space = cimxml::kTargetNamespace;
  remote.url.portals = {"iscsi://" + served.portal + "/" + served.target_name};
  remote.credentials.user = known.username;
  remote.credentials.password = known.password;
  auto client = make_cimxml(remote);
  ASSERT_TRUE(client) << client.error().message;
  EXPECT_EQ(verdicts_of(*client.value(), "cimxml", "over CIM-XML"), near);
  EXPECT_GE(near.size(), 60U);
}

// Choices that the wire carries; those that it does not see are tried in process, and so are those
// whose verdicts hang on how soon somebody looks (at-once, short-lived-jobs).
constexpr const char* kServed[] = {
    "by-job",
    "late-relationships",
    "cim-errors",
    "list-prefix",
    "sparse",
    "first-inactive",
    "self-starting",
    "other-modes",
    "unnameable-groups",
    "detaching-clones",
    "never-skewed",
    "seed-level",
    "renaming-reversal",
    "array-b",
};
INSTANTIATE_TEST_SUITE_P(Of, VariantsOverCimXml, testing::ValuesIn(kServed), [](const auto& one) {
  std::string name = one.param;
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
});

}  // namespace
}  // namespace lockstep::conformance
