// Directories that are not what they should be: each is refused with its reason, and none is
// changed.
#include "target_impl/store/durable/directory.hpp"

#include "target_impl/store/durable_store.hpp"
#include "target_impl/store/test/scratch_directory.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <filesystem>
#include <fstream>
#include <random>
#include <sstream>
#include <sys/wait.h>
#include <unistd.h>
#include <vector>

namespace lockstep::store {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::HasSubstr;

constexpr std::uint64_t kBlocksPerExtent = kExtentBytes / 512;

DurableOptions options() {
  DurableOptions wanted;
  wanted.capacity = ByteCount{64 << 20};
  wanted.commit_interval_ms = 0;
  return wanted;
}

std::string contents(const std::string& file) {
  std::ifstream in(file, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

void replace(const std::string& file, const std::string& text) {
  std::ofstream(file, std::ios::binary | std::ios::trunc) << text;
}

class StoreDirectory : public testing::Test {
 protected:
  void SetUp() override {
    const auto store = std::move(DurableStore::open(path_, options()).value());
    const auto volume =
        store->create_volume("v", BlockCount{100 * kBlocksPerExtent}, BlockSize{512});
    for (std::uint64_t extent = 0; extent != 60; ++extent) {
      const std::vector<std::byte> data(512, static_cast<std::byte>(extent));
      ASSERT_EQ(volume.value()->write(Lba{extent * kBlocksPerExtent}, data), WriteResult::Done);
    }
    ASSERT_TRUE(store->put("key", std::vector<std::byte>(100, std::byte{7})).has_value());
  }
  // Empty: it could be opened.
  std::string refusal(bool may_create = true) {
    DurableOptions wanted = options();
    wanted.may_create = may_create;
    const auto store = DurableStore::open(path_, wanted);
    return store ? "" : store.error().message;
  }
  std::string file(const std::string& name) const { return path_ + "/" + name; }

  lockstep::test::ScratchDirectory scratch_;
  std::string path_ = scratch_.file("store");
};

TEST_F(StoreDirectory, OpensAgainAsItIs) { EXPECT_EQ(refusal(), ""); }

TEST_F(StoreDirectory, ForeignOneIsRefusedAndLeftAlone) {
  fs::remove_all(path_);
  fs::create_directory(path_);
  replace(file("letters.txt"), "dear");
  EXPECT_THAT(refusal(), AllOf(HasSubstr("letters.txt"), HasSubstr("another directory")));
  EXPECT_EQ(contents(file("letters.txt")), "dear");
  EXPECT_EQ(std::distance(fs::directory_iterator(path_), fs::directory_iterator()), 1);
}

TEST_F(StoreDirectory, MissingOneIsMadeOnlyIfItMay) {
  fs::remove_all(path_);
  EXPECT_NE(refusal(false), "");
  EXPECT_FALSE(fs::exists(path_));
  fs::create_directory(path_);
  EXPECT_THAT(refusal(false), HasSubstr("expected a store, found none"));
  EXPECT_EQ(refusal(), "");
  path_ = scratch_.file("no/parent");
  EXPECT_THAT(refusal(), HasSubstr("create its parent first"));
}

TEST_F(StoreDirectory, OtherVersionsAreNamed) {
  const std::string format = contents(file("format"));
  const auto with_version = [&](const std::string& version) {
    return "lockstep-store " + version + format.substr(format.find(' ', 15));
  };
  replace(file("format"), with_version("0"));
  EXPECT_THAT(refusal(), AllOf(HasSubstr("format version 0"), HasSubstr("older")));
  replace(file("format"), with_version("17"));
  EXPECT_THAT(refusal(), AllOf(HasSubstr("format version 17"), HasSubstr("newer")));
  replace(file("format"), format);
  EXPECT_EQ(refusal(), "");
}

TEST_F(StoreDirectory, DamagedFormatFileIsRefused) {
  const std::string format = contents(file("format"));
  for (const std::string& text :
       {std::string(), std::string("x"), std::string("\0\0\0\0", 4), format.substr(0, 20),
        "lockstep-store\n" + format, format.substr(0, format.size() - 2) + "?\n"}) {
    replace(file("format"), text);
    EXPECT_THAT(refusal(), HasSubstr("/format: expected")) << text;
  }
}

TEST_F(StoreDirectory, PartsOfAnotherStoreAreRefused) {
  const std::string other = scratch_.file("other");
  { ASSERT_TRUE(DurableStore::open(other, options()).has_value()); }
  for (const char* name : {"extents", "map.lmdb"}) {
    const std::string own = contents(file(name));
    fs::copy_file(other + "/" + name, file(name), fs::copy_options::overwrite_existing);
    EXPECT_THAT(refusal(), AllOf(HasSubstr(name), HasSubstr("another"))) << name;
    fs::remove(file(name));
    EXPECT_THAT(refusal(), AllOf(HasSubstr(name), HasSubstr("found none"))) << name;
    replace(file(name), own);
    EXPECT_EQ(refusal(), "");
  }
}

TEST_F(StoreDirectory, TruncatedFilesAreRefused) {
  for (const char* name : {"extents", "map.lmdb"}) {
    const std::string whole = contents(file(name));
    std::size_t refused = 0;
    for (std::size_t kept = 0; kept < whole.size();
         kept += std::max<std::size_t>(1, whole.size() / 23)) {
      replace(file(name), whole.substr(0, kept));
      const std::string reason = refusal();
      refused += reason.empty() ? 0U : 1U;
      EXPECT_TRUE(reason.empty() || reason.find(name) != std::string::npos) << reason;
    }
    // What was allocated and is in no use may go.
    EXPECT_GT(refused, 3U) << name;
    replace(file(name), whole);
    EXPECT_EQ(refusal(), "");
  }
}

// Whatever is flipped: the directory is refused, or everything that can be read is right.
TEST_F(StoreDirectory, DamagedMapIsRefusedOrHarmless) {
  const std::string whole = contents(file("map.lmdb"));
  std::mt19937_64 random(1);
  std::size_t refused = 0;
  for (int round = 0; round != 150; ++round) {
    std::string damaged = whole;
    const std::size_t at = random() % damaged.size();
    const std::size_t count = 1 + random() % 64;
    for (std::size_t i = at; i != std::min(damaged.size(), at + count); ++i) {
      damaged[i] = static_cast<char>(random());
    }
    replace(file("map.lmdb"), damaged);
    const auto store = DurableStore::open(path_, options());
    if (!store) {
      ++refused;
      continue;
    }
    const auto volume = store.value()->find_volume("v");
    if (volume == nullptr) {
      ADD_FAILURE() << "the volume is gone, round " << round;
      continue;
    }
    for (std::uint64_t extent = 0; extent != 60; ++extent) {
      std::vector<std::byte> data(512);
      if (volume->read(Lba{extent * kBlocksPerExtent}, data)) {
        EXPECT_EQ(data, std::vector<std::byte>(512, static_cast<std::byte>(extent)));
      }
    }
  }
  EXPECT_GT(refused, 10U);
}

TEST_F(StoreDirectory, DamagedKeyDoesNotMakeAVolumeVanish) {
  // In a node of LMDB: no flags, a key of two bytes, the key.
  const std::string key("\0\0\2\0Vv", 6);
  std::string damaged = contents(file("map.lmdb"));
  std::size_t found = 0;
  for (std::size_t at = 0; (at = damaged.find(key, at)) != std::string::npos; ++found) {
    damaged[at + 4] = 'X';
  }
  ASSERT_GT(found, 0U);
  replace(file("map.lmdb"), damaged);
  EXPECT_THAT(refusal(), AllOf(HasSubstr("map.lmdb"), HasSubstr("damaged")));
}

TEST_F(StoreDirectory, OneProcessAtATime) {
  const auto store = std::move(DurableStore::open(path_, options()).value());
  EXPECT_THAT(refusal(), HasSubstr("found it open"));
  const pid_t child = ::fork();
  if (child == 0) {
    ::_exit(DurableStore::open(path_, options()).has_value() ? 1 : 0);
  }
  int status = -1;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0) << "another process opened it too";
}

TEST_F(StoreDirectory, UnfinishedCreationStartsAgain) {
  fs::remove(file("format"));
  const auto store = DurableStore::open(path_, options());
  ASSERT_TRUE(store.has_value()) << store.error().message;
  EXPECT_TRUE(store.value()->volumes().empty());
}

}  // namespace
}  // namespace lockstep::store
