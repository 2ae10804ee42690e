#include "model/vocab/ids.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace lockstep {
namespace {

TEST(Refs, AreEqualWhereTheirTextsAre) {
  const std::string common = "MSFT_StorageVolume.DeviceID=\"600140500000";
  const std::vector<std::string> texts{"",
                                       "a",
                                       "b",
                                       "1234567",
                                       "12345678",
                                       "02345678",
                                       "12345679",
                                       "112345678",
                                       std::string("a\0c", 3),
                                       common + "0001\"",
                                       common + "0002\"",
                                       "N" + common.substr(1) + "0001\"",
                                       common + "00001\""};
  for (const std::string& one : texts) {
    for (const std::string& other : texts) {
      EXPECT_EQ(ElementRef{one} == ElementRef{other}, one == other) << one << " and " << other;
    }
  }
}

}  // namespace
}  // namespace lockstep
