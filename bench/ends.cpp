#include "bench/ends.hpp"

#include "target_impl/transport/system_calls.hpp"

#include <benchmark/benchmark.h>

namespace lockstep::bench {

Ends::Ends(const Environment& environment) : environment_(environment), begin_(read()) {}

Ends::Reading Ends::read() const noexcept {
  return {use_of_process(), use_of_calling_thread(), environment_.target_system_calls(),
          transport::own_system_calls.count()};
}

void Ends::stop() noexcept { end_ = read(); }

void Ends::set(benchmark::State& state, double requests, double bytes, Initiator initiator) const {
  constexpr double kGiB = 1024.0 * 1024.0 * 1024.0;
  if (requests <= 0 || bytes <= 0) return;
  const double initiator_cpu = end_.initiator.cpu_seconds - begin_.initiator.cpu_seconds;
  const double initiator_switches =
      end_.initiator.context_switches - begin_.initiator.context_switches;
  state.counters["cpu_s_per_gib_initiator"] = initiator_cpu * kGiB / bytes;
  state.counters["switches_per_io_initiator"] = initiator_switches / requests;
  if (initiator == Initiator::Own) {
    state.counters["syscalls_per_io_initiator"] =
        static_cast<double>(end_.initiator_calls - begin_.initiator_calls) / requests;
  }
  if (!environment_.has_own_target()) return;
  const double cpu = end_.process.cpu_seconds - begin_.process.cpu_seconds;
  const double switches = end_.process.context_switches - begin_.process.context_switches;
  state.counters["cpu_s_per_gib"] = cpu * kGiB / bytes;
  state.counters["cpu_s_per_gib_target"] = (cpu - initiator_cpu) * kGiB / bytes;
  state.counters["switches_per_io_target"] = (switches - initiator_switches) / requests;
  state.counters["syscalls_per_io_target"] =
      static_cast<double>(end_.target_calls - begin_.target_calls) / requests;
}

}  // namespace lockstep::bench
