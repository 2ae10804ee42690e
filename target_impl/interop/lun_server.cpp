// Serves the logical units that iscsi-test-cu is run against, until its standard input ends.
//
// Each profile is there twice (LUN 0 and 1), for two runs side by side. Prints one line per
// profile, "NAME URL URL", the second URL leading to the same logical unit through another portal;
// then "ready". `--fault` plants a defect, so that the checker can be checked.
//
// usage: lun_server [--fault write-protect|physical-blocks|no-bypass]
#include "target_impl/daemon/target_server.hpp"
#include "target_impl/scsi/logical_unit.hpp"
#include "target_impl/store/volume.hpp"

#include <array>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <memory>
#include <string>

namespace lockstep::target {
namespace {

struct Profile {
  const char* name;
  std::uint8_t physical_block_exponent;
  bool removable;
  bool read_only;
  std::chrono::milliseconds sanitize_minimum;
};

// The program waits for a sanitize operation that outlasts resets and a new login, so there is a
// profile in which that takes long.
constexpr std::array<Profile, 6> kProfiles{{
    {"A", 0, false, false, std::chrono::milliseconds{0}},
    {"B", 3, false, false, std::chrono::milliseconds{0}},
    {"C", 0, true, false, std::chrono::milliseconds{0}},
    {"D", 0, false, true, std::chrono::milliseconds{0}},
    // Used through both portals, and kept apart: MultipathIO.CompareAndWrite compares a block with
    // zeros that it has not written.
    {"E", 0, false, false, std::chrono::milliseconds{0}},
    {"S", 0, false, false, std::chrono::milliseconds{8000}},
}};
constexpr std::uint8_t kCopies = 2;
constexpr std::uint32_t kBlockBytes = 512;
// More than the 65,536 blocks that one test writes at once, and than the most for WRITE SAME.
constexpr std::uint64_t kBlocks = 160 * 1024;

class FaultyUnit {
 public:
  explicit FaultyUnit(const std::string& fault) : fault_(fault) {}
  [[nodiscard]] bool known() const {
    return fault_.empty() || fault_ == "write-protect" || fault_ == "physical-blocks" ||
           fault_ == "no-bypass";
  }
  void plant(TargetServerOptions& options) const { options.bypass = fault_ != "no-bypass"; }
  void plant(scsi::LogicalUnitOptions& options) const {
    if (fault_ == "write-protect") {
      options.read_only = true;
    } else if (fault_ == "physical-blocks") {
      options.physical_block_exponent ^= 1U;
    }
  }

 private:
  std::string fault_;
};

std::shared_ptr<scsi::LogicalUnit> make_unit(const Profile& profile, std::uint8_t number,
                                             const FaultyUnit& fault,
                                             const std::shared_ptr<store::Pool>& pool) {
  scsi::LogicalUnitOptions options;
  options.naa_identifier = {0x60, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, number};
  options.naa_identifier[8] = static_cast<std::uint8_t>(profile.name[0]);
  options.serial_number = profile.name + std::to_string(number);
  options.physical_block_exponent = profile.physical_block_exponent;
  options.removable = profile.removable;
  options.read_only = profile.read_only;
  options.sanitize_minimum = profile.sanitize_minimum;
  options.persistent_state = std::make_shared<scsi::MemoryState>();
  fault.plant(options);
  auto volume = std::make_shared<store::Volume>(BlockCount{kBlocks}, BlockSize{kBlockBytes}, pool);
  return std::make_shared<scsi::LogicalUnit>(std::move(volume), std::move(options));
}

int serve(const FaultyUnit& fault) {
  TargetServerOptions options;
  options.portals = {{"127.0.0.1", 0, 1}, {"127.0.0.1", 0, 2}};
  fault.plant(options);
  auto started = TargetServer::start(options);
  if (!started) {
    std::fprintf(stderr, "lun_server: %s\n", started.error().message.c_str());
    return 1;
  }
  TargetServer& server = *started.value();
  const auto pool = store::make_pool(ByteCount{4ULL << 30});
  for (const Profile& profile : kProfiles) {
    for (std::uint8_t copy = 0; copy != kCopies; ++copy) {
      const std::string name = std::string("iqn.2026-11.net.lockstep:profile-") + profile.name +
                               "-" + std::to_string(copy);
      auto device = std::make_shared<scsi::DeviceServer>(name);
      device->add(0, make_unit(profile, copy, fault, pool));
      server.serve(std::move(device));
      std::printf("%s", profile.name);
      for (const auto& portal : server.portals()) {
        std::printf(" iscsi://%s:%u/%s/0", portal.address.c_str(), unsigned{portal.port},
                    name.c_str());
      }
      std::printf("\n");
    }
  }
  std::printf("ready\n");
  std::fflush(stdout);
  while (std::getchar() != EOF) {
  }
  return 0;
}

}  // namespace
}  // namespace lockstep::target

int main(int count, char** arguments) {
  const bool has_fault = count == 3 && std::strcmp(arguments[1], "--fault") == 0;
  const lockstep::target::FaultyUnit fault(has_fault ? arguments[2] : "");
  if ((count != 1 && !has_fault) || !fault.known()) {
    std::fprintf(stderr, "usage: lun_server [--fault write-protect|physical-blocks|no-bypass]\n");
    return 64;
  }
  return lockstep::target::serve(fault);
}
