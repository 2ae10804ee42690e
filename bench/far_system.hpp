// A second system in a process of its own, as peers are: mirrors lead to its volume. Internal.
#pragma once

#include "bench/load/wire.hpp"
#include "bench/process/child.hpp"
#include "model/vocab/error.hpp"
#include "target_impl/transport/file_descriptor.hpp"

#include <cstdint>
#include <memory>

namespace lockstep::bench {

class FarSystem {
 public:
  // Only while this process has no other thread.
  [[nodiscard]] static Result<std::unique_ptr<FarSystem>> start();

  // It begins anew, with one thin volume of so many bytes that nobody has claimed.
  [[nodiscard]] Result<load::Address> renew(std::uint64_t bytes);

 private:
  FarSystem(transport::FileDescriptor control, Child process)
      : control_(std::move(control)), process_(std::move(process)) {}

  transport::FileDescriptor control_;
  Child process_;
};

}  // namespace lockstep::bench
