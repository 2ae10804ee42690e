// Goal: the parser takes what RFC 7143 allows and nothing else, and names the part at fault.
#include "target_impl/initiator/initiator.hpp"
#include "target_impl/initiator/target_url.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace lockstep::initiator {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr const char* kName = "iqn.2026-11.net.lockstep:unit";

IscsiUrl parsed(const std::string& url) {
  const auto result = parse_url(url);
  EXPECT_TRUE(result.has_value()) << result.error().message;
  return result ? result.value() : IscsiUrl{};
}

std::string refused(const std::string& url) {
  const auto result = parse_url(url);
  EXPECT_FALSE(result.has_value()) << url;
  if (result) return {};
  EXPECT_EQ(result.error().origin, Origin::Usage);
  return result.error().message;
}

TEST(IscsiUrl, HasADefaultPort) {
  const auto url = parsed(std::string("iscsi://storage-1.example/") + kName + "/7");
  EXPECT_EQ(url.portal, "storage-1.example:3260");
  EXPECT_EQ(url.target_name, kName);
  EXPECT_EQ(url.lun, 7);
}

TEST(IscsiUrl, TakesAddressesOfBothFamilies) {
  EXPECT_EQ(parsed("iscsi://127.0.0.1:1/iqn.a/0").portal, "127.0.0.1:1");
  EXPECT_EQ(parsed("iscsi://[::1]:65535/eui.0123456789abcdef/255").portal, "[::1]:65535");
  EXPECT_EQ(parsed("iscsi://[fe80::2]/naa.0123456789ABCDEF0123456789abcdef/0").portal,
            "[fe80::2]:3260");
}

TEST(IscsiUrl, NamesTheSchemeAtFault) {
  EXPECT_THAT(refused(""), HasSubstr("begin with iscsi://"));
  EXPECT_THAT(refused("http://host/iqn.a/0"), HasSubstr("begin with iscsi://"));
}

TEST(IscsiUrl, NamesTheHostAtFault) {
  EXPECT_THAT(refused("iscsi:///iqn.a/0"), HasSubstr("host is missing"));
  EXPECT_THAT(refused("iscsi://:3260/iqn.a/0"), HasSubstr("host is missing"));
  EXPECT_THAT(refused("iscsi://256.1.1.1/iqn.a/0"), HasSubstr("'256.1.1.1'"));
  EXPECT_THAT(refused("iscsi://ho st/iqn.a/0"), HasSubstr("host name or address"));
  EXPECT_THAT(refused("iscsi://a..b/iqn.a/0"), HasSubstr("host name or address"));
  EXPECT_THAT(refused("iscsi://" + std::string(254, 'a') + "/iqn.a/0"),
              HasSubstr("host name or address"));
  EXPECT_THAT(refused("iscsi://::1/iqn.a/0"), HasSubstr("[address]:port"));
  EXPECT_THAT(refused("iscsi://[::1/iqn.a/0"), HasSubstr("closing ']'"));
  EXPECT_THAT(refused("iscsi://[::zz]/iqn.a/0"), HasSubstr("IPv6 address"));
}

TEST(IscsiUrl, NamesThePortAtFault) {
  for (const char* port : {"", "0", "65536", "-1", "+80", " 80", "3260x", "99999999999999999999"}) {
    EXPECT_THAT(refused("iscsi://host:" + std::string(port) + "/iqn.a/0"),
                HasSubstr("port from 1 to 65535"))
        << port;
  }
  EXPECT_THAT(refused("iscsi://[::1]x/iqn.a/0"), HasSubstr("port from 1 to 65535"));
}

TEST(IscsiUrl, NamesTheTargetAtFault) {
  EXPECT_THAT(refused("iscsi://host"), HasSubstr("target name is missing"));
  EXPECT_THAT(refused("iscsi://host/"), HasSubstr("target name is missing"));
  EXPECT_THAT(refused("iscsi://host//0"), HasSubstr("target name is missing"));
  for (const char* name : {"iqn", "iqn.", "disk", "eui.123", "naa.012345678", "iqn.a%20b",
                           "iqn.\xC3\xA9", "IQN.a", "eui.0123456789abcdeg"}) {
    EXPECT_THAT(refused("iscsi://host/" + std::string(name) + "/0"),
                HasSubstr("expected a target name"))
        << name;
  }
  EXPECT_EQ(parsed("iscsi://host/iqn." + std::string(219, 'a') + "/0").target_name.size(), 223U);
  EXPECT_THAT(refused("iscsi://host/iqn." + std::string(220, 'a') + "/0"), HasSubstr("224 bytes"));
}

TEST(IscsiUrl, NamesTheLunAtFault) {
  EXPECT_THAT(refused("iscsi://host/iqn.a"), HasSubstr("LUN is missing"));
  EXPECT_THAT(refused("iscsi://host/iqn.a/"), HasSubstr("LUN is missing"));
  for (const char* lun : {"256", "-1", "1/", "0x1", "1 ", "one", "4294967296"}) {
    EXPECT_THAT(refused("iscsi://host/iqn.a/" + std::string(lun)), HasSubstr("LUN from 0 to 255"))
        << lun;
  }
}

TEST(IscsiUrl, RefusesCredentialsWithoutRepeatingThem) {
  for (const char* url : {"iscsi://user%secret@host/iqn.a/0", "iscsi://user:secret@host/iqn.a/0",
                          "iscsi://u:sec/secret@host/iqn.a/0", "http://user:secret@host/iqn.a/0"}) {
    EXPECT_THAT(refused(url), Not(HasSubstr("secret")));
  }
  EXPECT_THAT(refused("iscsi://user%secret@host/iqn.a/0"), HasSubstr("credentials"));
}

TEST(IscsiUrl, QuotesOnlyPrintableTextOfBoundedLength) {
  const std::string message = refused("iscsi://host/iqn.\x1B[31m" + std::string(5000, 'b') + "/0");
  EXPECT_THAT(message, Not(HasSubstr("\x1B")));
  EXPECT_LT(message.size(), 500U);
}

TEST(TargetUrl, IsAUrlWithoutALun) {
  const auto url = parse_target_url(std::string("iscsi://[::1]:9/") + kName);
  ASSERT_TRUE(url) << url.error().message;
  EXPECT_EQ(url.value().portal, "[::1]:9");
  EXPECT_EQ(url.value().target_name, kName);
  for (const char* lun : {"/", "/0", "/0/1"}) {
    const auto with_lun = parse_target_url(std::string("iscsi://host/") + kName + lun);
    ASSERT_FALSE(with_lun) << lun;
    EXPECT_THAT(with_lun.error().message, HasSubstr("expected no LUN"));
    EXPECT_THAT(with_lun.error().message, HasSubstr("iscsi://host[:port]/target-name"));
  }
  for (const char* bad : {"", "iscsi://host", "iscsi://host/", "iscsi://host:0/iqn.a",
                          "iscsi://host/disk", "iscsi://user%secret@host/iqn.a"}) {
    const auto refused = parse_target_url(bad);
    ASSERT_FALSE(refused) << bad;
    EXPECT_EQ(refused.error().origin, Origin::Usage);
    EXPECT_THAT(refused.error().message, Not(HasSubstr("secret")));
  }
}

TEST(Portal, IsParsedByTheSameRules) {
  EXPECT_EQ(parse_portal("127.0.0.1").value(), "127.0.0.1:3260");
  EXPECT_EQ(parse_portal("[::1]:9").value(), "[::1]:9");
  EXPECT_FALSE(parse_portal("127.0.0.1:0").has_value());
  EXPECT_FALSE(parse_portal("").has_value());
}

}  // namespace
}  // namespace lockstep::initiator
