// CHAP: its arithmetic against published vectors, and the security stage as an initiator goes
// through it, rightly and wrongly. RFC 1994, RFC 7143 section 12.1.3.
#include "target_impl/iscsi/chap.hpp"

#include "target_impl/iscsi/test/peer.hpp"

#include <gmock/gmock.h>

#include <map>

namespace lockstep::iscsi::test {
namespace {

using Bytes = std::vector<std::uint8_t>;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

const std::string kUser = "user";
const std::string kSecret = "a secret of the initiator";
const std::string kOwnUser = "target";
const std::string kOwnSecret = "a secret of the target";

std::string base64(const Bytes& bytes) {
  constexpr std::string_view kDigits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string text;
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    std::uint32_t bits = 0;
    for (std::size_t j = i; j < i + 3; ++j) {
      bits = bits << 8 | (j < bytes.size() ? bytes[j] : 0U);
    }
    for (std::size_t j = 0; j < 4; ++j) {
      const bool used = i + j <= bytes.size();
      text.push_back(used ? kDigits[bits >> (18 - 6 * j) & 63] : '=');
    }
  }
  return text;
}

TEST(ChapArithmetic, DigestsIdentifierSecretAndChallenge) {
  // H("Aabcdef") with the first byte as identifier, two as secret, four as challenge: the known
  // digests of "abc" and of the empty tail cannot both come out of a wrong order.
  const Bytes challenge = {'c'};
  const auto digest = [&](ChapAlgorithm algorithm) {
    return encode_hexadecimal(chap_response(algorithm, 'a', Secret("b"), challenge));
  };
  EXPECT_EQ(digest(ChapAlgorithm::Md5), "0x900150983cd24fb0d6963f7d28e17f72");
  EXPECT_EQ(digest(ChapAlgorithm::Sha1), "0xa9993e364706816aba3e25717850c26c9cd0d89d");
  EXPECT_EQ(digest(ChapAlgorithm::Sha256),
            "0xba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(digest(ChapAlgorithm::Sha3_256),
            "0x3a985da74fe225b2045c172d6bd390bd855f086e3e9d525b46bfe24511431532");
}

TEST(ChapArithmetic, ChoosesByWholeItems) {
  EXPECT_EQ(choose_chap_algorithm("5"), ChapAlgorithm::Md5);
  EXPECT_EQ(choose_chap_algorithm("8,7,6,5"), ChapAlgorithm::Sha3_256);
  EXPECT_EQ(choose_chap_algorithm("9,7,5"), ChapAlgorithm::Sha256);
  for (const char* none : {"", ",", "56", "05", " 5", "5 ", "0x5", "9", "MD5"}) {
    EXPECT_EQ(choose_chap_algorithm(none), std::nullopt) << none;
  }
}

TEST(ChapArithmetic, DecodesBothForms) {
  EXPECT_THAT(decode_binary("0x00fF10", 8).value(), ElementsAre(0, 255, 16));
  EXPECT_THAT(decode_binary("0Xabc", 8).value(), ElementsAre(0x0a, 0xbc));
  EXPECT_THAT(decode_binary("0bAP8Q", 8).value(), ElementsAre(0, 255, 16));
  EXPECT_THAT(decode_binary("0BAP8=", 8).value(), ElementsAre(0, 255));
  EXPECT_THAT(decode_binary("0bAA==", 8).value(), ElementsAre(0));
  for (const char* none : {"", "0", "0x", "0b", "x00", "00ff", "0xfg", "0xf", "0bAP8", "0bA===",
                           "0bAB==", "0b====", "0bAP8Q=", "0bAP-Q", "ff", "0x000102030405060708"}) {
    if (std::string_view(none) == "0xf") {
      EXPECT_THAT(decode_binary(none, 8).value(), ElementsAre(15));
      continue;
    }
    EXPECT_EQ(decode_binary(none, 8), std::nullopt) << none;
  }
  const std::string large = "0x" + std::string(4096, '0');
  EXPECT_EQ(decode_binary(large, 2048).value().size(), 2048U);
  EXPECT_EQ(decode_binary(large, 1024), std::nullopt);
}

TEST(ChapArithmetic, RoundTripsEveryLength) {
  for (std::size_t size = 1; size < 70; ++size) {
    const Bytes bytes = random_bytes(size);
    EXPECT_EQ(decode_binary(encode_hexadecimal(bytes), 100), bytes);
    EXPECT_EQ(decode_binary("0b" + base64(bytes), 100), bytes);
  }
}

class ChapTest : public ::testing::Test {
 protected:
  void SetUp() override {
    access.accounts.push_back({kUser, Secret(kSecret)});
    access.accounts.push_back({"0xhexadecimal", Secret("another secret")});
    access.own = ChapAccount{kOwnUser, Secret(kOwnSecret)};
    ASSERT_TRUE(check_access(access, "test").has_value());
    portal.add(executor, access);
  }
  // Sends text in the security stage; the status of the answer, whose pairs are kept.
  std::uint16_t say(const std::string& text, std::uint8_t flags = 0x01) {
    const Answer answer = peer->exchange(login_request(text, flags));
    answered.clear();
    const std::string answer_text = answer.text();
    const auto pairs = parse_text(answer_text);
    EXPECT_TRUE(pairs.has_value());
    for (const TextPair& pair : pairs.value()) {
      answered[std::string(pair.key)] = pair.value;
    }
    last_flags = answer.header[field::kFlags];
    return answer.login_status();
  }
  void offer(const std::string& methods = "CHAP,None", const std::string& algorithms = "5") {
    peer = std::make_unique<Peer>(portal);
    ASSERT_EQ(say(names + text_of({"AuthMethod=" + methods}), 0x81), 0);
    EXPECT_EQ(answered["AuthMethod"], "CHAP");
    EXPECT_EQ(last_flags & kFinal, 0);
    ASSERT_EQ(say(text_of({"CHAP_A=" + algorithms})), 0);
  }
  Bytes response(const std::string& secret = kSecret) {
    return chap_response(static_cast<ChapAlgorithm>(std::stoi(answered["CHAP_A"])),
                         static_cast<std::uint8_t>(std::stoi(answered["CHAP_I"])), Secret(secret),
                         decode_binary(answered["CHAP_C"], 1024).value());
  }
  std::string proof(const std::string& user = kUser, const std::string& secret = kSecret) {
    return text_of({"CHAP_N=" + user, "CHAP_R=" + encode_hexadecimal(response(secret))});
  }
  void expect_refused(std::uint16_t status) {
    EXPECT_EQ(status, 0x0201);
    EXPECT_TRUE(peer->finished());
    EXPECT_TRUE(portal.sessions().empty());
    EXPECT_TRUE(executor->events.empty());
  }

  const std::string names =
      text_of({"InitiatorName=iqn.2026-11.test:peer", "TargetName=iqn.2026-11.org.lockstep:fake"});
  TargetAccess access;
  Portal portal;
  std::shared_ptr<FakeExecutor> executor = std::make_shared<FakeExecutor>();
  std::unique_ptr<Peer> peer = std::make_unique<Peer>(portal);
  std::map<std::string, std::string> answered;
  std::uint8_t last_flags = 0;
};

TEST_F(ChapTest, LogsInWithEveryAlgorithm) {
  for (const char* algorithm : {"5", "6", "7", "8"}) {
    offer("CHAP", algorithm);
    EXPECT_EQ(answered["CHAP_A"], algorithm);
    ASSERT_EQ(say(proof(), 0x83), 0);
    EXPECT_EQ(last_flags, 0x83);
    EXPECT_TRUE(peer->connection().logged_in());
  }
}

TEST_F(ChapTest, GoesThroughTheOperationalStageToo) {
  offer("CHAP,None", "9,5,6,7,8");
  EXPECT_EQ(answered["CHAP_A"], "5");
  ASSERT_EQ(say(proof(), 0x81), 0);
  EXPECT_EQ(last_flags, 0x81);
  EXPECT_FALSE(peer->connection().logged_in());
  ASSERT_EQ(say(text_of({"ImmediateData=No"}), 0x87), 0);
  EXPECT_EQ(answered["ImmediateData"], "No");
  EXPECT_TRUE(peer->connection().logged_in());
}

TEST_F(ChapTest, ProvesItselfToo) {
  offer();
  const std::string own = proof();
  const Bytes challenge = random_bytes(1024);
  ASSERT_EQ(say(own + text_of({"CHAP_I=0x9c", "CHAP_C=0b" + base64(challenge)}), 0x83), 0);
  EXPECT_EQ(answered["CHAP_N"], kOwnUser);
  EXPECT_EQ(answered["CHAP_R"], encode_hexadecimal(chap_response(ChapAlgorithm::Md5, 0x9c,
                                                                 Secret(kOwnSecret), challenge)));
  EXPECT_TRUE(peer->connection().logged_in());
}

TEST_F(ChapTest, TakesTheResponseInEitherFormAndNamesAsTheyAre) {
  offer();
  ASSERT_EQ(say(text_of({"CHAP_N=user", "CHAP_R=0B" + base64(response())}), 0x83), 0);
  offer();
  ASSERT_EQ(say(proof("0xhexadecimal", "another secret"), 0x83), 0);
}

TEST_F(ChapTest, ChallengesAreNeverTheSame) {
  std::vector<std::string> seen;
  for (int i = 0; i < 50; ++i) {
    offer();
    EXPECT_EQ(answered["CHAP_C"].size(), 2 + 64U);
    EXPECT_EQ(std::count(seen.begin(), seen.end(), answered["CHAP_C"]), 0);
    seen.push_back(answered["CHAP_C"]);
  }
}

TEST_F(ChapTest, RefusesWrongProofs) {
  offer();
  expect_refused(say(proof(kUser, "a secret of somebody"), 0x83));
  offer();
  expect_refused(say(proof("nobody"), 0x83));
  offer();
  expect_refused(say(proof("USER"), 0x83));
  offer();
  expect_refused(say(proof("0xhexadecimal"), 0x83));  // the secret of another user
  offer();
  expect_refused(say(text_of({"CHAP_N=user", "CHAP_R=0x00"}), 0x83));
  offer();
  expect_refused(say(text_of({"CHAP_N=user", "CHAP_R=0x"}), 0x83));
  offer();
  expect_refused(say(text_of({"CHAP_N=user", "CHAP_R=0x" + std::string(4096, '0')}), 0x83));
  offer();
  Bytes longer = response();
  longer.push_back(0);
  expect_refused(say(text_of({"CHAP_N=user", "CHAP_R=" + encode_hexadecimal(longer)}), 0x83));
  offer();
  expect_refused(say(text_of({"CHAP_N=user"}), 0x83));
  offer();
  expect_refused(say(text_of({"CHAP_R=" + encode_hexadecimal(response())}), 0x83));
  offer();
  expect_refused(say(proof() + text_of({"CHAP_N=user"}), 0x83));
}

TEST_F(ChapTest, RefusesWrongChallenges) {
  const auto refused = [this](const std::string& identifier, const std::string& challenge) {
    offer();
    const std::string whole = proof() + text_of({"CHAP_I=" + identifier, "CHAP_C=" + challenge});
    expect_refused(say(whole, 0x83));
  };
  refused("256", "0x00112233");
  refused("-1", "0x00112233");
  refused("", "0x00112233");
  refused("1", "00112233");
  refused("1", "0x" + std::string(2050, 'a'));
  offer();
  const std::string without = proof() + text_of({"CHAP_C=0x00112233"});
  expect_refused(say(without, 0x83));
  // Our own challenge sent back: whoever cannot answer it must not have it answered by us.
  offer();
  const std::string reflected = proof() + text_of({"CHAP_I=1", "CHAP_C=" + answered["CHAP_C"]});
  expect_refused(say(reflected, 0x83));
  EXPECT_THAT(answered, Not(::testing::Contains(::testing::Key("CHAP_R"))));
}

TEST_F(ChapTest, RefusesToProveItselfToAStranger) {
  offer();
  const std::string wrong =
      proof(kUser, "a secret of somebody") + text_of({"CHAP_I=1", "CHAP_C=0x00112233445566778899"});
  expect_refused(say(wrong, 0x83));
  EXPECT_THAT(answered, Not(::testing::Contains(::testing::Key("CHAP_R"))));
}

TEST_F(ChapTest, RefusesStepsOutOfOrder) {
  const auto fresh = [this] { peer = std::make_unique<Peer>(portal); };
  fresh();
  expect_refused(say(names + text_of({"CHAP_A=5"}), 0x81));
  fresh();
  expect_refused(say(names + text_of({"AuthMethod=CHAP", "CHAP_N=user", "CHAP_R=0x00"}), 0x81));
  offer();
  expect_refused(say(text_of({"CHAP_A=5"})));
  offer();
  expect_refused(say(text_of({"AuthMethod=CHAP"})));
  for (const char* list : {"", "56", "9", "05"}) {
    fresh();
    ASSERT_EQ(say(names + text_of({"AuthMethod=CHAP"})), 0);
    expect_refused(say(text_of({std::string("CHAP_A=") + list})));
  }
}

TEST_F(ChapTest, RefusesWhoDoesNotAuthenticate) {
  const auto fresh = [this] { peer = std::make_unique<Peer>(portal); };
  expect_refused(say(names, 0x87));  // straight into the operational stage
  fresh();
  expect_refused(say(names, 0x81));  // out of the security stage without a word
  fresh();
  expect_refused(say(names + text_of({"AuthMethod=None"}), 0x81));
  fresh();
  expect_refused(say(names + text_of({"AuthMethod=KRB5,None"}), 0x81));
  fresh();
  // Wishing to go on does not help.
  ASSERT_EQ(say(names + text_of({"AuthMethod=CHAP"}), 0x83), 0);
  ASSERT_EQ(say("", 0x83), 0);
  EXPECT_EQ(last_flags & kFinal, 0);
  EXPECT_FALSE(peer->connection().logged_in());
  EXPECT_TRUE(executor->events.empty());
}

TEST_F(ChapTest, RefusesMutualWithoutAnAccountOfItsOwn) {
  access.own.reset();
  portal.add(executor, access);
  offer();
  const std::string whole = proof() + text_of({"CHAP_I=1", "CHAP_C=0x00112233"});
  expect_refused(say(whole, 0x83));
}

TEST_F(ChapTest, DiscoveryHasItsOwnAccounts) {
  TargetAccess discovery;
  discovery.accounts.push_back({"finder", Secret("a secret of discovery")});
  Portal guarded({}, {}, discovery);
  guarded.add(executor);
  Peer stranger(guarded);
  const std::string text =
      text_of({"InitiatorName=iqn.2026-11.test:peer", "SessionType=Discovery"});
  EXPECT_EQ(stranger.login(text).login_status(), 0x0201);
  Peer finder(guarded);
  Answer answer = finder.exchange(login_request(text + text_of({"AuthMethod=CHAP"}), 0x00));
  EXPECT_EQ(answer.login_status(), 0);
  EXPECT_THAT(answer.text(), HasSubstr(text_of({"AuthMethod=CHAP"})));
}

TEST(Access, SaysWhatIsWrongAndNoSecret) {
  TargetAccess access;
  const auto message = [&access] {
    const Status checked = check_access(access, "target iqn.x");
    if (checked) {
      return std::string();
    }
    EXPECT_EQ(checked.error().origin, Origin::Config);
    EXPECT_THAT(checked.error().message, HasSubstr("target iqn.x"));
    EXPECT_THAT(checked.error().message, Not(HasSubstr("hush")));
    return checked.error().message;
  };
  EXPECT_EQ(message(), "");
  access.initiators = {"me"};
  EXPECT_THAT(message(), HasSubstr("\"me\""));
  access.initiators = {"IQN.2026-11.test:me"};
  EXPECT_EQ(message(), "");
  access.lun_initiators[7] = {"iqn.2026-11.test:me", "you"};
  EXPECT_THAT(message(), HasSubstr("LUN 7"));
  access.lun_initiators.clear();
  access.accounts = {{"user", Secret("hush hush")}};
  EXPECT_THAT(message(), HasSubstr("9 bytes"));
  access.accounts = {{"", Secret("hush hush hush")}};
  EXPECT_THAT(message(), HasSubstr("CHAP user"));
  access.accounts = {{"user", Secret("hush hush hush")}, {"user", Secret("hush hush hush 2")}};
  EXPECT_THAT(message(), HasSubstr("twice"));
  access.accounts = {{"user", Secret("hush hush hush")}};
  access.own = ChapAccount{"target", Secret("hush hush hush")};
  EXPECT_THAT(message(), HasSubstr("different CHAP secrets"));
  access.own->secret = Secret("hush hush hush 2");
  EXPECT_EQ(message(), "");
  access.accounts.clear();
  EXPECT_THAT(message(), HasSubstr("both directions"));
}

}  // namespace
}  // namespace lockstep::iscsi::test
