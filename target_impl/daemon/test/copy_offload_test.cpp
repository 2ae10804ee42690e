// Third-party copy end to end: raw CDBs that libiscsi carries over TCP to a target with two logical
// units, immediate data and R2T included.
#include "target_impl/daemon/target_server.hpp"
#include "target_impl/daemon/test/offloaded_copy.hpp"
#include "target_impl/daemon/test/server_options.hpp"
#include "target_impl/scsi/logical_unit.hpp"
#include "target_impl/store/volume.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

namespace lockstep::target::test {
namespace {

const std::string kName = "iqn.2026-11.org.lockstep:copies";
constexpr std::uint64_t kBlocks = 65536;

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
    auto started = TargetServer::start(server_options());
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
    connect();
  }

  void connect() {
    session_ = std::make_unique<ScsiSession>(server_->portal(), kName);
    EXPECT_TRUE(session_->connected()) << iscsi_get_error(session_->context());
    for (int lun = 0; lun != 2; ++lun) {
      session_->clear_attentions(lun);
    }
  }
  ScsiAnswer originate(int lun, unsigned action, std::uint32_t identifier, const Bytes& list) {
    return test::originate(*session_, lun, action, identifier, list);
  }
  ScsiAnswer inquire(int lun, unsigned action, std::uint32_t identifier, std::size_t bytes) {
    return test::inquire(*session_, lun, action, identifier, bytes);
  }
  Bytes content(std::size_t lun, std::uint64_t first, std::uint64_t blocks) {
    Bytes out(blocks * 512);
    volumes_[lun]->read(Lba{first}, std::as_writable_bytes(std::span(out)));
    return out;
  }

  std::shared_ptr<store::Pool> pool_;
  std::vector<std::shared_ptr<store::Volume>> volumes_;
  std::shared_ptr<scsi::DeviceServer> device_;
  std::unique_ptr<TargetServer> server_;
  std::unique_ptr<ScsiSession> session_;
};

TEST_F(CopyOffload, CopiesByTokenBetweenLogicalUnits) {
  ASSERT_EQ(populate_token(*session_, 0, 0x12345678, 0, 128).status, SCSI_STATUS_GOOD);
  const ScsiAnswer information = inquire(0, 0x07, 0x12345678, 1024);
  ASSERT_EQ(information.status, SCSI_STATUS_GOOD);
  ASSERT_EQ(information.data.size(), 550U);
  const std::uint64_t used = store::used_of(*pool_).value;
  Bytes list = with_range(token_list(information), 534, 256, 128);
  ASSERT_EQ(originate(1, 0x11, 9, list).status, SCSI_STATUS_GOOD);
  EXPECT_EQ(content(1, 256, 128), content(0, 0, 128));
  EXPECT_EQ(store::used_of(*pool_).value, used);
  EXPECT_EQ(get(inquire(1, 0x07, 9, 1024).data, 16, 8), 128U);

  list[16 + 300] ^= 0x40;
  const ScsiAnswer forged = originate(1, 0x11, 10, list);
  EXPECT_EQ(forged.status, SCSI_STATUS_CHECK_CONDITION);
  EXPECT_EQ(forged.key, 5);
  EXPECT_EQ(forged.code, 0x2305);
}

TEST_F(CopyOffload, EndsATokenThatIsTooShortWithAnUnderrun) {
  ASSERT_EQ(populate_token(*session_, 0, 1, 0, 8).status, SCSI_STATUS_GOOD);
  const ScsiAnswer information = inquire(0, 0x07, 1, 1024);
  const ScsiAnswer short_of = write_using_token(*session_, 1, 2, token_list(information), 0, 9);
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
  const ScsiAnswer status = inquire(0, 0x00, 0x01000000, 12);
  ASSERT_EQ(status.status, SCSI_STATUS_GOOD);
  EXPECT_EQ(get(status.data, 8, 4), bytes);

  put(list, 48 + 4, 2, 1);  // the source is not in the list
  const ScsiAnswer refused = originate(0, 0x00, 0, list);
  EXPECT_EQ(refused.status, SCSI_STATUS_CHECK_CONDITION);
  EXPECT_EQ(refused.key, 0xa);
  EXPECT_EQ(refused.code, 0x0804);
}

TEST_F(CopyOffload, ForgetsResultsWithTheSession) {
  ASSERT_EQ(populate_token(*session_, 0, 5, 0, 8).status, SCSI_STATUS_GOOD);
  ASSERT_EQ(inquire(0, 0x07, 5, 1024).status, SCSI_STATUS_GOOD);
  ASSERT_EQ(iscsi_logout_sync(session_->context()), 0);
  connect();
  const ScsiAnswer gone = inquire(0, 0x07, 5, 1024);
  EXPECT_EQ(gone.status, SCSI_STATUS_CHECK_CONDITION);
  EXPECT_EQ(gone.code, 0x2400);
}

}  // namespace
}  // namespace lockstep::target::test
