#include "bench/peers/copies.hpp"

#include "target_impl/copy/copy_engine.hpp"
#include "target_impl/initiator/initiator.hpp"

#include <chrono>
#include <cstring>
#include <future>
#include <optional>
#include <vector>

namespace lockstep::bench::peers {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds kLimit{120'000};
constexpr BlockSize kBlockSize{512};

double seconds_since(Clock::time_point begin) {
  return std::chrono::duration<double>(Clock::now() - begin).count();
}

}  // namespace

Result<double> copy_with_qemu(const Contender& on, const std::string& folder) {
  const auto begin = Clock::now();
  // The fastest it can be told to be: sixteen requests in flight, in any order, no search for
  // zeros.
  LOCKSTEP_TRY(Child child, Child::start({"qemu-img", "convert", "-n", "-m", "16", "-W", "-S", "0",
                                          "-f", "raw", "-O", "raw", on.url(0), on.url(1)},
                                         folder + "/qemu-img.log"));
  if (child.wait(kLimit) != 0) {
    return config_error("qemu-img convert failed on " + on.label +
                        "; is its iscsi driver installed (Debian: qemu-block-extra)?");
  }
  return seconds_since(begin);
}

Result<double> copy_with_engine(const Contender& on, std::uint64_t bytes, bool bypass) {
  const auto begin = Clock::now();
  copy::EngineOptions options;
  options.bypass = bypass;
  const auto engine = copy::CopyEngine::start(options);
  std::promise<std::optional<std::string>> ended;
  auto outcome = ended.get_future();
  copy::CopyRequest request;
  request.source = {on.portal, on.target_name, on.first_lun};
  request.target = {on.portal, on.target_name, static_cast<std::uint16_t>(on.first_lun + 1)};
  request.block_size = kBlockSize;
  request.ranges = {{Lba{0}, BlockCount{bytes / kBlockSize.bytes}}};
  request.transfer_bytes = 1 << 20;
  request.requests_in_flight = 8;
  request.finished = [&](copy::CopyResult result, const std::optional<Error>& error) {
    ended.set_value(result == copy::CopyResult::Done
                        ? std::nullopt
                        : std::optional(error ? error->message : std::string("copy: ended early")));
  };
  (void)engine->submit(std::move(request));
  if (outcome.wait_for(kLimit) != std::future_status::ready) {
    return target_error("copy on " + on.label + ": expected it to end within two minutes");
  }
  if (const auto failure = outcome.get()) return target_error(*failure);
  return seconds_since(begin);
}

double MemoryCopy::run() {
  const auto begin = Clock::now();
  std::memcpy(to_.data(), from_.data(), to_.size());
  return seconds_since(begin);
}

Result<bool> luns_are_equal(const Contender& on, std::uint64_t bytes) {
  LOCKSTEP_TRY(const auto session, initiator::Session::connect(on.portal, on.target_name));
  std::vector<std::byte> first(1 << 20);
  std::vector<std::byte> second(first.size());
  for (std::uint64_t at = 0; at < bytes; at += first.size()) {
    for (const auto& [lun, data] : {std::pair(0, &first), {1, &second}}) {
      const auto number = static_cast<std::uint16_t>(on.first_lun + lun);
      bool good = false;
      session->read(number, Lba{at / kBlockSize.bytes}, kBlockSize, *data,
                    [&](const initiator::Completion& done) {
                      good = done.outcome == initiator::Outcome::Answered && done.answer.good();
                    });
      LOCKSTEP_TRY(session->run_until_idle());
      if (!good) return target_error("comparing the LUNs of " + on.label + ": a READ failed");
    }
    if (first != second) return false;
  }
  return true;
}

}  // namespace lockstep::bench::peers
