// A small durable store with nothing in it, made once and copied for every input: making one costs
// more than most inputs.
#pragma once

#include "target_impl/store/durable_store.hpp"

#include <string>

namespace lockstep::fuzz {

class EmptyStore {
 public:
  // In memory where the system has /dev/shm; removed when destroyed.
  EmptyStore();
  ~EmptyStore();
  EmptyStore(const EmptyStore&) = delete;
  EmptyStore& operator=(const EmptyStore&) = delete;

  // A few MiB, and commits only when asked.
  [[nodiscard]] static store::DurableOptions options();
  // The directory of a fresh copy; the copy before is removed.
  [[nodiscard]] std::string copy() const;

 private:
  [[nodiscard]] std::string original() const { return folder_ + "/original"; }
  std::string folder_;
};

}  // namespace lockstep::fuzz
