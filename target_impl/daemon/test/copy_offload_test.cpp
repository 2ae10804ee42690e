// Third-party copy end to end: raw CDBs that libiscsi carries over TCP to a target with two logical
// units, immediate data and R2T included.
#include "target_impl/daemon/target_server.hpp"
#include "target_impl/scsi/logical_unit.hpp"
#include "target_impl/store/volume.hpp"

#include <gtest/gtest.h>
#include <iscsi/iscsi.h>
#include <iscsi/scsi-lowlevel.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

namespace lockstep::target::test {
namespace {

using Bytes = std::vector<std::uint8_t>;

const std::string kName = "iqn.2026-11.org.lockstep:copies";
constexpr std::uint64_t kBlocks = 65536;

void put(Bytes& to, std::size_t at, std::size_t bytes, std::uint64_t value) {
  to.resize(std::max(to.size(), at + bytes));
  for (std::size_t i = bytes; i != 0; --i, value >>= 8) {
    to[at + i - 1] = static_cast<std::uint8_t>(value & 0xff);
  }
}

std::uint64_t get(const Bytes& from, std::size_t at, std::size_t bytes) {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i != bytes; ++i) {
    value = value << 8 | from.at(at + i);
  }
  return value;
}

struct Answer {
  int status = -1;
  int key = 0;
  int code = 0;
  Bytes data;
};

class CopyOffload : public testing::Test {
 protected:
  CopyOffload() : pool_(store::make_pool(ByteCount{256ULL << 20})) {
    device_ = std::make_shared<scsi::DeviceServer>(kName);
    for (std::uint16_t lun = 0; lun != 2; ++lun) {
      scsi::LogicalUnitOptions options;
      options.naa_identifier = {0x60, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14};
      options.naa_identifier[15] = static_cast<std::uint8_t>(lun);
      options.serial_number = std::to_string(lun);
      volumes_.push_back(
          std::make_shared<store::Volume>(BlockCount{kBlocks}, BlockSize{512}, pool_));
      device_->add(lun, std::make_shared<scsi::LogicalUnit>(volumes_.back(), options));
    }
    auto started = TargetServer::start({});
    if (!started) {
      ADD_FAILURE() << started.error().message;
      std::abort();
    }
    server_ = std::move(started.value());
    server_->serve(device_);
    Bytes data(64ULL << 10);
    for (std::size_t i = 0; i != data.size(); ++i) {
      data[i] = static_cast<std::uint8_t>(i * 7 / 5 + 1);
    }
    EXPECT_EQ(volumes_[0]->write(Lba{0}, std::as_bytes(std::span(data))), store::WriteResult::Done);
    context_ = iscsi_create_context("iqn.2026-11.test:libiscsi");
    iscsi_set_targetname(context_, kName.c_str());
    iscsi_set_session_type(context_, ISCSI_SESSION_NORMAL);
    iscsi_set_noautoreconnect(context_, 1);
    iscsi_set_timeout(context_, 20);
    if (iscsi_full_connect_sync(context_, server_->portal().c_str(), 0) != 0) {
      ADD_FAILURE() << iscsi_get_error(context_);
    }
    for (int lun = 0; lun != 2; ++lun) {
      for (int i = 0; i != 3; ++i) {
        send(lun, Bytes(6), {}, 0);
      }
    }
  }
  ~CopyOffload() override { iscsi_destroy_context(context_); }

  Answer send(int lun, Bytes cdb, Bytes out, std::size_t in_bytes) {
    scsi_task* task = scsi_create_task(static_cast<int>(cdb.size()), cdb.data(),
                                       !out.empty()    ? SCSI_XFER_WRITE
                                       : in_bytes != 0 ? SCSI_XFER_READ
                                                       : SCSI_XFER_NONE,
                                       static_cast<int>(!out.empty() ? out.size() : in_bytes));
    iscsi_data data{out.size(), out.data()};
    Answer answer;
    if (iscsi_scsi_command_sync(context_, lun, task, out.empty() ? nullptr : &data) == nullptr) {
      ADD_FAILURE() << iscsi_get_error(context_);
    } else {
      answer.status = task->status;
      answer.key = static_cast<int>(task->sense.key);
      answer.code = task->sense.ascq;
      if (task->datain.data != nullptr) {
        answer.data.assign(task->datain.data, task->datain.data + task->datain.size);
      }
    }
    scsi_free_scsi_task(task);
    return answer;
  }
  // With the length of the list in bytes 10 to 13, and an identifier in 6 to 9.
  Answer originate(int lun, unsigned action, std::uint32_t identifier, const Bytes& list) {
    Bytes cdb(16);
    cdb[0] = 0x83;
    cdb[1] = static_cast<std::uint8_t>(action);
    put(cdb, 6, 4, identifier);
    put(cdb, 10, 4, list.size());
    return send(lun, cdb, list, 0);
  }
  Answer inquire(int lun, unsigned action, std::uint32_t identifier, std::size_t bytes) {
    Bytes cdb(16);
    cdb[0] = 0x84;
    cdb[1] = static_cast<std::uint8_t>(action);
    put(cdb, 2, 4, identifier);
    put(cdb, 10, 4, bytes);
    return send(lun, cdb, {}, bytes);
  }
  Bytes content(std::size_t lun, std::uint64_t first, std::uint64_t blocks) {
    Bytes out(blocks * 512);
    volumes_[lun]->read(Lba{first}, std::as_writable_bytes(std::span(out)));
    return out;
  }
  static Bytes ranges(Bytes list, std::size_t length_at, std::uint64_t first,
                      std::uint64_t blocks) {
    put(list, length_at, 2, 16);
    put(list, length_at + 2, 8, first);
    put(list, length_at + 10, 4, blocks);
    put(list, length_at + 14, 4, 0);
    put(list, 0, 2, list.size() - 2);
    return list;
  }

  std::shared_ptr<store::Pool> pool_;
  std::vector<std::shared_ptr<store::Volume>> volumes_;
  std::shared_ptr<scsi::DeviceServer> device_;
  std::unique_ptr<TargetServer> server_;
  iscsi_context* context_ = nullptr;
};

TEST_F(CopyOffload, CopiesByTokenBetweenLogicalUnits) {
  ASSERT_EQ(originate(0, 0x10, 0x12345678, ranges(Bytes(14), 14, 0, 128)).status, SCSI_STATUS_GOOD);
  const Answer information = inquire(0, 0x07, 0x12345678, 1024);
  ASSERT_EQ(information.status, SCSI_STATUS_GOOD);
  ASSERT_EQ(information.data.size(), 550U);
  const std::uint64_t used = store::used_of(*pool_).value;
  Bytes list(16);
  list.insert(list.end(), information.data.begin() + 38, information.data.end());
  list = ranges(list, 534, 256, 128);
  ASSERT_EQ(originate(1, 0x11, 9, list).status, SCSI_STATUS_GOOD);
  EXPECT_EQ(content(1, 256, 128), content(0, 0, 128));
  EXPECT_EQ(store::used_of(*pool_).value, used);
  EXPECT_EQ(get(inquire(1, 0x07, 9, 1024).data, 16, 8), 128U);

  list[16 + 300] ^= 0x40;
  const Answer forged = originate(1, 0x11, 10, list);
  EXPECT_EQ(forged.status, SCSI_STATUS_CHECK_CONDITION);
  EXPECT_EQ(forged.key, 5);
  EXPECT_EQ(forged.code, 0x2305);
}

TEST_F(CopyOffload, EndsATokenThatIsTooShortWithAnUnderrun) {
  ASSERT_EQ(originate(0, 0x10, 1, ranges(Bytes(14), 14, 0, 8)).status, SCSI_STATUS_GOOD);
  const Answer information = inquire(0, 0x07, 1, 1024);
  Bytes list(16);
  list.insert(list.end(), information.data.begin() + 38, information.data.end());
  const Answer short_of = originate(1, 0x11, 2, ranges(list, 534, 0, 9));
  EXPECT_EQ(short_of.status, SCSI_STATUS_CHECK_CONDITION);
  EXPECT_EQ(short_of.key, 0xa);
  EXPECT_EQ(short_of.code, 0x0d04);
  EXPECT_EQ(content(1, 0, 8), content(0, 0, 8));
}

// As newer versions of libiscsi's test program do it: where 0Ah is listed, one segment of as many
// bytes as are allowed, from the front of the unit to its back.
TEST_F(CopyOffload, CopiesALargeSegmentInBytes) {
  const Bytes parameters = inquire(0, 0x03, 0, 1024).data;
  ASSERT_EQ(get(parameters, 43, 4), 0x03020ae4U);
  const std::uint64_t bytes = std::min<std::uint64_t>(get(parameters, 16, 4), kBlocks / 2 * 512);
  Bytes list(16);
  put(list, 0, 2, 0x0110);  // list identifier 1, usage 10b
  put(list, 2, 2, 32);
  put(list, 8, 4, 32);
  Bytes cscd(32);
  put(cscd, 0, 8, 0xe400000001030010);
  for (std::size_t i = 0; i != 15; ++i) {
    cscd[8 + i] = static_cast<std::uint8_t>(i == 0 ? 0x60 : i);
  }
  put(cscd, 29, 3, 512);
  list.insert(list.end(), cscd.begin(), cscd.end());
  Bytes segment(32);
  put(segment, 0, 4, 0x0a00001c);
  put(segment, 8, 4, bytes);
  put(segment, 20, 8, kBlocks - bytes / 512);
  list.insert(list.end(), segment.begin(), segment.end());
  ASSERT_EQ(originate(0, 0x00, 0, list).status, SCSI_STATUS_GOOD);
  EXPECT_EQ(content(0, kBlocks - bytes / 512, 128), content(0, 0, 128));
  const Answer status = inquire(0, 0x00, 0x01000000, 12);
  ASSERT_EQ(status.status, SCSI_STATUS_GOOD);
  EXPECT_EQ(get(status.data, 8, 4), bytes);

  put(list, 48 + 4, 2, 1);  // the source is not in the list
  const Answer refused = originate(0, 0x00, 0, list);
  EXPECT_EQ(refused.status, SCSI_STATUS_CHECK_CONDITION);
  EXPECT_EQ(refused.key, 0xa);
  EXPECT_EQ(refused.code, 0x0804);
}

TEST_F(CopyOffload, ForgetsResultsWithTheSession) {
  ASSERT_EQ(originate(0, 0x10, 5, ranges(Bytes(14), 14, 0, 8)).status, SCSI_STATUS_GOOD);
  ASSERT_EQ(inquire(0, 0x07, 5, 1024).status, SCSI_STATUS_GOOD);
  ASSERT_EQ(iscsi_logout_sync(context_), 0);
  iscsi_destroy_context(context_);
  context_ = iscsi_create_context("iqn.2026-11.test:libiscsi");
  iscsi_set_targetname(context_, kName.c_str());
  iscsi_set_session_type(context_, ISCSI_SESSION_NORMAL);
  ASSERT_EQ(iscsi_full_connect_sync(context_, server_->portal().c_str(), 0), 0);
  for (int i = 0; i != 3; ++i) {
    send(0, Bytes(6), {}, 0);
  }
  const Answer gone = inquire(0, 0x07, 5, 1024);
  EXPECT_EQ(gone.status, SCSI_STATUS_CHECK_CONDITION);
  EXPECT_EQ(gone.code, 0x2400);
}

}  // namespace
}  // namespace lockstep::target::test
