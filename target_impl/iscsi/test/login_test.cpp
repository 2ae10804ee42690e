// Login: stages, status codes, the answer to each key. RFC 7143 sections 6.3 and 13.
#include "target_impl/iscsi/test/peer.hpp"

#include <gmock/gmock.h>

namespace lockstep::iscsi::test {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

class LoginTest : public ::testing::Test {
 protected:
  LoginTest() { portal.add(executor); }
  // The answer to one key, offered in a normal session.
  std::string answer_to(const std::string& key, const std::string& value) {
    Peer other(portal);
    other.isid = 99;
    const Answer response = other.login(names + text_of({key + "=" + value}));
    EXPECT_EQ(response.login_status(), 0);
    const std::string text = response.text();
    const auto pairs = parse_text(text);
    if (!pairs) {
      return "(no text)";
    }
    for (const TextPair& pair : pairs.value()) {
      if (pair.key == key && !(key == "MaxRecvDataSegmentLength" && pair.value == "262144")) {
        return std::string(pair.value);
      }
    }
    return "(none)";
  }
  std::uint16_t status_of(const std::string& text, std::uint8_t flags = 0x87) {
    Peer other(portal);
    const Answer response = other.exchange(login_request(text, flags));
    EXPECT_EQ(other.finished(), response.login_status() != 0);
    return response.login_status();
  }

  Portal portal;
  std::shared_ptr<FakeExecutor> executor = std::make_shared<FakeExecutor>();
  const std::string names =
      text_of({"InitiatorName=iqn.2026-11.test:peer", "TargetName=iqn.2026-11.org.lockstep:fake"});
  Peer peer{portal};
};

TEST_F(LoginTest, GoesStraightToFullFeature) {
  Request request = login_request(names);
  set32(request.header, field::kCmdSn, 77);
  const Answer response = peer.exchange(request);
  EXPECT_EQ(response.opcode(), Opcode::LoginResponse);
  EXPECT_EQ(response.header[field::kFlags], 0x87);
  EXPECT_EQ(response.login_status(), 0);
  EXPECT_NE(load_be16(response.header.data() + field::kTsih), 0);
  EXPECT_EQ(response.at(field::kExpCmdSn), 77U);
  EXPECT_EQ(response.at(field::kMaxCmdSn), 77U + 127);
  EXPECT_THAT(response.text(), HasSubstr(text_of({"TargetPortalGroupTag=1"})));
  EXPECT_THAT(response.text(), HasSubstr(text_of({"MaxRecvDataSegmentLength=262144"})));
  ASSERT_TRUE(peer.connection().logged_in());
  EXPECT_THAT(executor->events, ElementsAre("started iqn.2026-11.test:peer,i,0x800000000001"));
  EXPECT_EQ(executor->target_port, "iqn.2026-11.org.lockstep:fake,t,0x0001");
}

TEST_F(LoginTest, PassesThroughTheSecurityStage) {
  Answer response = peer.exchange(login_request(names + text_of({"AuthMethod=CHAP,None"}), 0x81));
  EXPECT_EQ(response.header[field::kFlags], 0x81);
  EXPECT_THAT(response.text(), HasSubstr(text_of({"AuthMethod=None"})));
  EXPECT_THAT(response.text(), Not(HasSubstr("MaxRecvDataSegmentLength")));
  response = peer.exchange(login_request(text_of({"HeaderDigest=None"}), 0x87));
  EXPECT_EQ(response.header[field::kFlags], 0x87);
  EXPECT_THAT(response.text(), HasSubstr(text_of({"HeaderDigest=None"})));
  EXPECT_THAT(response.text(), HasSubstr("MaxRecvDataSegmentLength"));
  EXPECT_TRUE(peer.connection().logged_in());
}

TEST_F(LoginTest, StaysInTheStageUntilAskedToMove) {
  Answer response = peer.exchange(login_request(names, 0x04));
  EXPECT_EQ(response.header[field::kFlags], 0x04);
  EXPECT_FALSE(peer.connection().logged_in());
  response = peer.exchange(login_request(text_of({"ErrorRecoveryLevel=2"}), 0x87));
  EXPECT_EQ(response.header[field::kFlags], 0x87);
  EXPECT_THAT(response.text(), HasSubstr(text_of({"ErrorRecoveryLevel=0"})));
  EXPECT_THAT(response.text(), Not(HasSubstr("MaxRecvDataSegmentLength")));  // declared before
}

TEST_F(LoginTest, CollectsTextOverSeveralRequests) {
  const std::string whole = names + text_of({"ImmediateData=No"});
  const std::size_t cut = whole.size() / 2;
  Answer response = peer.exchange(login_request(whole.substr(0, cut), 0x44));
  EXPECT_TRUE(response.data.empty());
  EXPECT_EQ(response.header[field::kFlags], 0x04);
  response = peer.exchange(login_request(whole.substr(cut), 0x87));
  EXPECT_EQ(response.login_status(), 0);
  EXPECT_THAT(response.text(), HasSubstr(text_of({"ImmediateData=No"})));
}

TEST_F(LoginTest, RefusesTextWithoutEnd) {
  const std::string part = text_of({"X-a=" + std::string(200, 'v')});
  std::string chunk;
  while (chunk.size() + part.size() < 8192) {
    chunk += part;
  }
  peer.send(login_request(names, 0x44));
  for (int i = 0; i < 20 && !peer.finished(); ++i) {
    peer.send(login_request(chunk, 0x44));
  }
  EXPECT_TRUE(peer.finished());
  EXPECT_EQ(peer.answers().back().login_status(), 0x0200);
}

TEST_F(LoginTest, RefusesEndlessConversations) {
  peer.send(login_request(names, 0x04));
  for (int i = 0; i < 100 && !peer.finished(); ++i) {
    peer.send(login_request("", 0x04));
  }
  EXPECT_TRUE(peer.finished());
  EXPECT_EQ(peer.answers().back().login_status(), 0x0200);
}

TEST_F(LoginTest, SendsLongAnswersInParts) {
  std::string keys;
  int count = 0;
  while (keys.size() + 20 < 8000) {
    keys += text_of({"X-k" + std::to_string(count++) + "="});
  }
  peer.send(login_request(names, 0x04));
  (void)peer.answer();
  Answer response = peer.exchange(login_request(keys, 0x87));
  std::string text = response.text();
  int parts = 1;
  while ((response.header[field::kFlags] & kContinue) != 0 && parts < 10) {
    EXPECT_EQ(response.header[field::kFlags] & kFinal, 0);
    EXPECT_LE(response.data.size(), 8192U);
    response = peer.exchange(login_request("", 0x87));
    text += response.text();
    ++parts;
  }
  EXPECT_GE(parts, 2);
  const auto pairs = parse_text(text);
  ASSERT_TRUE(pairs.has_value());
  EXPECT_EQ(std::count_if(pairs.value().begin(), pairs.value().end(),
                          [](const TextPair& pair) { return pair.value == "NotUnderstood"; }),
            count);
  EXPECT_TRUE(peer.connection().logged_in());
}

TEST_F(LoginTest, AnswersEachKeyByItsRule) {
  EXPECT_EQ(answer_to("HeaderDigest", "None,CRC32C"), "None");
  EXPECT_EQ(answer_to("HeaderDigest", "CRC32C,None"), "CRC32C");
  EXPECT_EQ(answer_to("DataDigest", "X-md5,CRC32C"), "CRC32C");
  EXPECT_EQ(answer_to("DataDigest", "X-md5"), "Reject");
  EXPECT_EQ(answer_to("MaxConnections", "8"), "1");
  EXPECT_EQ(answer_to("InitialR2T", "No"), "No");
  EXPECT_EQ(answer_to("InitialR2T", "Yes"), "Yes");
  EXPECT_EQ(answer_to("InitialR2T", "Maybe"), "Reject");
  EXPECT_EQ(answer_to("ImmediateData", "No"), "No");
  EXPECT_EQ(answer_to("ImmediateData", "Yes"), "Yes");
  EXPECT_EQ(answer_to("MaxBurstLength", "16776192"), "16776192");
  EXPECT_EQ(answer_to("MaxBurstLength", "0x10000"), "65536");
  EXPECT_EQ(answer_to("MaxBurstLength", "511"), "Reject");
  EXPECT_EQ(answer_to("MaxBurstLength", "16777216"), "Reject");
  EXPECT_EQ(answer_to("FirstBurstLength", "1048576"), "262144");
  EXPECT_EQ(answer_to("DefaultTime2Wait", "0"), "2");
  EXPECT_EQ(answer_to("DefaultTime2Wait", "3600"), "3600");
  EXPECT_EQ(answer_to("DefaultTime2Retain", "20"), "0");
  EXPECT_EQ(answer_to("MaxOutstandingR2T", "16"), "8");
  EXPECT_EQ(answer_to("MaxOutstandingR2T", "0"), "Reject");
  EXPECT_EQ(answer_to("DataPDUInOrder", "No"), "Yes");
  EXPECT_EQ(answer_to("DataSequenceInOrder", "No"), "Yes");
  EXPECT_EQ(answer_to("ErrorRecoveryLevel", "2"), "0");
  EXPECT_EQ(answer_to("IFMarker", "Yes"), "No");
  EXPECT_EQ(answer_to("OFMarker", "No"), "No");
  EXPECT_EQ(answer_to("iSCSIProtocolLevel", "2"), "2");
  EXPECT_EQ(answer_to("iSCSIProtocolLevel", "31"), "2");
  EXPECT_EQ(answer_to("iSCSIProtocolLevel", "32"), "Reject");
  EXPECT_EQ(answer_to("TaskReporting", "FastAbort,RFC3720"), "RFC3720");
  EXPECT_EQ(answer_to("X-org.example.key", "1"), "NotUnderstood");
  EXPECT_EQ(answer_to("Unheard", "1"), "NotUnderstood");
  EXPECT_EQ(answer_to("MaxRecvDataSegmentLength", "100"), "Reject");
  EXPECT_EQ(answer_to("MaxRecvDataSegmentLength", "4096"), "(none)");
  EXPECT_EQ(answer_to("InitiatorAlias", "me"), "(none)");
}

TEST_F(LoginTest, FindsKeysIrrelevantInDiscovery) {
  const Answer response =
      peer.login(text_of({"MaxBurstLength=65536", "SessionType=Discovery", "InitialR2T=No",
                          "InitiatorName=iqn.2026-11.test:peer", "ErrorRecoveryLevel=0"}));
  EXPECT_EQ(response.login_status(), 0);
  EXPECT_THAT(response.text(), HasSubstr(text_of({"MaxBurstLength=Irrelevant"})));
  EXPECT_THAT(response.text(), HasSubstr(text_of({"InitialR2T=Irrelevant"})));
  EXPECT_THAT(response.text(), HasSubstr(text_of({"ErrorRecoveryLevel=0"})));
  EXPECT_THAT(response.text(), Not(HasSubstr("TargetPortalGroupTag")));
  EXPECT_TRUE(executor->events.empty());
}

TEST_F(LoginTest, SaysWhatIsWrong) {
  const std::string initiator = text_of({"InitiatorName=iqn.2026-11.test:peer"});
  const std::string target = text_of({"TargetName=iqn.2026-11.org.lockstep:fake"});
  EXPECT_EQ(status_of(names), 0);
  EXPECT_EQ(status_of(target), 0x0207);
  EXPECT_EQ(status_of(initiator), 0x0207);
  EXPECT_EQ(status_of(initiator + text_of({"TargetName=iqn.2026-11.org.lockstep:none"})), 0x0203);
  EXPECT_EQ(status_of(target + text_of({"InitiatorName=me"})), 0x0200);
  EXPECT_EQ(status_of(names + target), 0x0200);
  EXPECT_EQ(status_of(names + text_of({"SessionType=Other"})), 0x0209);
  EXPECT_EQ(status_of(names + text_of({"MaxBurstLength=8192", "MaxBurstLength=8192"})), 0x0200);
  EXPECT_EQ(status_of(names + "NoEquals"), 0x0200);
  EXPECT_EQ(status_of(names + text_of({"AuthMethod=CHAP"}), 0x81), 0x0201);
  EXPECT_EQ(status_of(names + text_of({"CHAP_A=5"}), 0x81), 0x0201);
  EXPECT_EQ(status_of(names, 0x8B), 0x020B);  // reserved stage
  EXPECT_EQ(status_of(names, 0x86), 0x020B);  // to the reserved stage
  EXPECT_EQ(status_of(names, 0x85), 0x020B);  // to the same stage
  EXPECT_EQ(status_of(names, 0xC7), 0x020B);  // goes on and is final
}

TEST_F(LoginTest, AcceptsNamesInAnyCase) {
  EXPECT_EQ(status_of(text_of({"InitiatorName=IQN.2026-11.TEST:peer",
                               "TargetName=IQN.2026-11.org.Lockstep:FAKE"})),
            0);
}

TEST_F(LoginTest, RefusesOtherVersions) {
  Request request = login_request(names);
  request.header[2] = 5;
  EXPECT_EQ(Peer(portal).exchange(request).login_status(), 0);
  request.header[3] = 1;
  EXPECT_EQ(peer.exchange(request).login_status(), 0x0205);
}

TEST_F(LoginTest, RefusesSessionsThatDoNotExist) {
  Request request = login_request(names);
  store_be16(request.header.data() + field::kTsih, 7);
  EXPECT_EQ(peer.exchange(request).login_status(), 0x020A);
}

TEST_F(LoginTest, RefusesASecondConnection) {
  const Answer first = peer.exchange(login_request(names));
  Request second = login_request(names);
  std::copy_n(first.header.begin() + field::kTsih, 2, second.header.begin() + field::kTsih);
  store_be16(second.header.data() + field::kConnectionId, 1);
  EXPECT_EQ(Peer(portal).exchange(second).login_status(), 0x0206);
  EXPECT_FALSE(peer.connection().session()->closing());
  // The same connection again replaces the old one and keeps the session's handle.
  store_be16(second.header.data() + field::kConnectionId, 0);
  Peer again(portal);
  const Answer response = again.exchange(second);
  EXPECT_EQ(response.login_status(), 0);
  EXPECT_EQ(load_be16(response.header.data() + field::kTsih),
            load_be16(first.header.data() + field::kTsih));
  EXPECT_TRUE(peer.connection().session()->closing());
}

TEST_F(LoginTest, ReinstatesASession) {
  peer.login_to(executor->target_name());
  Peer again(portal);
  again.login_to(executor->target_name());
  EXPECT_EQ(peer.attended, 1);
  EXPECT_TRUE(peer.connection().session()->closing());
  EXPECT_FALSE(again.connection().session()->closing());
  const std::string port = "iqn.2026-11.test:peer,i,0x800000000001";
  EXPECT_THAT(executor->events, ElementsAre("started " + port, "lost " + port, "started " + port));
}

TEST_F(LoginTest, KeepsSessionsOfOtherPortsApart) {
  peer.login_to(executor->target_name());
  Peer other(portal);
  other.isid = 2;
  other.login_to(executor->target_name());
  EXPECT_FALSE(peer.connection().session()->closing());
  EXPECT_EQ(portal.sessions().size(), 2U);
}

TEST_F(LoginTest, ClosesOnAnythingButLogin) {
  peer.send(make_request(Opcode::NopOut, 1));
  EXPECT_TRUE(peer.finished());
  EXPECT_TRUE(peer.answers().empty());
}

TEST_F(LoginTest, LimitsTheSegmentDuringLogin) {
  peer.send(login_request(std::string(8193, 'a')));
  EXPECT_TRUE(peer.finished());
}

}  // namespace
}  // namespace lockstep::iscsi::test
