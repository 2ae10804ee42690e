#include "model/vocab/methods.hpp"

#include <gtest/gtest.h>

namespace lockstep {
namespace {

constexpr Method kFive[] = {Method::CreateElementReplica, Method::CreateListReplica,
                            Method::CreateGroupReplicaFromElements, Method::CreateReplica,
                            Method::AttachReplica};

TEST(Methods, NeverReturnSevenFromTheFive) {
  for (const Method method : kFive) EXPECT_FALSE(legal_return(method, 7));
  EXPECT_TRUE(legal_return(Method::DeleteGroup, 7));
}

TEST(Methods, ReserveInUseAndVendorCodesForCreateReplica) {
  EXPECT_FALSE(legal_return(Method::CreateReplica, 6));
  EXPECT_TRUE(legal_return(Method::CreateElementReplica, 6));
  for (const std::uint32_t code : {40001U, 40002U, 40003U}) {
    EXPECT_EQ(classify_return(Method::CreateReplica, code), ValueClass::Defined);
    EXPECT_EQ(classify_return(Method::CreateElementReplica, code), ValueClass::Vendor);
  }
  EXPECT_EQ(classify_return(Method::CreateReplica, 40004), ValueClass::Reserved);
  EXPECT_EQ(classify_return(Method::CreateReplica, 8), ValueClass::Defined);
  EXPECT_EQ(classify_return(Method::AttachReplica, 8), ValueClass::Reserved);
}

TEST(Methods, DefineTokenizedCloneAndAdaptiveOnlyWhereTheyAreLegal) {
  using enum ValueClass;
  for (const Method method : kFive) {
    const bool newer = method == Method::CreateReplica;
    EXPECT_EQ(classify(method, SchemaLevel::Seed, SyncType::TokenizedClone),
              newer ? Defined : Reserved);
    EXPECT_EQ(classify(method, SchemaLevel::Seed, Mode::Adaptive), newer ? Defined : Reserved);
    EXPECT_EQ(classify(method, SchemaLevel::Cim241, SyncType::TokenizedClone), Defined);
  }
}

TEST(Methods, ClassifyEveryNumberOfAllRanges) {
  unsigned defined = 0;
  unsigned vendor = 0;
  for (std::uint32_t number = 0; number <= 0xFFFF; ++number) {
    const auto found = classify(static_cast<CopyType>(number));
    defined += found == ValueClass::Defined ? 1 : 0;
    vendor += found == ValueClass::Vendor ? 1 : 0;
  }
  EXPECT_EQ(defined, 4U);
  EXPECT_EQ(vendor, 32768U);
}

TEST(Methods, AreFoundFromTheirRequest) {
  EXPECT_EQ(method_of(Request{AttachReplicaRequest{}}), Method::AttachReplica);
  EXPECT_EQ(method_of(Request{RequestJobStateChangeRequest{}}), Method::RequestJobStateChange);
}

TEST(Methods, ReserveGroupOperationsInLists) {
  EXPECT_EQ(
      classify(Method::ModifyListSynchronization, SchemaLevel::Cim241, Operation::AddSyncPair),
      ValueClass::Reserved);
  EXPECT_EQ(
      classify(Method::ModifyReplicaSynchronization, SchemaLevel::Cim241, Operation::AddSyncPair),
      ValueClass::Defined);
  EXPECT_EQ(classify(Method::ModifyReplicaSynchronization, SchemaLevel::Seed, Operation::Prepare),
            ValueClass::Reserved);
}

}  // namespace
}  // namespace lockstep
