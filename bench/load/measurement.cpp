#include "bench/load/measurement.hpp"

#include "bench/load/processes.hpp"

namespace lockstep::bench::load {

void Measurement::begin_if_due(Clock::time_point now) {
  if (measuring_ || now < begun_) return;
  measuring_ = true;
  begun_ = now;
  progress_ = Progress();
  target_cpu_s_ = work_.target != 0 ? cpu_seconds_of(work_.target) : 0;
  target_switches_ = work_.target != 0 ? context_switches_of(work_.target) : 0;
  own_ = use_of_calling_thread();
  if (work_.begun) work_.begun();
}

void Measurement::add(Clock::time_point submitted, Clock::time_point ended) {
  latencies_.record(ended - submitted);
  progress_.add(ended, work_.block_bytes);
  ++sample_.commands;
}

Sample Measurement::finish() {
  sample_.seconds = std::chrono::duration<double>(Clock::now() - begun_).count();
  if (work_.ended) work_.ended();
  sample_.bytes = static_cast<double>(sample_.commands) * work_.block_bytes;
  sample_.p50_us = latencies_.percentile_us(0.5);
  sample_.p99_us = latencies_.percentile_us(0.99);
  sample_.p99_9_us = latencies_.percentile_us(0.999);
  sample_.longest_us = latencies_.percentile_us(1);
  sample_.percentiles_us = latencies_.percentiles_us();
  sample_.progress = progress_.bytes_per_interval();
  if (work_.target != 0) {
    sample_.target_cpu_s = cpu_seconds_of(work_.target) - target_cpu_s_;
    sample_.target_switches = context_switches_of(work_.target) - target_switches_;
  }
  const Use own = use_of_calling_thread();
  sample_.own_cpu_s = own.cpu_seconds - own_.cpu_seconds;
  sample_.own_switches = own.context_switches - own_.context_switches;
  return sample_;
}

}  // namespace lockstep::bench::load
