// QEMU's tools copy an image into a unit over iSCSI and compare it.
#include "target_impl/daemon/test/served_volume.hpp"

#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>
#include <random>
#include <vector>

namespace lockstep::target::test {
namespace {

using ::testing::HasSubstr;
constexpr std::size_t kImageBytes = std::size_t{256} << 20;

// A file of random bytes with a hole in its middle, removed at the end.
class ImageFile {
 public:
  ImageFile() : path_(::testing::TempDir() + "lockstep-image-" + std::to_string(::getpid())) {
    std::ofstream file(path_, std::ios::binary);
    std::mt19937_64 engine(20261121);
    std::vector<std::uint64_t> part(1 << 17);  // 1 MiB
    for (std::size_t at = 0; at < kImageBytes; at += part.size() * sizeof part[0]) {
      if (at >= kImageBytes / 4 && at < kImageBytes / 2) {
        continue;
      }
      for (auto& word : part) {
        word = engine();
      }
      file.seekp(static_cast<std::streamoff>(at));
      file.write(reinterpret_cast<const char*>(part.data()),
                 static_cast<std::streamsize>(part.size() * sizeof part[0]));
    }
    EXPECT_TRUE(file.good());
  }
  ~ImageFile() {
    std::error_code ignored;
    std::filesystem::remove(path_, ignored);
  }
  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  std::string path_;
};

TEST(Qemu, CopiesAnImageThereAndBack) {
  const ImageFile image;
  ServedVolume served(kImageBytes);
  const Ran info = run_tool("qemu-img info " + served.url());
  EXPECT_THAT(info.output, HasSubstr("256 MiB"));
  const Ran copied =
      run_tool("qemu-img convert -n -f raw -O raw " + image.path() + " " + served.url(), 60);
  ASSERT_EQ(copied.exit_code, 0) << copied.output;
  const std::string compare = "qemu-img compare -f raw -F raw " + image.path() + " " + served.url();
  Ran compared = run_tool(compare, 60);
  EXPECT_EQ(compared.exit_code, 0) << compared.output;
  EXPECT_THAT(compared.output, HasSubstr("Images are identical"));

  // One byte that differs is found: the comparison does read the unit.
  std::vector<std::byte> block(512);
  const Lba last{kImageBytes / 512 - 1};
  served.volume().read(last, block);
  block[511] ^= std::byte{1};
  ASSERT_EQ(served.volume().write(last, block), store::WriteResult::Done);
  compared = run_tool(compare, 60);
  EXPECT_EQ(compared.exit_code, 1) << compared.output;
}

TEST(Qemu, UsesHeaderDigests) {
  constexpr std::size_t kBytes = std::size_t{16} << 20;
  ServedVolume served(kBytes);
  const std::string options =
      "--image-opts driver=iscsi,transport=tcp,portal=" + served.server().portal() +
      ",target=" + kTargetName + ",lun=0";
  const std::string script =
      "qemu-io -c 'write -P 0x5a 0 16M' -c 'read -P 0x5a 0 16M' -c 'read -P 0x5a 1536 4k' ";
  const Ran ran = run_tool(script + options + ",header-digest=crc32c");
  EXPECT_EQ(ran.exit_code, 0) << ran.output;
  EXPECT_THAT(ran.output, ::testing::Not(HasSubstr("failed")));
  std::vector<std::byte> block(512);
  served.volume().read(Lba{1000}, block);
  EXPECT_EQ(block[0], std::byte{0x5A});
}

TEST(Qemu, WritesAndChecksPatterns) {
  ServedVolume served(std::size_t{64} << 20);
  const Ran ran = run_tool(
      "qemu-io -f raw -t none -c 'write -P 0xab 1M 8M' -c 'write -P 0xcd 12345k 512' -c "
      "'read -P 0xab 1M 8M' -c 'read -P 0xcd 12345k 512' -c 'discard 2M 1M' -c 'read -P 0 2M 1M' "
      "-c flush " +
      served.url());
  EXPECT_EQ(ran.exit_code, 0) << ran.output;
  EXPECT_THAT(ran.output, ::testing::Not(HasSubstr("failed")));
}

}  // namespace
}  // namespace lockstep::target::test
