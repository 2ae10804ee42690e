// Memory of small objects of which one comes and goes with every command, used again: allocators
// keep only a few blocks of a size at hand, and the commands of a deep queue take and give back
// many more than that in turn.
#pragma once

#include "target_impl/memory/sanitized.hpp"

#include <cstddef>
#include <new>
#include <utility>

namespace lockstep::memory {

// Whether memory is used again: not where each use is to be told from the ones before.
#ifdef LOCKSTEP_SANITIZED
inline constexpr bool kRecycles = false;
#else
inline constexpr bool kRecycles = true;
#endif

// For std::allocate_shared. Each thread keeps what it gives back, up to kMost blocks for each T, so
// it serves what is taken and given back on one thread.
template <class T>
class RecyclingAllocator {
 public:
  using value_type = T;
  static constexpr std::size_t kMost = 256;

  RecyclingAllocator() = default;
  template <class Other>
  explicit(false) RecyclingAllocator(const RecyclingAllocator<Other>& /*other*/) noexcept {}

  [[nodiscard]] T* allocate(std::size_t count) {
    static_assert(sizeof(T) >= sizeof(Block) && alignof(T) <= __STDCPP_DEFAULT_NEW_ALIGNMENT__);
    if (count == 1 && kept_.first != nullptr) {
      Block* const block = kept_.first;
      kept_.first = block->next;
      --kept_.count;
      return reinterpret_cast<T*>(block);
    }
    return static_cast<T*>(::operator new(count * sizeof(T)));
  }
  void deallocate(T* memory, std::size_t count) noexcept {
    if (!kRecycles || count != 1 || kept_.count == kMost || kept_.ended) {
      ::operator delete(memory);
      return;
    }
    static_cast<void>(&thread_end_);  // that it is noticed
    kept_.first = new (static_cast<void*>(memory)) Block{kept_.first};
    ++kept_.count;
  }

  template <class Other>
  friend bool operator==(const RecyclingAllocator& /*a*/,
                         const RecyclingAllocator<Other>& /*b*/) noexcept {
    return true;
  }

 private:
  struct Block {
    Block* next;
  };
  // Can be looked at until the thread is gone, also by what is destroyed after ThreadEnd.
  struct Kept {
    Block* first = nullptr;
    std::size_t count = 0;
    bool ended = false;
  };
  struct ThreadEnd {
    ThreadEnd() noexcept {}
    ~ThreadEnd() {
      kept_.ended = true;
      while (kept_.first != nullptr) {
        ::operator delete(std::exchange(kept_.first, kept_.first->next));
      }
      kept_.count = 0;
    }
    ThreadEnd(const ThreadEnd&) = delete;
    ThreadEnd& operator=(const ThreadEnd&) = delete;
  };
  static constinit inline thread_local Kept kept_;
  static inline thread_local ThreadEnd thread_end_;
};

}  // namespace lockstep::memory
