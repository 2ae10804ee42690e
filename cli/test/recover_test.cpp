// Goal: `lockstep recover` brings a group on a peer to one moment when its service is gone, says
// what it would do, and does nothing that was not allowed.
// Method: two processes of `lockstep target`, of which the source is killed; a host on the peer.
#include "cli/exit_codes.hpp"
#include "cli/test/program.hpp"
#include "conformance/providers/cimxml/cimxml_provider.hpp"
#include "target_impl/initiator/initiator.hpp"
#include "target_impl/reference.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <cstdlib>
#include <optional>
#include <thread>

namespace lockstep::cli {
namespace {

using testing::HasSubstr;

class Recover : public testing::Test {
 protected:
  Recover() {
    ::setenv("LOCKSTEP_CIMXML_USER", "lockstep", 1);
    ::setenv("LOCKSTEP_CIMXML_PASSWORD", "replication", 1);
    // The last is a journal, and larger than one that was asked for.
    far_.emplace(std::vector<std::string>{LOCKSTEP_EXECUTABLE, "target", "--port", "0", "--lun",
                                          "1MiB", "--lun", "1MiB", "--lun", "8MiB", "--store",
                                          folder_.path() + "/far", "--for", "100s"});
    far_luns_ = words(far_->read_until("serving", kPatience), "iscsi://");
    far_target_ = far_luns_.at(0).substr(0, far_luns_.at(0).rfind('/'));
    near_.emplace(std::vector<std::string>{LOCKSTEP_EXECUTABLE, "target", "--port", "0", "--lun",
                                           "1MiB", "--lun", "1MiB", "--cimxml", "0", "--peer",
                                           "far=" + far_target_, "--for", "100s"});
    const std::string said = near_->read_until("serving", kPatience);
    near_luns_ = words(said, "iscsi://");
    near_luns_.resize(2);  // behind them is the peer
    conformance::CimXmlOptions options;
    options.url = conformance::parse_cimxml_url(words(said, "cimxml://").at(0)).value();
    options.credentials = conformance::cimxml_credentials_from_environment().value();
    auto made = conformance::make_cimxml(options);
    EXPECT_TRUE(made) << made.error().message;
    client_ = std::move(made).value();
  }
  ~Recover() override {
    ::unsetenv("LOCKSTEP_CIMXML_USER");
    ::unsetenv("LOCKSTEP_CIMXML_PASSWORD");
  }

  static std::vector<std::string> words(const std::string& text, const std::string& start) {
    std::vector<std::string> found;
    for (std::size_t at = text.find(start); at != std::string::npos; at = text.find(start, at + 1))
      found.push_back(text.substr(at, text.find_first_of(" \n", at) - at));
    return found;
  }
  // A block of the LUN at `url`, of which the first letter is returned or written.
  static std::uint8_t transfer(const std::string& url, char& letter, bool write) {
    const auto where = initiator::parse_url(url);
    EXPECT_TRUE(where) << where.error().message;
    const auto session =
        initiator::Session::connect(where.value().portal, where.value().target_name);
    EXPECT_TRUE(session) << session.error().message;
    std::uint8_t status = 0xFF;
    const auto done = [&](const initiator::Completion& c) { status = c.answer.scsi_status; };
    std::vector<std::byte> block(512, static_cast<std::byte>(letter));
    if (write) {
      session.value()->write(where.value().lun, Lba{9}, BlockSize{512}, block, done);
    } else {
      session.value()->read(where.value().lun, Lba{9}, BlockSize{512}, block, done);
    }
    EXPECT_TRUE(session.value()->run_until_idle());
    letter = static_cast<char>(block.front());
    return status;
  }
  template <class Predicate>
  static bool eventually(Predicate holds) {
    const auto end = std::chrono::steady_clock::now() + kPatience;
    while (!holds()) {
      if (std::chrono::steady_clock::now() > end) return false;
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    return true;
  }
  void make_group() {
    CreateGroupReplicaFromElementsRequest request;
    request.sync_type = SyncType::Mirror;
    request.mode = Mode::Asynchronous;
    request.consistency = ConsistencyRequest::SequentialConsistency;
    request.target_access_point = reference_peer_access_point("far");
    request.source_elements.emplace();
    const Inventory before = client_->inventory().value();
    for (const ElementView& element : before.elements) {
      if (element.element_class == ElementClass::StorageVolume)
        request.source_elements->push_back(element.ref);
    }
    const auto answer = client_->invoke(request);
    ASSERT_TRUE(answer) << answer.error().message;
    ASSERT_TRUE(answer.value().accepted()) << code_text(answer.value());
    ASSERT_TRUE(eventually([&] {
      const auto inventory = client_->inventory();
      if (!inventory) return false;
      std::size_t synchronized = 0;
      for (const RelationshipView& view : inventory.value().relationships) {
        if (view.copy_state == CopyState::Synchronized) ++synchronized;
      }
      return synchronized == 3;  // the pairs, and the group's
    }));
  }
  ProgramResult recover(std::vector<std::string> more = {}) const {
    std::vector<std::string> arguments{"recover", far_luns_.at(2)};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return run_lockstep(arguments, kPatience);
  }
  [[nodiscard]] bool is_kept_out() const {
    char letter = 0;
    return transfer(far_luns_.at(0), letter, false) == 0x18;
  }

  static constexpr std::chrono::seconds kPatience{20};
  TemporaryFolder folder_;
  std::optional<RunningProgram> far_;
  std::optional<RunningProgram> near_;
  std::vector<std::string> far_luns_;
  std::string far_target_;
  std::vector<std::string> near_luns_;
  std::unique_ptr<conformance::CimXmlProvider> client_;
};

TEST_F(Recover, OpensAGroupWhoseServiceIsGone) {
  make_group();
  const std::string of_first_copy = recover().output;
  char letter = 'x';
  for (const std::string& lun : near_luns_) ASSERT_EQ(transfer(lun, letter, true), 0);
  ASSERT_TRUE(eventually([&] {
    const std::string now = recover().output;
    return now != of_first_copy && now.find("in force for 2 members") != std::string::npos;
  }));
  near_->kill_now();

  const auto seen = recover();
  EXPECT_EQ(seen.exit_code, kAsExpected) << seen.error;
  EXPECT_THAT(seen.output, HasSubstr("journal"));
  EXPECT_THAT(seen.output, HasSubstr("iqn.2026-11.net.lockstep:initiator,i,0x"));
  EXPECT_THAT(seen.output, HasSubstr("nothing was written; that needs --allow-data-loss"));
  const auto listed = run_lockstep({"recover", far_target_});
  EXPECT_EQ(listed.exit_code, kAsExpected) << listed.error;
  EXPECT_EQ(listed.output, far_luns_.at(2) + "\n");

  const auto unnamed = recover({"--allow-data-loss", "--allow-takeover"});
  EXPECT_EQ(unnamed.exit_code, kUsage);
  EXPECT_THAT(unnamed.error, HasSubstr("expected a --target that names it"));
  const std::vector<std::string> named{"--allow-data-loss", "--target", far_target_ + "/*"};
  const auto held = recover(named);
  EXPECT_EQ(held.exit_code, kUsage);
  EXPECT_THAT(held.error, HasSubstr("--allow-takeover"));
  std::vector<std::string> all = named;
  all.emplace_back("--allow-takeover");
  std::vector<std::string> dry = all;
  dry.emplace_back("--dry-run");
  EXPECT_EQ(recover(dry).exit_code, kAsExpected);
  EXPECT_TRUE(is_kept_out()) << "it was opened without permission";

  const auto recovered = recover(all);
  EXPECT_EQ(recovered.exit_code, kAsExpected) << recovered.error;
  EXPECT_THAT(recovered.output, HasSubstr("hosts may use them"));
  char first = 0;
  char second = 0;
  EXPECT_EQ(transfer(far_luns_.at(0), first, false), 0);
  EXPECT_EQ(transfer(far_luns_.at(1), second, false), 0);
  EXPECT_TRUE(first == 'x' || second == 'x') << "what was in force is lost";
  letter = 'y';
  EXPECT_EQ(transfer(far_luns_.at(0), letter, true), 0);

  const auto again = recover(all);
  EXPECT_EQ(again.exit_code, kAsExpected) << again.error;
  EXPECT_THAT(again.output, HasSubstr("nothing is in force"));
  EXPECT_EQ(transfer(far_luns_.at(0), letter, false), 0);
  EXPECT_EQ(letter, 'y') << "what a host wrote since is lost";
}

TEST_F(Recover, SaysWhatIsWrong) {
  const auto none = recover();
  EXPECT_EQ(none.exit_code, kUnreachable);
  EXPECT_THAT(none.error, HasSubstr("LUN 2: expected the journal of a group"));
  EXPECT_THAT(run_lockstep({"recover", far_target_}).output, HasSubstr("no journal"));
  EXPECT_EQ(run_lockstep({"recover"}).exit_code, kUsage);
  EXPECT_EQ(run_lockstep({"recover", "iscsi://127.0.0.1"}).exit_code, kUsage);
  const auto absent = run_lockstep({"recover", far_target_ + "/99"});
  EXPECT_EQ(absent.exit_code, kUnreachable);
  EXPECT_THAT(absent.error, HasSubstr("LUN 99"));
}

}  // namespace
}  // namespace lockstep::cli
