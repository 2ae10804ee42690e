#include "bench/far_system.hpp"

#include "bench/service_client.hpp"
#include "target_impl/reference.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <sys/socket.h>
#include <unistd.h>
#include <utility>

namespace lockstep::bench {
namespace {

// What the child answers to each size; a portal that is empty: it could not.
struct Told {
  std::array<char, 64> portal{};
  std::array<char, 224> target_name{};
  std::uint8_t lun = 0;
};

template <std::size_t N>
void put(std::array<char, N>& field, const std::string& text) {
  std::copy_n(text.begin(), std::min(text.size(), N - 1), field.begin());
}

Result<std::unique_ptr<ReferenceProvider>> make_system(std::uint64_t bytes, Told& told) {
  LOCKSTEP_TRY(auto system, make_reference());
  Client client(*system);
  LOCKSTEP_TRY(const auto volume, client.thin_volume(bytes));
  LOCKSTEP_TRY(const auto address, client.address_of(volume));
  put(told.portal, address.portal);
  put(told.target_name, address.target_name);
  told.lun = address.lun;
  return system;
}

// In the child, until the other end is closed.
void serve(int control) {
  std::unique_ptr<ReferenceProvider> system;
  std::uint64_t bytes = 0;
  while (::read(control, &bytes, sizeof bytes) == static_cast<ssize_t>(sizeof bytes)) {
    system.reset();
    Told told;
    auto made = make_system(bytes, told);
    if (made) {
      system = std::move(made).value();
    } else {
      told = {};
    }
    if (::write(control, &told, sizeof told) != static_cast<ssize_t>(sizeof told)) return;
  }
}

}  // namespace

Result<std::unique_ptr<FarSystem>> FarSystem::start() {
  std::array<int, 2> ends{};
  if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends.data()) != 0) {
    return internal_error("far system: no sockets");
  }
  transport::FileDescriptor here(ends[0]);
  transport::FileDescriptor there(ends[1]);
  LOCKSTEP_TRY(auto process, Child::start_copy([&] {
                 here.reset();
                 serve(there.get());
               }));
  return std::unique_ptr<FarSystem>(new FarSystem(std::move(here), std::move(process)));
}

Result<load::Address> FarSystem::renew(std::uint64_t bytes) {
  Told told;
  if (::write(control_.get(), &bytes, sizeof bytes) != static_cast<ssize_t>(sizeof bytes) ||
      ::read(control_.get(), &told, sizeof told) != static_cast<ssize_t>(sizeof told) ||
      told.portal.front() == '\0') {
    return internal_error("far system: expected a volume of " + std::to_string(bytes) +
                          " bytes, it made none");
  }
  return load::Address{told.portal.data(), told.target_name.data(), told.lun};
}

}  // namespace lockstep::bench
