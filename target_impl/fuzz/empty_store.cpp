#include "target_impl/fuzz/empty_store.hpp"

#include "target_impl/fuzz/input.hpp"

#include <cstdlib>
#include <filesystem>

namespace lockstep::fuzz {

EmptyStore::EmptyStore() {
  const char* shared_memory = "/dev/shm";
  const std::string base = std::filesystem::is_directory(shared_memory)
                               ? shared_memory
                               : std::filesystem::temp_directory_path().string();
  std::string pattern = base + "/lockstep-fuzz-XXXXXX";
  folder_ = ::mkdtemp(pattern.data());
  expect(store::DurableStore::open(original(), options()).has_value(),
         "an empty store can be made");
}

EmptyStore::~EmptyStore() { std::filesystem::remove_all(folder_); }

store::DurableOptions EmptyStore::options() {
  store::DurableOptions options;
  options.capacity = ByteCount{4ULL << 20};
  options.cache = ByteCount{1ULL << 20};
  options.dirty = ByteCount{1ULL << 20};
  options.commit_interval_ms = 0;
  return options;
}

std::string EmptyStore::copy() const {
  const std::string target = folder_ + "/copy";
  std::filesystem::remove_all(target);
  std::filesystem::copy(original(), target, std::filesystem::copy_options::recursive);
  return target;
}

}  // namespace lockstep::fuzz
