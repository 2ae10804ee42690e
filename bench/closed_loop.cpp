#include "bench/closed_loop.hpp"

#include "bench/ends.hpp"

#include <benchmark/benchmark.h>

#include <algorithm>
#include <cstring>

namespace lockstep::bench {

bool ClosedLoop::wait_for(std::uint64_t completions) {
  while (completed_ < completions && problem_.empty()) {
    const Status turn = session_.run_once(std::chrono::seconds{30});
    if (!turn) problem_ = turn.error().message;
  }
  return problem_.empty();
}

bool ClosedLoop::serve(short revents) {
  Status turn = session_.service(revents);
  if (turn) turn = session_.flush_submissions();
  if (!turn && problem_.empty()) problem_ = turn.error().message;
  return problem_.empty();
}

void ClosedLoop::drain() {
  stopping_ = true;
  const Status end = session_.run_until_idle();
  if (!end && problem_.empty()) problem_ = end.error().message;
}

std::string ClosedLoop::verify(Environment& environment) const {
  if (!problem_.empty()) return problem_;
  if (load_.kind == Kind::Write) return verify_writes(environment);
  return environment.is_filled() ? verify_reads() : "";
}

void ClosedLoop::submit(Slot& slot) {
  slot.place = places_.next();
  const Lba first = first_of(*slot.place);
  const auto buffer = buffer_of(slot);
  if (load_.kind == Kind::Write) stamp(slot, buffer);
  slot.submitted = Clock::now();
  const auto done = [this, at = &slot](const initiator::Completion& c) { completed(*at, c); };
  if (load_.kind == Kind::Write) {
    session_.write(lun_, first, block_size_, buffer, done);
  } else {
    session_.read(lun_, first, block_size_, buffer, done);
  }
}

void ClosedLoop::stamp(const Slot& slot, std::span<std::byte> buffer) {
  ++sequence_;
  last_[*slot.place] = LastWrite{sequence_, slot.number};
  for (std::size_t at = 0; at < buffer.size(); at += kBlockSize.bytes) {
    const std::uint64_t stamps[] = {*slot.place, sequence_};
    std::memcpy(buffer.data() + at, stamps, sizeof(stamps));
  }
}

void ClosedLoop::completed(Slot& slot, const initiator::Completion& completion) {
  const auto now = Clock::now();
  latencies_.record(now - slot.submitted);
  progress_.add(now, static_cast<double>(load_.request_bytes));
  ++completed_;
  if (completion.outcome != initiator::Outcome::Answered) {
    problem_ = "a request ended without an answer";
  } else if (!completion.answer.good()) {
    problem_ = "a request was refused with " + initiator::answer_text(completion.answer);
  }
  if (!stopping_ && problem_.empty()) submit(slot);
}

std::uint64_t ClosedLoop::next_generation() {
  static std::uint64_t generation = 0;
  return ++generation;
}

std::string ClosedLoop::verify_reads() const {
  for (const Slot& slot : slots_) {
    if (!slot.place) continue;
    const Lba first{*slot.place * (load_.request_bytes / kBlockSize.bytes)};
    for (std::size_t at = 0; at < load_.request_bytes; at += kBlockSize.bytes) {
      const auto block =
          std::span(buffers_).subspan(slot.number * load_.request_bytes + at, kBlockSize.bytes);
      const Lba lba = first + BlockCount{at / kBlockSize.bytes};
      if (!is_block(block, lba)) return "wrong data read at LBA " + std::to_string(lba.value);
    }
  }
  return {};
}

std::string ClosedLoop::verify_writes(Environment& environment) const {
  std::vector<std::byte> held(load_.request_bytes);
  std::vector<std::byte> expected(load_.request_bytes);
  for (std::uint64_t place = 0; place < last_.size(); ++place) {
    const LastWrite& last = last_[place];
    if (last.sequence == 0) continue;
    const Status read = environment.read_scratch(place * load_.request_bytes, held);
    if (!read) return read.error().message;
    std::copy_n(buffers_.begin() + static_cast<std::ptrdiff_t>(last.slot * load_.request_bytes),
                load_.request_bytes, expected.begin());
    for (std::size_t at = 0; at < expected.size(); at += kBlockSize.bytes) {
      const std::uint64_t stamps[] = {place, last.sequence};
      std::memcpy(expected.data() + at, stamps, sizeof(stamps));
    }
    if (held != expected) {
      return "wrong data written at LBA " + std::to_string(first_of(place).value);
    }
  }
  return {};
}

Result<load::Address> place_of(const Load& load, Environment& environment) {
  return load.kind == Kind::Read ? environment.source() : environment.scratch();
}

void run_load(benchmark::State& state, Environment& environment, const Load& load) {
  const auto place = place_of(load, environment);
  if (!place) return state.SkipWithError(place.error().message.c_str());
  const auto session = environment.connect();
  if (!session) return state.SkipWithError(session.error().message.c_str());
  ClosedLoop loop(load, *session.value(), place.value(), environment.block_size());
  std::uint64_t wanted = 0;
  Ends ends(environment);
  for (auto _ : state) {
    if (wanted == 0) loop.begin();
    if (!loop.wait_for(++wanted)) break;
  }
  ends.stop();
  loop.drain();
  const std::string problem = loop.verify(environment);
  if (!problem.empty()) return state.SkipWithError(problem.c_str());
  const auto requests = static_cast<double>(state.iterations());
  const double bytes = requests * static_cast<double>(load.request_bytes);
  set_rates(state, requests, bytes);
  ends.set(state, requests, bytes, Ends::Initiator::Libiscsi);
  set_percentiles(state, loop.latencies());
  environment.detail = {loop.latencies().percentiles_us(), loop.progress().bytes_per_interval()};
}

}  // namespace lockstep::bench
