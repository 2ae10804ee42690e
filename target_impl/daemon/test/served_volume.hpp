// A running target with one volume behind LUN 0, and a way to run the tools people have against it.
#pragma once

#include "target_impl/daemon/target_server.hpp"
#include "target_impl/daemon/test/server_options.hpp"
#include "target_impl/scsi/logical_unit.hpp"
#include "target_impl/store/volume.hpp"

#include <gtest/gtest.h>

#include <array>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <sys/wait.h>
#include <thread>

namespace lockstep::target::test {

inline const std::string kTargetName = "iqn.2026-11.org.lockstep:volume";

struct Ran {
  int exit_code = -1;
  std::string output;  // standard output and standard error
};

// Ends the tool after `seconds`; then the exit code is 124.
inline Ran run_tool(const std::string& command, int seconds = 30) {
  Ran ran;
  const std::string whole = "timeout " + std::to_string(seconds) + " " + command + " 2>&1";
  FILE* pipe = ::popen(whole.c_str(), "r");
  if (pipe == nullptr) {
    return ran;
  }
  std::array<char, 4096> part{};
  while (const std::size_t bytes = std::fread(part.data(), 1, part.size(), pipe)) {
    ran.output.append(part.data(), bytes);
  }
  const int status = ::pclose(pipe);
  ran.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  return ran;
}

// Looks again and again, for at most ten seconds.
template <typename Condition>
[[nodiscard]] bool comes_to_hold(const Condition& condition) {
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  while (!condition()) {
    if (std::chrono::steady_clock::now() > end) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  return true;
}

class ServedVolume {
 public:
  explicit ServedVolume(std::uint64_t bytes, TargetServerOptions options = server_options()) {
    constexpr std::uint32_t kBlockBytes = 512;
    pool_ = store::make_pool(ByteCount{4 * bytes});
    volume_ = std::make_shared<store::Volume>(BlockCount{bytes / kBlockBytes},
                                              BlockSize{kBlockBytes}, pool_);
    device_ = std::make_shared<scsi::DeviceServer>(kTargetName);
    scsi::LogicalUnitOptions unit;
    unit.naa_identifier = {0x60, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
    unit.serial_number = "0001";
    device_->add(0, std::make_shared<scsi::LogicalUnit>(volume_, unit));
    auto started = TargetServer::start(options);
    if (!started) {
      ADD_FAILURE() << started.error().message;
      std::abort();
    }
    server_ = std::move(started.value());
    server_->serve(device_);
  }

  [[nodiscard]] TargetServer& server() { return *server_; }
  // Until so many connections are left.
  [[nodiscard]] bool comes_to(std::uint32_t connections) {
    return comes_to_hold([&] { return server_->usage().connections == connections; });
  }
  void stop() { server_.reset(); }
  [[nodiscard]] store::Volume& volume() { return *volume_; }
  [[nodiscard]] std::shared_ptr<scsi::DeviceServer> device() { return device_; }
  [[nodiscard]] std::string url() const { return server_->url(kTargetName, 0); }

 private:
  std::shared_ptr<store::Pool> pool_;
  std::shared_ptr<store::Volume> volume_;
  std::shared_ptr<scsi::DeviceServer> device_;
  std::unique_ptr<TargetServer> server_;
};

}  // namespace lockstep::target::test
