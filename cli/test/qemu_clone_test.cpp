// Goal: what QEMU writes to a LUN is what it reads from that LUN's clone. Method: qemu-img converts
// a 256 MiB image into a volume of the reference, CreateElementReplica clones it, qemu-img
// compares.
#include "cli/reference_luns.hpp"
#include "cli/test/program.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <fstream>
#include <random>
#include <thread>

namespace lockstep::cli {
namespace {

constexpr std::uint64_t kImageBytes = 256ULL << 20;
constexpr std::size_t kChunkBytes = 1 << 20;

// Random megabytes with holes between them, so that unmapped ranges take part.
void write_image(const std::string& file) {
  std::ofstream image(file, std::ios::binary);
  std::mt19937_64 random(20261121);
  std::vector<std::uint64_t> chunk(kChunkBytes / sizeof(std::uint64_t));
  for (std::uint64_t at = 0; at < kImageBytes; at += kChunkBytes) {
    const bool hole = random() % 3 == 0;
    for (std::uint64_t& word : chunk) word = hole ? 0 : random();
    image.write(reinterpret_cast<const char*>(chunk.data()),
                static_cast<std::streamsize>(kChunkBytes));
  }
  ASSERT_TRUE(image.good());
}

ElementRef create_volume(ReferenceProvider& reference) {
  CreateVolumeRequest request;
  request.blocks = BlockCount{kImageBytes / 512};
  const auto answer = reference.invoke(request);
  EXPECT_TRUE(answer && answer.value().completed());
  return answer.value().target_element.value_or(ElementRef{});
}

// Waits for the job, if there is one, and returns the replica.
ElementRef clone_of(ReferenceProvider& reference, const ElementRef& source) {
  CreateElementReplicaRequest request;
  request.sync_type = SyncType::Clone;
  request.source_element = source;
  request.wait_for_copy_state = CopyState::Synchronized;
  const auto answer = reference.invoke(request);
  EXPECT_TRUE(answer && answer.value().accepted())
      << (answer ? code_text(answer.value()) : answer.error().message);
  if (answer.value().job) {
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(60);
    while (std::chrono::steady_clock::now() < end) {
      const auto inventory = reference.inventory();
      const JobView* job = inventory.value().find(*answer.value().job);
      if (job == nullptr || job->finished()) break;
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
  }
  return answer.value().target_element.value_or(ElementRef{});
}

TEST(QemuClone, IsIdenticalToTheImage) {
  TemporaryFolder folder;
  const std::string image = folder.path() + "/image.raw";
  write_image(image);
  ReferenceOptions options;
  options.pool_bytes = 2ULL << 30;
  auto reference = make_reference(options);
  ASSERT_TRUE(reference) << reference.error().message;
  const ElementRef source = create_volume(*reference.value());
  const auto source_url = url_of(*reference.value(), source);
  ASSERT_TRUE(source_url) << source_url.error().message;
  const auto converted = run_program(
      {"qemu-img", "convert", "-n", "-f", "raw", "-O", "raw", image, source_url.value()},
      std::chrono::seconds(60));
  ASSERT_EQ(converted.exit_code, 0) << converted.error;

  const ElementRef clone = clone_of(*reference.value(), source);
  const auto clone_url = url_of(*reference.value(), clone);
  ASSERT_TRUE(clone_url) << clone_url.error().message;
  const auto compared =
      run_program({"qemu-img", "compare", "-f", "raw", "-F", "raw", image, clone_url.value()},
                  std::chrono::seconds(60));
  EXPECT_EQ(compared.exit_code, 0) << compared.output << compared.error;

  // The comparison notices a single changed block.
  std::fstream changed(image, std::ios::binary | std::ios::in | std::ios::out);
  changed.seekp(static_cast<std::streamoff>(kImageBytes - 512));
  changed << "changed";
  changed.close();
  const auto differs =
      run_program({"qemu-img", "compare", "-f", "raw", "-F", "raw", image, clone_url.value()},
                  std::chrono::seconds(60));
  EXPECT_EQ(differs.exit_code, 1) << differs.output << differs.error;
}

}  // namespace
}  // namespace lockstep::cli
