// The factory knows its names and says so; the null provider refuses everything legally.
#include "conformance/providers/factory.hpp"
#include "conformance/providers/null_provider.hpp"
#include "model/vocab/methods.hpp"

#include <gtest/gtest.h>

namespace lockstep::conformance {
namespace {

TEST(ProviderFactory, NamesTheNearestOfAnUnknownName) {
  const auto provider = make_provider("referense");
  ASSERT_FALSE(provider);
  EXPECT_EQ(provider.error().origin, Origin::Usage);
  EXPECT_NE(provider.error().message.find("\"referense\""), std::string::npos);
  EXPECT_NE(provider.error().message.find("reference"), std::string::npos);
}

TEST(ProviderFactory, RefusesAFaultNobodyKnows) {
  const auto provider = make_provider("faulty:no-such-bug");
  ASSERT_FALSE(provider);
  EXPECT_EQ(provider.error().origin, Origin::Usage);
  EXPECT_FALSE(make_provider(""));
}

TEST(ProviderFactory, MakesARunningReference) {
  auto provider = make_provider("reference");
  ASSERT_TRUE(provider) << provider.error().message;
  EXPECT_NE(provider.value()->data_path(), nullptr);
  const auto capabilities = provider.value()->capabilities();
  ASSERT_TRUE(capabilities);
  EXPECT_TRUE(capabilities.value().methods.contains(Method::CreateElementReplica));
}

TEST(NullProvider, AnswersNotSupportedToEveryMethodAndShowsNothing) {
  const auto provider = make_provider("null");
  ASSERT_TRUE(provider);
  const std::vector<Request> requests{CreateElementReplicaRequest{}, AttachReplicaRequest{},
                                      CreateVolumeRequest{}, DeleteGroupRequest{}};
  for (const Request& request : requests) {
    const auto answer = provider.value()->invoke(request);
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer.value().code, ReturnCode::NotSupported);
    EXPECT_TRUE(legal_return(method_of(request), 1));
  }
  EXPECT_TRUE(provider.value()->capabilities().value().methods.empty());
  EXPECT_TRUE(provider.value()->inventory().value().elements.empty());
  EXPECT_EQ(provider.value()->data_path(), nullptr);
  EXPECT_EQ(provider.value()->fault_port(), nullptr);
}

}  // namespace
}  // namespace lockstep::conformance
