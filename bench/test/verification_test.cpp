// Goal: wrong data fail a benchmark. Method: the volume behind the target is changed where no
// benchmark expects it.
#include "bench/case.hpp"
#include "bench/environment.hpp"

#include <benchmark/benchmark.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <memory>
#include <string>
#include <vector>

namespace lockstep::bench {
namespace {

using testing::HasSubstr;

class Errors final : public benchmark::BenchmarkReporter {
 public:
  bool ReportContext(const Context&) override { return true; }
  void ReportRuns(const std::vector<Run>& runs) override {
    for (const Run& run : runs) last = run.error_occurred ? run.error_message : "";
  }
  std::string last = "never ran";
};

class WrongData : public testing::Test {
 protected:
  void SetUp() override {
    auto started = Environment::start();
    ASSERT_TRUE(started.has_value()) << started.error().message;
    environment_ = std::move(started).value();
  }

  // What the benchmark complains about; empty: nothing.
  std::string error_of(const std::vector<Case>& cases, const std::string& name) {
    const auto found =
        std::find_if(cases.begin(), cases.end(), [&](const Case& c) { return c.name == name; });
    if (found == cases.end()) return "no such benchmark";
    benchmark::RegisterBenchmark(name.c_str(),
                                 [&](benchmark::State& state) { found->run(state, *environment_); })
        ->Iterations(4)
        ->UseRealTime();
    Errors errors;
    benchmark::RunSpecifiedBenchmarks(&errors, ".");
    benchmark::ClearRegisteredBenchmarks();
    return errors.last;
  }

  // One bit of every block of the source.
  void damage_source() {
    auto& source = environment_->volume(Environment::kSourceLun);
    std::vector<std::byte> all(Environment::kVolumeBytes);
    source.read(Lba{0}, all);
    for (std::size_t at = 300; at < all.size(); at += kBlockSize.bytes) all[at] ^= std::byte{4};
    ASSERT_EQ(source.write(Lba{0}, all), store::WriteResult::Done);
  }

  std::unique_ptr<Environment> environment_;
};

TEST_F(WrongData, FailReads) {
  const std::string name = "data_path/read/random/bs:4KiB/qd:16";
  EXPECT_EQ(error_of(data_path_cases(), name), "");
  damage_source();
  EXPECT_THAT(error_of(data_path_cases(), name), HasSubstr("wrong data read at LBA"));
}

TEST_F(WrongData, FailReadsOfTheOwnInitiator) {
  environment_->duration = std::chrono::milliseconds{10};
  for (const char* name :
       {"wire/tcp/read/random/bs:4KiB/qd:16", "wire/bypass/read/random/bs:4KiB/qd:16"}) {
    EXPECT_EQ(error_of(wire_cases(), name), "") << name;
  }
  damage_source();
  for (const char* name :
       {"wire/tcp/read/random/bs:4KiB/qd:16", "wire/bypass/read/random/bs:4KiB/qd:16"}) {
    EXPECT_THAT(error_of(wire_cases(), name), HasSubstr("wrong data read at LBA")) << name;
  }
}

TEST_F(WrongData, FailCopies) {
  EXPECT_EQ(error_of(copy_cases(), "copy/share_extents"), "");
  damage_source();
  EXPECT_THAT(error_of(copy_cases(), "copy/share_extents"), HasSubstr("differs from its source"));
}

TEST_F(WrongData, FailsWritesThatAreRefused) {
  class Refusing final : public store::WriteObserver {
   public:
    bool wrote(Lba, std::span<const std::byte>) noexcept override { return false; }
    bool zeroed(Lba, BlockCount) noexcept override { return false; }
    bool assigned() noexcept override { return false; }
  } refusing;
  auto& scratch = environment_->volume(Environment::kScratchLun);
  scratch.attach(refusing);
  EXPECT_THAT(error_of(data_path_cases(), "data_path/write/random/bs:4KiB/qd:16"),
              HasSubstr("refused with SCSI status 02h"));
  environment_->duration = std::chrono::milliseconds{10};
  EXPECT_THAT(error_of(wire_cases(), "wire/tcp/write/random/bs:4KiB/qd:16"),
              HasSubstr("found status 2"));
  scratch.detach(refusing);
}

}  // namespace
}  // namespace lockstep::bench
