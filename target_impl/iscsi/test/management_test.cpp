// The functions of RFC 7144, which go with iSCSIProtocolLevel 2 and are unknown without it, and the
// parameters of asynchronous messages.
#include "target_impl/iscsi/test/session_fixture.hpp"

namespace lockstep::iscsi::test {
namespace {

class ManagementTest : public SessionTest {
 protected:
  enum : std::uint8_t { kQueryTask = 9, kQueryTaskSet, kNexusReset, kQueryAsynchronousEvent };

  void SetUp() override { start(usual() + text_of({"iSCSIProtocolLevel=2"})); }
  std::uint8_t manage(std::uint8_t function, std::uint32_t referenced_tag = 0,
                      std::uint8_t lun = 0) {
    Request request = make_request(Opcode::TaskManagementRequest, 900,
                                   static_cast<std::uint8_t>(kFinal | function));
    request.header[0] |= kImmediate;
    request.header[field::kLun + 1] = lun;
    set32(request.header, field::kReferencedTag, referenced_tag);
    set32(request.header, field::kCmdSn, peer->next_cmd_sn);
    const Answer answer = peer->exchange(request);
    EXPECT_EQ(answer.opcode(), Opcode::TaskManagementResponse);
    EXPECT_EQ(task_tag(answer.header), 900U);
    return answer.header[field::kResponse];
  }
};

TEST_F(ManagementTest, FindsTasks) {
  EXPECT_EQ(manage(kQueryTask, 5), 0);
  EXPECT_EQ(manage(kQueryTaskSet), 0);
  send(write_command(5, 0, 8, "", true));
  EXPECT_EQ(manage(kQueryTask, 5), 7);
  EXPECT_EQ(manage(kQueryTask, 6), 0);
  EXPECT_EQ(manage(kQueryTaskSet), 7);
  EXPECT_EQ(manage(kQueryTask, 5, 9), 2);
  EXPECT_EQ(manage(kQueryTaskSet, 0, 9), 2);
  // Asking changes nothing.
  peer->send(data_out(5, kReservedTag, 0, 0, pattern(4096, 1), true));
  expect_good(peer->answer(), 5);
  EXPECT_EQ(manage(kQueryTask, 5), 0);
}

TEST_F(ManagementTest, SaysWhetherAnAttentionIsDue) {
  EXPECT_EQ(manage(kQueryAsynchronousEvent), 0);
  executor->attention = true;
  EXPECT_EQ(manage(kQueryAsynchronousEvent), 7);
  EXPECT_EQ(manage(kQueryAsynchronousEvent, 0, 9), 2);
}

TEST_F(ManagementTest, ResetsItsOwnNexusOnly) {
  Peer other(*portal);
  other.isid = 2;
  other.login_to(executor->target_name(), usual());
  other.send(other.numbered(write_command(5, 0, 8, "", true)));
  send(write_command(5, 0, 8, "", true));
  EXPECT_EQ(manage(kNexusReset), 0);
  EXPECT_EQ(executor->last_function, scsi::TaskManagement::NexusReset);
  peer->send(data_out(5, kReservedTag, 0, 0, pattern(4096, 1), true));
  EXPECT_TRUE(peer->answers().empty());
  EXPECT_EQ(executor->executed, 0);
  other.send(data_out(5, kReservedTag, 0, 0, pattern(4096, 1), true));
  expect_good(other.answer(), 5);
  // The session itself goes on.
  expect_good(exchange(command(kTestUnitReady, 6, kFinal, 0, 0, 0)), 6);
}

TEST_F(ManagementTest, KnowsThemAtLevelTwoOnly) {
  EXPECT_EQ(manage(13), 5);
  EXPECT_EQ(manage(127), 5);
  start(usual() + text_of({"iSCSIProtocolLevel=1"}));
  for (std::uint8_t function = kQueryTask; function <= kQueryAsynchronousEvent; ++function) {
    EXPECT_EQ(manage(function), 5);
  }
  EXPECT_EQ(executor->managed, 0);
}

TEST_F(ManagementTest, AsynchronousMessagesSayWhenToComeBack) {
  start(usual() + text_of({"DefaultTime2Wait=7"}));
  peer->connection().session()->end_with_notice(AsyncEvent::SessionWillDrop);
  const Answer notice = peer->answer();
  EXPECT_EQ(notice.opcode(), Opcode::AsyncMessage);
  EXPECT_EQ(task_tag(notice.header), kReservedTag);
  EXPECT_EQ(notice.header[field::kAsyncEvent], 3);
  EXPECT_EQ(load_be16(notice.header.data() + field::kAsyncParameter2), 7);
  EXPECT_EQ(load_be16(notice.header.data() + field::kAsyncParameter3), 0);
  EXPECT_TRUE(notice.data.empty());
}

}  // namespace
}  // namespace lockstep::iscsi::test
