#include "cli/interrupt.hpp"

#include "cli/exit_codes.hpp"

#include <csignal>
#include <unistd.h>

namespace lockstep::cli {
namespace {

volatile std::sig_atomic_t g_interrupts = 0;

void on_signal(int) {
  if (g_interrupts > 0) _exit(kInterrupted);
  g_interrupts = 1;
}

}  // namespace

void watch_for_interrupt() {
  struct sigaction action {};
  action.sa_handler = on_signal;
  sigemptyset(&action.sa_mask);
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
}

bool interrupted() noexcept { return g_interrupts > 0; }

}  // namespace lockstep::cli
