#include "target_impl/durability/hunt_account.hpp"

#include "target_impl/durability/region.hpp"

#include <algorithm>
#include <new>
#include <sys/mman.h>

namespace lockstep::durability {

HuntAccount* HuntAccount::make(std::uint64_t first_block) {
  void* at = ::mmap(nullptr, sizeof(HuntAccount), PROT_READ | PROT_WRITE,
                    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  return at == MAP_FAILED ? nullptr : new (at) HuntAccount(first_block);
}

bool HuntAccount::verify(std::uint32_t block, std::span<const std::byte> bytes) {
  const auto write = read_stamp(bytes, first_ + block);
  const std::uint32_t least = at_least_[block];
  const std::uint32_t most = at_most_[block];
  const std::string expected = "block " + std::to_string(first_ + block) +
                               ": expected one of its writes " + std::to_string(least) + " to " +
                               std::to_string(most) + ", found ";
  if (!write) {
    fail(expected + "bytes that no write to it had");
    return false;
  }
  if (*write < least || *write > most) {
    fail(expected + "write " + std::to_string(*write));
    return false;
  }
  counts.undecided += least != most ? 1 : 0;
  at_most_[block] = *write;
  at_least_[block] = *write;
  ++counts.blocks_verified;
  return true;
}

void HuntAccount::fail(const std::string& why) {
  if (!failed_) {
    std::copy_n(why.begin(), std::min(why.size(), failure_.size() - 1), failure_.begin());
    failed_ = true;
  }
}

}  // namespace lockstep::durability
