// A load for others to watch from outside: connects through shared memory, says "ready", and from
// then on does on each line of its standard input what the line says, and answers with a line.
//
// usage: steady_load PORTAL TARGET LUN
//   read|write DEPTH MILLISECONDS    random 4 KiB commands; answer: how many
#include "bench/load/traffic.hpp"

#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace lockstep::bench::load {
namespace {

int serve(const Address& address) {
  auto traffic = Traffic::open(address);
  if (!traffic || !traffic.value()->uses_bypass()) {
    std::fprintf(stderr, "steady_load: expected shared memory, found %s\n",
                 traffic ? "TCP" : traffic.error().message.c_str());
    return 1;
  }
  std::printf("ready\n");
  std::fflush(stdout);
  char direction[8];
  unsigned depth = 0;
  unsigned milliseconds = 0;
  while (std::scanf("%7s %u %u", direction, &depth, &milliseconds) == 3) {
    Work work;
    work.random = true;
    work.writes = std::strcmp(direction, "write") == 0;
    work.depth = depth;
    work.warm_up = std::chrono::milliseconds(0);
    work.duration = std::chrono::milliseconds(milliseconds);
    const auto sample = traffic.value()->run(work);
    if (!sample) {
      std::fprintf(stderr, "steady_load: %s\n", sample.error().message.c_str());
      return 1;
    }
    std::printf("%llu\n", static_cast<unsigned long long>(sample.value().commands));
    std::fflush(stdout);
  }
  return 0;
}

}  // namespace
}  // namespace lockstep::bench::load

int main(int count, char** arguments) {
  if (count != 4) {
    std::fprintf(stderr, "usage: steady_load PORTAL TARGET LUN\n");
    return 64;
  }
  const auto lun = static_cast<std::uint8_t>(std::atoi(arguments[3]));
  return lockstep::bench::load::serve({arguments[1], arguments[2], lun, true});
}
