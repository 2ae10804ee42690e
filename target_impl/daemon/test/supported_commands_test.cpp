// REPORT SUPPORTED OPERATION CODES, INQUIRY and the pages name commands; the commands are there,
// and none besides (SPC-4 6.6, 6.35, 7.8.17).
#include "target_impl/daemon/test/served_units.hpp"

#include <map>
#include <optional>
#include <poll.h>
#include <set>

namespace lockstep::target::test {
namespace {

constexpr int kInvalidOperationCode = 0x2000;

class SupportedCommands : public ServedUnits {
 protected:
  struct Command {
    std::uint8_t code = 0;
    std::optional<std::uint8_t> action;
    std::size_t cdb_bytes = 0;
  };

  void SetUp() override {
    const Bytes list = ask(0, cdb_of(0xa3, {{1, 1, 0x0c}, {6, 4, 65535}}), 65535);
    ASSERT_GE(list.size(), 4U);
    ASSERT_EQ(get(list, 0, 4), list.size() - 4);
    ASSERT_EQ(get(list, 0, 4) % 8, 0U);
    for (std::size_t at = 4; at != list.size(); at += 8) {
      Command command{list[at], std::nullopt, get(list, at + 6, 2)};
      if ((list[at + 5] & 0x01) != 0) {
        command.action = static_cast<std::uint8_t>(get(list, at + 2, 2));
      }
      commands_.push_back(command);
      actions_[command.code].insert(command.action ? *command.action : -1);
    }
  }
  [[nodiscard]] bool lists(std::uint8_t code, int action = -1) const {
    const auto found = actions_.find(code);
    return found != actions_.end() && found->second.count(action) == 1;
  }

  // All fields are zero; but a unit that were stopped would answer nothing else any more.
  ScsiAnswer try_command(std::uint8_t code, std::optional<std::uint8_t> action) {
    Bytes cdb = cdb_of(code);
    if (action) {
      cdb[1] = *action;
    }
    if (code == 0x1b) {
      cdb[4] = 0x01;  // START STOP UNIT: START
    }
    return send(0, cdb);
  }
  // SPC-4 4.5.2.4: INVALID FIELD IN CDB that points at the byte of the service action.
  static bool knows_no_such_action(const ScsiAnswer& answer) {
    return refused(answer, kIllegalRequest, kInvalidFieldInCdb) && answer.sense.size() >= 18 &&
           (answer.sense[15] & 0xc0) == 0xc0 && get(answer.sense, 16, 2) == 1;
  }

  std::vector<Command> commands_;
  std::map<std::uint8_t, std::set<int>> actions_;
};

TEST_F(SupportedCommands, TheListedOnesAreThere) {
  ASSERT_GT(commands_.size(), 40U);
  for (const Command& command : commands_) {
    SCOPED_TRACE(testing::Message()
                 << std::hex << unsigned{command.code} << "/" << command.action.value_or(0));
    EXPECT_EQ(command.cdb_bytes, cdb_of(command.code).size());
    const ScsiAnswer answer = try_command(command.code, command.action);
    EXPECT_TRUE(answer.good() || answer.status == SCSI_STATUS_CHECK_CONDITION) << answer.status;
    EXPECT_FALSE(refused(answer, kIllegalRequest, kInvalidOperationCode));
    if (command.action) {
      EXPECT_FALSE(knows_no_such_action(answer));
    }
    // Nor does anything else keep the unit from saying what it knows.
    EXPECT_NE(answer.key, SCSI_SENSE_NOT_READY);
    EXPECT_NE(answer.key, SCSI_SENSE_UNIT_ATTENTION);

    // Asked about it alone, the unit says the same.
    const Bytes one = ask(0,
                          cdb_of(0xa3, {{1, 1, 0x0c},
                                        {2, 1, command.action ? 2U : 1U},
                                        {3, 1, command.code},
                                        {4, 2, command.action.value_or(0)},
                                        {6, 4, 64}}),
                          64);
    ASSERT_EQ(one.size(), 4 + command.cdb_bytes);
    EXPECT_EQ(one[1] & 0x07, 3);
    EXPECT_EQ(get(one, 2, 2), command.cdb_bytes);
    EXPECT_EQ(one[4], command.code);
  }
}

TEST_F(SupportedCommands, OthersAreNot) {
  for (unsigned code = 0; code != 256; ++code) {
    const auto found = actions_.find(static_cast<std::uint8_t>(code));
    if (found == actions_.end()) {
      EXPECT_TRUE(refused(try_command(static_cast<std::uint8_t>(code), std::nullopt),
                          kIllegalRequest, kInvalidOperationCode))
          << std::hex << code;
      continue;
    }
    if (found->second.count(-1) != 0) {
      continue;  // no service actions
    }
    for (std::uint8_t action = 0; action != 32; ++action) {
      if (found->second.count(action) == 0) {
        EXPECT_TRUE(knows_no_such_action(try_command(static_cast<std::uint8_t>(code), action)))
            << std::hex << code << "/" << unsigned{action};
      }
    }
  }
}

TEST_F(SupportedCommands, LimitsAndBitsOfThePagesAreListed) {
  for (int lun = 0; lun != kLuns; ++lun) {
    const Promises p = promises(lun);
    EXPECT_EQ(lists(0x42), p.lbpu);
    EXPECT_TRUE(lists(0x93) || !p.lbpws);
    EXPECT_TRUE(lists(0x41) || !p.lbpws10);
    EXPECT_EQ(lists(0x93) || lists(0x41), p.write_same != 0);
    EXPECT_EQ(lists(0x89), p.compare_and_write != 0);
    EXPECT_EQ(lists(0x9c), p.atomic != 0);
    EXPECT_EQ(lists(0x9e, 0x12), p.lbpme);  // GET LBA STATUS
  }
}

// 3PC, and the Supported Commands descriptor of page 8Fh.
TEST_F(SupportedCommands, ThirdPartyCopyIsThereAsSaid) {
  const Bytes inquiry = ask(0, cdb_of(0x12, {{3, 2, 255}}), 255);
  ASSERT_GE(inquiry.size(), 36U);
  ASSERT_EQ(inquiry[5] & 0x08, 0x08);
  EXPECT_GT(ask(0, cdb_of(0x84, {{1, 1, 0x03}, {10, 4, 1024}}), 1024).size(), 40U);
  const Bytes page = this->page(0, 0x8f);
  std::map<std::uint8_t, std::set<int>> said;
  for (std::size_t at = 4; at + 4 <= page.size(); at += 4 + get(page, at + 2, 2)) {
    if (get(page, at, 2) != 0x0001) {
      continue;
    }
    const std::size_t end = at + 5 + page.at(at + 4);
    for (std::size_t entry = at + 5; entry < end; entry += 2U + page.at(entry + 1)) {
      for (std::size_t i = 0; i != page.at(entry + 1); ++i) {
        said[page[entry]].insert(page.at(entry + 2 + i));
      }
    }
  }
  for (const std::uint8_t code : {std::uint8_t{0x83}, std::uint8_t{0x84}}) {
    EXPECT_FALSE(said[code].empty());
    EXPECT_EQ(said[code], actions_[code]);
  }
  EXPECT_EQ(said.size(), 2U);
}

// TPGS 01b: asymmetric access can be asked about, but not set.
TEST_F(SupportedCommands, PortGroupsAreReportedAndNotSet) {
  const Bytes inquiry = ask(0, cdb_of(0x12, {{3, 2, 255}}), 255);
  ASSERT_EQ(inquiry.at(5) & 0x30, 0x10);
  EXPECT_TRUE(lists(0xa3, 0x0a));
  EXPECT_GE(ask(0, cdb_of(0xa3, {{1, 1, 0x0a}, {6, 4, 256}}), 256).size(), 4U + 12U);
  EXPECT_FALSE(lists(0xa4, 0x0a));
  EXPECT_TRUE(refused(send(0, cdb_of(0xa4, {{1, 1, 0x0a}, {6, 4, 8}}), Bytes(8)), kIllegalRequest,
                      kInvalidOperationCode));
}

struct Queue {
  int answered = 0;
  int good = 0;
};

// CMDQUE: many commands of one initiator are under way at once, and all are carried out.
TEST_F(SupportedCommands, QueuesCommands) {
  constexpr int kCommands = 64;
  const Bytes inquiry = ask(0, cdb_of(0x12, {{3, 2, 255}}), 255);
  ASSERT_EQ(inquiry.at(7) & 0x02, 0x02);
  ASSERT_TRUE(write(0, 0, kCommands, pattern(kCommands * 512)).good());
  iscsi_context* context = session_->context();
  Queue queue;
  const auto done = [](iscsi_context*, int status, void* command_data, void* private_data) {
    auto& all = *static_cast<Queue*>(private_data);
    auto* task = static_cast<scsi_task*>(command_data);
    ++all.answered;
    all.good += status == SCSI_STATUS_GOOD && task->datain.size == 512 ? 1 : 0;
    scsi_free_scsi_task(task);
  };
  for (std::uint64_t i = 0; i != kCommands; ++i) {
    Bytes cdb = cdb_of(0x88, {{2, 8, i}, {10, 4, 1}});
    scsi_task* task = scsi_create_task(16, cdb.data(), SCSI_XFER_READ, 512);
    ASSERT_EQ(iscsi_scsi_command_async(context, 0, task, done, nullptr, &queue), 0);
  }
  EXPECT_EQ(iscsi_out_queue_length(context), kCommands);  // none has been sent yet
  while (queue.answered != kCommands) {
    pollfd entry{iscsi_get_fd(context), static_cast<short>(iscsi_which_events(context)), 0};
    ASSERT_EQ(::poll(&entry, 1, 10'000), 1);
    ASSERT_EQ(iscsi_service(context, entry.revents), 0) << iscsi_get_error(context);
  }
  EXPECT_EQ(queue.good, kCommands);
}

}  // namespace
}  // namespace lockstep::target::test
