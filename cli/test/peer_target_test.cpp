// Goal: `lockstep target --peer` mirrors to a second target, with --store over kill -9 of either
// side, tells how far behind it is, and refuses what cannot be.
// Method: two processes of the program, a CIM-XML client and an initiator.
#include "cli/exit_codes.hpp"
#include "cli/test/program.hpp"
#include "cli/test/raw_initiator.hpp"
#include "conformance/providers/cimxml/cimxml_provider.hpp"
#include "target_impl/initiator/initiator.hpp"
#include "target_impl/reference.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <optional>
#include <thread>

namespace lockstep::cli {
namespace {

using testing::HasSubstr;

class PeerTarget : public testing::Test {
 protected:
  PeerTarget() {
    ::setenv("LOCKSTEP_CIMXML_USER", "lockstep", 1);
    ::setenv("LOCKSTEP_CIMXML_PASSWORD", "replication", 1);
    start_far();
    start_near({"--lun", "1MiB"});
  }
  ~PeerTarget() override {
    ::unsetenv("LOCKSTEP_CIMXML_USER");
    ::unsetenv("LOCKSTEP_CIMXML_PASSWORD");
  }

  // The first that starts so.
  static std::string word(const std::string& text, const std::string& start) {
    const std::size_t at = text.find(start);
    EXPECT_NE(at, std::string::npos) << text;
    return at == std::string::npos ? "" : text.substr(at, text.find_first_of(" \n", at) - at);
  }
  // On the port that it had, if any.
  void start_far() {
    far_.emplace(std::vector<std::string>{LOCKSTEP_EXECUTABLE, "target", "--port", far_port_,
                                          "--lun", "1MiB", "--store", folder_.path() + "/far",
                                          "--for", "100s"});
    const std::string said = far_->read_until("serving", std::chrono::seconds(20));
    far_lun_ = word(said, "iscsi://");
    far_target_ = far_lun_.substr(0, far_lun_.rfind('/'));
    const std::size_t port = std::string("iscsi://127.0.0.1:").size();
    far_port_ = far_lun_.substr(port, far_lun_.find('/', port) - port);
  }
  void start_near(const std::vector<std::string>& more) {
    std::vector<std::string> arguments{LOCKSTEP_EXECUTABLE,
                                       "target",
                                       "--port",
                                       "0",
                                       "--cimxml",
                                       "0",
                                       "--store",
                                       folder_.path() + "/near",
                                       "--metrics-port",
                                       "0",
                                       "--peer",
                                       "far=" + far_target_,
                                       "--for",
                                       "100s"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    near_.emplace(arguments);
    const std::string said = near_->read_until("serving", std::chrono::seconds(20));
    near_lun_ = word(said, "iscsi://");
    metrics_port_ = static_cast<std::uint16_t>(
        std::stoi(word(said, "http://").substr(std::string("http://127.0.0.1:").size())));
    conformance::CimXmlOptions options;
    options.url = conformance::parse_cimxml_url(word(said, "cimxml://")).value();
    options.credentials = conformance::cimxml_credentials_from_environment().value();
    auto made = conformance::make_cimxml(options);
    ASSERT_TRUE(made) << made.error().message;
    client_ = std::move(made).value();
  }

  // A block of the LUN at `url`.
  static std::uint8_t transfer(const std::string& url, std::span<std::byte> block, bool write) {
    const auto where = initiator::parse_url(url);
    EXPECT_TRUE(where) << where.error().message;
    const auto session =
        initiator::Session::connect(where.value().portal, where.value().target_name);
    EXPECT_TRUE(session) << session.error().message;
    if (!session) return 0xFF;
    std::uint8_t status = 0xFF;
    const auto done = [&](const initiator::Completion& c) { status = c.answer.scsi_status; };
    if (write) {
      session.value()->write(where.value().lun, Lba{9}, BlockSize{512}, block, done);
    } else {
      session.value()->read(where.value().lun, Lba{9}, BlockSize{512}, block, done);
    }
    EXPECT_TRUE(session.value()->run_until_idle());
    return status;
  }
  static void write(const std::string& url, char fill) {
    std::vector<std::byte> block(512, static_cast<std::byte>(fill));
    EXPECT_EQ(transfer(url, block, true), 0);
  }
  static char read(const std::string& url) {
    std::vector<std::byte> block(512);
    EXPECT_EQ(transfer(url, block, false), 0);
    return static_cast<char>(block.front());
  }
  // Within ten seconds.
  bool becomes(CopyState state) {
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(10);
    while (std::chrono::steady_clock::now() < end) {
      const auto inventory = client_->inventory();
      if (!inventory) return false;
      for (const RelationshipView& view : inventory.value().relationships) {
        if (view.copy_state == state) return true;
      }
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    return false;
  }
  Answer mirror(Mode mode) {
    CreateReplicaRequest request;
    const Inventory inventory = client_->inventory().value();
    for (const ElementView& element : inventory.elements) {
      if (element.element_class == ElementClass::StorageVolume) request.source = element.ref;
    }
    request.sync_type = SyncType::Mirror;
    request.mode = mode;
    request.target_storage_system = reference_peer("far");
    return client_->invoke(request).value();
  }

  TemporaryFolder folder_;
  std::string far_port_ = "0";
  std::optional<RunningProgram> far_;
  std::optional<RunningProgram> near_;
  std::string far_lun_;
  std::string far_target_;
  std::string near_lun_;
  std::uint16_t metrics_port_ = 0;
  std::unique_ptr<conformance::CimXmlProvider> client_;
};

TEST_F(PeerTarget, AMirrorOutlivesEitherProcess) {
  write(near_lun_, 'a');
  ASSERT_TRUE(mirror(Mode::Synchronous).accepted());
  ASSERT_TRUE(becomes(CopyState::Synchronized));
  EXPECT_EQ(read(far_lun_), 'a');
  write(near_lun_, 'b');
  EXPECT_EQ(read(far_lun_), 'b');
  near_->kill_now();
  EXPECT_EQ(read(far_lun_), 'b');
  start_near({});
  ASSERT_TRUE(becomes(CopyState::Synchronized));
  EXPECT_EQ(read(far_lun_), read(near_lun_));
  write(near_lun_, 'c');
  EXPECT_EQ(read(far_lun_), 'c');
  far_->kill_now();
  ASSERT_TRUE(becomes(CopyState::Broken));
  write(near_lun_, 'd');
  start_far();
  ASSERT_TRUE(becomes(CopyState::Synchronized));
  EXPECT_EQ(read(far_lun_), 'd');
  std::vector<std::byte> block(512);
  EXPECT_EQ(transfer(far_lun_, block, true), 0x18) << "the claim did not outlive the peer";
}

TEST_F(PeerTarget, LagIsScraped) {
  ASSERT_TRUE(mirror(Mode::Asynchronous).accepted());
  ASSERT_TRUE(becomes(CopyState::Synchronized));
  far_->kill_now();
  ASSERT_TRUE(becomes(CopyState::Broken));
  write(near_lun_, 'x');
  const std::string text = scrape(metrics_port_);
  EXPECT_THAT(text, HasSubstr("lockstep_replica_lag_seconds{relationship="));
  EXPECT_THAT(text, HasSubstr("\"} 65536\n")) << "one extent is owed";
}

TEST_F(PeerTarget, ItsPeerIsAskedForAgain) {
  ASSERT_TRUE(mirror(Mode::Synchronous).accepted());
  ASSERT_TRUE(becomes(CopyState::Synchronized));
  EXPECT_EQ(near_->stop(), kAsExpected);
  const auto without = run_lockstep({"target", "--port", "0", "--cimxml", "0", "--store",
                                     folder_.path() + "/near", "--for", "1s"});
  EXPECT_EQ(without.exit_code, kUsage);
  EXPECT_THAT(without.error, HasSubstr("expected the peer system \"far\" to be named"));
}

}  // namespace
}  // namespace lockstep::cli
