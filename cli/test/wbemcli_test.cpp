// Goal: a CIM client that knows nothing of this project can read the reference's model, follow its
// associations and make a replica. Method: Debian's wbemcli against `lockstep target --cimxml`.
#include "cli/exit_codes.hpp"
#include "cli/test/program.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <optional>

namespace lockstep::cli {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr const char* kTarget = "/root/cimv2/storage/iscsitarget:";
constexpr const char* kStorage = "/root/microsoft/windows/storage/sm:";
constexpr const char* kInterop = "/interop:";

std::string first_line(const std::string& text) { return text.substr(0, text.find('\n')); }

class Wbemcli : public testing::Test {
 protected:
  Wbemcli() {
    ::setenv("LOCKSTEP_CIMXML_USER", "operator", 1);
    ::setenv("LOCKSTEP_CIMXML_PASSWORD", "s3cret", 1);
    target_.emplace(std::vector<std::string>{LOCKSTEP_EXECUTABLE, "target", "--port", "0", "--lun",
                                             "1MiB", "--cimxml", "0", "--for", "60s"});
    const std::string text = target_->read_until("serving", std::chrono::seconds(20));
    const std::size_t at = text.find("cimxml://");
    EXPECT_NE(at, std::string::npos) << text;
    const std::size_t first = at + std::string("cimxml://").size();
    server_ = text.substr(first, text.find('/', first) - first);
  }
  ~Wbemcli() override {
    ::unsetenv("LOCKSTEP_CIMXML_USER");
    ::unsetenv("LOCKSTEP_CIMXML_PASSWORD");
  }

  // `object` begins with "host:port/", as wbemcli itself prints it.
  ProgramResult ask(std::vector<std::string> options, const std::string& operation,
                    const std::string& object, const std::string& parameters = {}) {
    std::vector<std::string> arguments{"wbemcli", "-nl"};
    for (std::string& option : options) arguments.push_back(std::move(option));
    arguments.push_back(operation);
    arguments.push_back("http://operator:s3cret@" + object);
    if (!parameters.empty()) arguments.push_back(parameters);
    return run_program(arguments, std::chrono::seconds(20));
  }
  std::string name_of_only(const std::string& class_name) {
    const auto result = ask({}, "ein", server_ + kTarget + class_name);
    EXPECT_EQ(result.exit_code, 0) << result.error;
    EXPECT_THAT(result.output, HasSubstr(class_name.substr(4))) << class_name;
    return first_line(result.output);
  }

  std::optional<RunningProgram> target_;
  std::string server_;
};

TEST_F(Wbemcli, ReadsClassesInstancesAndNamesOfBothFamilies) {
  const auto classes = ask({}, "ecn", server_ + kTarget);
  EXPECT_EQ(classes.exit_code, 0) << classes.error;
  EXPECT_THAT(classes.output, HasSubstr("CIM_ManagedElement"));
  const auto declared = ask({}, "gcd", server_ + kTarget + "MSISCSITARGET_ReplicationService");
  for (const char* part : {"CreateElementReplica", "CreateListReplica",
                           "CreateGroupReplicaFromElements", "CIM_ReplicationService"}) {
    EXPECT_THAT(declared.output, HasSubstr(part));
  }
  const auto volumes = ask({}, "ei", server_ + kTarget + "CIM_StorageVolume");
  EXPECT_EQ(volumes.exit_code, 0) << volumes.error;
  EXPECT_THAT(volumes.output, HasSubstr("NumberOfBlocks=2048"));
  const auto one = ask({}, "gi", name_of_only("CIM_StorageVolume"));
  EXPECT_THAT(one.output, HasSubstr("NameFormat=9"));
  const auto other = ask({}, "ei", server_ + kStorage + "MSFT_SMStorageVolume");
  EXPECT_EQ(other.exit_code, 0) << other.error;
  EXPECT_THAT(other.output, HasSubstr("MSISCSITARGET_StorageVolume"));
  const auto spaces = ask({}, "ein", server_ + kInterop + "CIM_Namespace");
  EXPECT_THAT(spaces.output, HasSubstr("root/microsoft/windows/storage/sm"));
}

TEST_F(Wbemcli, FollowsAssociationsFromTheProfileToTheLun) {
  const auto profile = ask({}, "ein", server_ + kInterop + "CIM_RegisteredProfile");
  const auto system =
      ask({"-ac", "CIM_ElementConformsToProfile"}, "ain", first_line(profile.output));
  EXPECT_THAT(system.output, HasSubstr("MSISCSITARGET_ComputerSystem"));
  const auto services = ask({"-ac", "CIM_HostedService"}, "ain", first_line(system.output));
  EXPECT_THAT(services.output, HasSubstr("MSISCSITARGET_ReplicationService"));
  EXPECT_THAT(services.output, HasSubstr("MSISCSITARGET_StorageConfigurationService"));
  const auto capabilities = ask({"-arc", "CIM_ReplicationServiceCapabilities"}, "ai",
                                name_of_only("CIM_ReplicationService"));
  EXPECT_THAT(capabilities.output, HasSubstr("SupportedReplicationTypes"));
  const auto pool =
      ask({"-ac", "CIM_AllocatedFromStoragePool"}, "ain", name_of_only("CIM_StorageVolume"));
  EXPECT_THAT(pool.output, HasSubstr("MSISCSITARGET_ConcreteStoragePool"));
  const auto lun =
      ask({"-arc", "CIM_ProtocolControllerForUnit"}, "ri", name_of_only("CIM_StorageVolume"));
  EXPECT_THAT(lun.output, HasSubstr("DeviceNumber"));
}

TEST_F(Wbemcli, InvokesCreateElementReplica) {
  const std::string volume = name_of_only("CIM_StorageVolume");
  const auto made = ask({}, "cm", name_of_only("CIM_ReplicationService"),
                        "CreateElementReplica.ElementName=\"from wbemcli\",SyncType=7,"
                        "WaitForCopyState=4,SourceElement=" +
                            volume);
  EXPECT_EQ(made.exit_code, 0) << made.error;
  EXPECT_THAT(made.output, HasSubstr("MSISCSITARGET_StorageSynchronized")) << made.output;
  const auto replica = ask({"-ac", "CIM_StorageSynchronized"}, "ai", volume);
  EXPECT_THAT(replica.output, HasSubstr("from wbemcli"));
  const auto pair = ask({"-arc", "CIM_StorageSynchronized"}, "ri", volume);
  EXPECT_EQ(pair.exit_code, 0) << pair.error;
  EXPECT_THAT(pair.output, HasSubstr("SyncType=7"));
  EXPECT_THAT(pair.output, HasSubstr("CopyState=4"));
}

TEST_F(Wbemcli, IsRefusedWithTheRightErrors) {
  const auto stranger = run_program(
      {"wbemcli", "ein", "http://operator:wrong@" + server_ + kTarget + "CIM_StorageVolume"});
  EXPECT_NE(stranger.exit_code, 0);
  EXPECT_THAT(stranger.error, HasSubstr("Invalid username/password"));
  const auto nothing = ask({}, "ein", server_ + kTarget + "No_Class");
  EXPECT_THAT(nothing.error, HasSubstr("CIM_ERR_INVALID_CLASS"));
  const auto nowhere = ask({}, "ein", server_ + "/root/nowhere:CIM_StorageVolume");
  EXPECT_THAT(nowhere.error, HasSubstr("CIM_ERR_INVALID_NAMESPACE"));
  EXPECT_THAT(stranger.output, Not(HasSubstr("MSISCSITARGET")));
}

}  // namespace
}  // namespace lockstep::cli
