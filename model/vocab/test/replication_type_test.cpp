#include "model/vocab/replication_type.hpp"

#include "model/vocab/names.hpp"

#include <gtest/gtest.h>

namespace lockstep {
namespace {

TEST(ReplicationType, RoundTripsForEveryNumber) {
  for (std::uint32_t number = 0; number <= 0xFFFF; ++number) {
    const auto type = static_cast<ReplicationType>(number);
    const auto kind = to_replication_kind(type);
    EXPECT_EQ(kind.has_value(), number >= 2 && number <= 25) << number;
    if (kind) {
      EXPECT_EQ(to_replication_type(*kind), type) << number;
    }
  }
}

TEST(ReplicationType, FollowsThePrintedTable) {
  const auto number = [](SyncType sync, Mode mode, Locality where) {
    return number_of(*to_replication_type({sync, mode, where}));
  };
  EXPECT_EQ(number(SyncType::Mirror, Mode::Synchronous, Locality::Remote), 4);
  EXPECT_EQ(number(SyncType::Snapshot, Mode::Asynchronous, Locality::Local), 7);
  EXPECT_EQ(number(SyncType::TokenizedClone, Mode::Asynchronous, Locality::Remote), 17);
  EXPECT_EQ(number(SyncType::Clone, Mode::Adaptive, Locality::Remote), 23);
  EXPECT_FALSE(to_replication_type({SyncType::Mirror, Mode::Unknown, Locality::Local}));
}

}  // namespace
}  // namespace lockstep
