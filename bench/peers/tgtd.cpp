#include "bench/peers/contender.hpp"

#include <arpa/inet.h>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <netinet/in.h>
#include <sys/socket.h>
#include <thread>
#include <unistd.h>

namespace lockstep::bench::peers {
namespace {

constexpr const char* kTargetName = "iqn.2026-11.net.lockstep:tgtd";
// Several control sockets may exist in one folder; this one is alone in its own.
constexpr const char* kControl = "1";
constexpr std::chrono::milliseconds kCommandLimit{5'000};
constexpr std::chrono::milliseconds kStartLimit{5'000};

// A port that was free a moment ago: tgtd cannot be asked to choose one.
Result<std::uint16_t> free_port() {
  const int s = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  const bool bound = ::bind(s, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0 &&
                     ::getsockname(s, reinterpret_cast<sockaddr*>(&address), &size) == 0;
  ::close(s);
  if (!bound) return internal_error("tgtd: no free port on loopback");
  return ntohs(address.sin_port);
}

class Administrator {
 public:
  explicit Administrator(const std::string& folder)
      : log_(folder + "/tgtadm.log"), variables_{{"TGT_IPC_SOCKET", folder + "/control"}} {}

  [[nodiscard]] bool command(const std::vector<std::string>& words) const {
    std::vector<std::string> all{"tgtadm", "-C", kControl, "--lld", "iscsi"};
    all.insert(all.end(), words.begin(), words.end());
    auto child = Child::start(all, log_, variables_);
    return child && child.value().wait(kCommandLimit) == 0;
  }
  [[nodiscard]] const Child::Variables& variables() const noexcept { return variables_; }

 private:
  std::string log_;
  Child::Variables variables_;
};

Status configure(const Administrator& administrator, std::uint64_t volume_bytes,
                 const std::string& folder) {
  bool good =
      administrator.command({"--op", "new", "--mode", "target", "--tid", "1", "-T", kTargetName});
  for (const char* lun : {"1", "2"}) {
    const std::string file = folder + "/lun" + lun;
    std::ofstream(file).close();
    std::error_code failure;
    std::filesystem::resize_file(file, volume_bytes, failure);
    good = good && !failure &&
           administrator.command({"--op", "new", "--mode", "logicalunit", "--tid", "1", "--lun",
                                  lun, "-b", file, "--bstype", "rdwr", "--blocksize", "512"});
  }
  for (const auto& [name, value] : {std::pair{"MaxRecvDataSegmentLength", "262144"},
                                    {"MaxXmitDataSegmentLength", "262144"},
                                    {"InitialR2T", "No"},
                                    {"ImmediateData", "Yes"},
                                    {"FirstBurstLength", "262144"},
                                    {"MaxBurstLength", "1048576"},
                                    {"MaxOutstandingR2T", "16"}}) {
    good = good && administrator.command({"--op", "update", "--mode", "target", "--tid", "1",
                                          "--name", name, "--value", value});
  }
  good = good &&
         administrator.command({"--op", "bind", "--mode", "target", "--tid", "1", "-I", "ALL"});
  if (!good) {
    return config_error("tgtd: expected to configure it with tgtadm, found a refusal");
  }
  return ok();
}

}  // namespace

Result<Contender> start_tgtd(std::uint64_t volume_bytes, const std::string& folder) {
  for (const char* program : {"tgtd", "tgtadm"}) {
    if (find_program(program).empty()) {
      return config_error(std::string(program) + " is not installed (Debian: tgt)");
    }
  }
  LOCKSTEP_TRY(const std::uint16_t port, free_port());
  const std::string portal = "127.0.0.1:" + std::to_string(port);
  const Administrator administrator(folder);
  Child::Variables variables = administrator.variables();
  // Without these glibc returns the buffer of each large read to the system.
  variables.emplace_back("MALLOC_MMAP_THRESHOLD_", "33554432");
  variables.emplace_back("MALLOC_TRIM_THRESHOLD_", "1073741824");
  variables.emplace_back("MALLOC_TOP_PAD_", "16777216");
  LOCKSTEP_TRY(Child process, Child::start({"tgtd", "-f", "-C", kControl, "-t", "16", "--iscsi",
                                            "portal=" + portal},
                                           folder + "/tgtd.log", variables));
  const auto until = std::chrono::steady_clock::now() + kStartLimit;
  while (!administrator.command({"--op", "show", "--mode", "target"})) {
    if (!process.is_running() || std::chrono::steady_clock::now() >= until) {
      return config_error(
          "tgtd: expected it to answer tgtadm, found that it does not; it may need "
          "more rights");
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  LOCKSTEP_TRY(configure(administrator, volume_bytes, folder));
  return Contender{"tgtd", portal, kTargetName, 1, std::move(process)};
}

}  // namespace lockstep::bench::peers
