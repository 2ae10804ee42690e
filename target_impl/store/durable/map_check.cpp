#include "target_impl/store/durable/map_check.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include <vector>

namespace lockstep::store::detail {

namespace {

constexpr std::size_t kHeaderBytes = 16;
constexpr std::size_t kNodeBytes = 8;
constexpr std::uint64_t kNoPage = ~std::uint64_t{0};
constexpr std::uint64_t kMetaPages = 2;
constexpr unsigned kMostLevels = 32;
enum PageFlag : std::uint16_t { kBranch = 0x01, kLeaf = 0x02, kOverflow = 0x04, kMeta = 0x08 };
constexpr std::uint16_t kBigData = 0x01;

// Offsets in a meta page.
enum Meta : std::size_t {
  kMagic = 16,
  kVersion = 20,
  kPageBytes = 40,  // md_pad of the database of free pages
  kFreeDatabase = 40,
  kMainDatabase = 88,
  kLastPage = 136,
  kTransaction = 144,
  kMetaEnd = 152,
};
// Offsets in a database's description.
enum Database : std::size_t { kFlags = 4, kDepth = 6, kRoot = 40 };

class Check {
 public:
  explicit Check(std::span<const std::byte> file) : file_(file) {}

  std::string run() {
    if (file_.empty()) {
      return {};
    }
    if (!metas_are_sound()) {
      return problem_;
    }
    seen_.resize(static_cast<std::size_t>(last_page_ + 1));
    constexpr std::uint16_t kIntegerKey = 0x08;
    if (!database_is_sound(kMainDatabase, 0) || !database_is_sound(kFreeDatabase, kIntegerKey)) {
      return problem_;
    }
    for (const std::uint64_t page : free_) {
      if (page < kMetaPages || page > last_page_ || seen_[static_cast<std::size_t>(page)]) {
        return "page " + std::to_string(page) + " that is both free and in use";
      }
    }
    return {};
  }

 private:
  bool fail(const std::string& problem) {
    problem_ = problem;
    return false;
  }
  bool fail(std::uint64_t page, const std::string& problem) {
    return fail("page " + std::to_string(page) + " that " + problem);
  }

  template <class Number>
  [[nodiscard]] Number at(std::size_t offset) const noexcept {
    Number number;
    std::memcpy(&number, file_.data() + offset, sizeof number);
    return number;
  }
  [[nodiscard]] std::size_t start_of(std::uint64_t page) const noexcept {
    return static_cast<std::size_t>(page) * page_bytes_;
  }

  // Each commit writes the other meta page, so the two numbers are neighbours.
  bool metas_are_sound() {
    constexpr std::uint32_t kMagicNumber = 0xbeefc0de;
    if (file_.size() < kMetaEnd) {
      return fail("a file of " + std::to_string(file_.size()) + " bytes (it is truncated)");
    }
    page_bytes_ = at<std::uint32_t>(kPageBytes);
    if (page_bytes_ < 512 || page_bytes_ > 65536 || (page_bytes_ & (page_bytes_ - 1)) != 0 ||
        file_.size() < kMetaPages * page_bytes_) {
      return fail("no meta pages (the file is truncated or damaged)");
    }
    std::array<std::uint64_t, kMetaPages> numbers{};
    for (std::uint64_t page = 0; page != kMetaPages; ++page) {
      const std::size_t start = start_of(page);
      if ((at<std::uint16_t>(start + 10) & kMeta) == 0 ||
          at<std::uint32_t>(start + kMagic) != kMagicNumber ||
          at<std::uint32_t>(start + kVersion) != 1 ||
          at<std::uint32_t>(start + kPageBytes) != page_bytes_) {
        return fail(page, "should be a meta page of LMDB");
      }
      numbers[static_cast<std::size_t>(page)] = at<std::uint64_t>(start + kTransaction);
    }
    const std::uint64_t newest = numbers[1] > numbers[0] ? 1 : 0;
    const std::uint64_t number = numbers[static_cast<std::size_t>(newest)];
    const std::uint64_t other = numbers[static_cast<std::size_t>(1 - newest)];
    if ((number != 0 && number != other + 1) || number % 2 != newest) {
      return fail("meta pages of transactions that do not follow each other");
    }
    meta_ = start_of(newest);
    last_page_ = at<std::uint64_t>(meta_ + kLastPage);
    // Pages at the end that are free may never have been written.
    constexpr std::uint64_t kMostPages = std::uint64_t{1} << 40;
    return last_page_ < kMostPages && last_page_ <= 64 + 64 * (file_.size() / page_bytes_)
               ? true
               : fail("a file of " + std::to_string(file_.size()) + " bytes for " +
                      std::to_string(last_page_) + " pages (it is truncated)");
  }

  bool database_is_sound(std::size_t database, std::uint16_t flags) {
    const std::size_t start = meta_ + database;
    const auto root = at<std::uint64_t>(start + kRoot);
    const auto depth = at<std::uint16_t>(start + kDepth);
    constexpr std::uint16_t kOfTheDatabase = 0x3fff;  // the rest describes the environment
    if ((at<std::uint16_t>(start + kFlags) & kOfTheDatabase) != flags || depth > kMostLevels ||
        (root == kNoPage) != (depth == 0)) {
      return fail("a damaged description of its tree");
    }
    return root == kNoPage || tree_is_sound(root, depth, database == kFreeDatabase);
  }

  // Whether `count` pages from `page` on are in the file and nobody else's.
  bool take(std::uint64_t page, std::uint64_t count) {
    const std::uint64_t in_file = file_.size() / page_bytes_;
    if (page < kMetaPages || page > last_page_ || count > last_page_ + 1 - page ||
        page >= in_file || count > in_file - page) {
      return fail(page, "lies outside the file (it is truncated or damaged)");
    }
    for (std::uint64_t one = page; one != page + count; ++one) {
      if (seen_[static_cast<std::size_t>(one)]) {
        return fail(one, "is used twice");
      }
      seen_[static_cast<std::size_t>(one)] = true;
    }
    return at<std::uint64_t>(start_of(page)) == page ? true : fail(page, "is another one");
  }

  bool tree_is_sound(std::uint64_t page, unsigned depth, bool lists_free) {
    if (!take(page, 1)) {
      return false;
    }
    const std::size_t start = start_of(page);
    const std::uint16_t kind = depth == 1 ? kLeaf : kBranch;
    const auto lower = at<std::uint16_t>(start + 12);
    const auto upper = at<std::uint16_t>(start + 14);
    const std::size_t keys = lower < kHeaderBytes ? 0 : (lower - kHeaderBytes) / 2;
    if (at<std::uint16_t>(start + 10) != kind || lower > upper || upper > page_bytes_ ||
        lower % 2 != 0 || keys < (depth == 1 ? 1U : 2U)) {
      return fail(page, "is damaged");
    }
    for (std::size_t i = 0; i != keys; ++i) {
      const auto place = at<std::uint16_t>(start + kHeaderBytes + 2 * i);
      if (place < upper || place + kNodeBytes > page_bytes_ || place % 2 != 0 ||
          !node_is_sound(page, place, depth, lists_free)) {
        return problem_.empty() ? fail(page, "is damaged") : false;
      }
    }
    return true;
  }

  bool node_is_sound(std::uint64_t page, std::size_t place, unsigned depth, bool lists_free) {
    const std::size_t node = start_of(page) + place;
    const auto low = at<std::uint16_t>(node);
    const auto high = at<std::uint16_t>(node + 2);
    const auto flags = at<std::uint16_t>(node + 4);
    const auto key_bytes = at<std::uint16_t>(node + 6);
    const std::uint64_t number = low | std::uint64_t{high} << 16;
    const std::size_t data = place + kNodeBytes + key_bytes;
    if (data > page_bytes_ || (lists_free && depth == 1 && key_bytes != 8)) {
      return false;
    }
    if (depth != 1) {
      return tree_is_sound(number | std::uint64_t{flags} << 32, depth - 1, lists_free);
    }
    if (flags == 0) {
      return number <= page_bytes_ - data &&
             (!lists_free || list_is_sound(start_of(page) + data, number));
    }
    if (flags != kBigData || data + 8 > page_bytes_) {
      return false;
    }
    const auto first = at<std::uint64_t>(start_of(page) + data);
    const std::uint64_t pages = (kHeaderBytes + number + page_bytes_ - 1) / page_bytes_;
    if (!take(first, pages)) {
      return false;
    }
    const std::size_t start = start_of(first);
    return at<std::uint16_t>(start + 10) == kOverflow && at<std::uint32_t>(start + 12) == pages &&
           (!lists_free || list_is_sound(start + kHeaderBytes, number));
  }

  // A count, and as many page numbers.
  bool list_is_sound(std::size_t start, std::uint64_t bytes) {
    if (bytes < 8 || bytes % 8 != 0 || at<std::uint64_t>(start) > bytes / 8 - 1) {
      return false;
    }
    const auto count = at<std::uint64_t>(start);
    for (std::uint64_t i = 1; i <= count; ++i) {
      free_.push_back(at<std::uint64_t>(start + static_cast<std::size_t>(8 * i)));
    }
    return true;
  }

  const std::span<const std::byte> file_;
  std::string problem_;
  std::size_t page_bytes_ = 0;
  std::size_t meta_ = 0;
  std::uint64_t last_page_ = 0;
  std::vector<bool> seen_;
  std::vector<std::uint64_t> free_;
};

}  // namespace

std::string find_map_damage(std::span<const std::byte> file) { return Check(file).run(); }

std::string find_map_damage_in(const std::string& path) {
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  struct stat status {};
  if (descriptor < 0 || ::fstat(descriptor, &status) != 0) {
    const int reason = errno;
    if (descriptor >= 0) {
      ::close(descriptor);
    }
    return reason == ENOENT ? "" : std::strerror(reason);
  }
  const auto bytes = static_cast<std::size_t>(status.st_size);
  void* memory =
      bytes == 0 ? nullptr : ::mmap(nullptr, bytes, PROT_READ, MAP_PRIVATE, descriptor, 0);
  ::close(descriptor);
  if (memory == MAP_FAILED) {
    return std::strerror(ENOMEM);
  }
  const std::string problem =
      find_map_damage({static_cast<const std::byte*>(memory), memory == nullptr ? 0 : bytes});
  if (memory != nullptr) {
    ::munmap(memory, bytes);
  }
  return problem;
}

}  // namespace lockstep::store::detail
