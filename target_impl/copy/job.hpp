// One copy: which blocks are still to be moved, and the transfers that move them. Internal; used by
// the engine's thread only, but for Progress.
#pragma once

#include "target_impl/copy/buffers.hpp"
#include "target_impl/copy/copy_engine.hpp"
#include "target_impl/copy/links.hpp"

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

namespace lockstep::copy {

// Read by any thread.
struct Progress {
  std::atomic<std::uint64_t> written_bytes{0};
  std::uint64_t total_bytes = 0;
  [[nodiscard]] std::uint16_t percent() const noexcept;
};

class CopyJob {
 public:
  using Clock = std::chrono::steady_clock;

  CopyJob(CopyId id, CopyRequest request, std::shared_ptr<Progress> progress, Links& links,
          BufferPool& buffers);
  ~CopyJob();
  CopyJob(const CopyJob&) = delete;
  CopyJob& operator=(const CopyJob&) = delete;

  [[nodiscard]] CopyId id() const noexcept { return id_; }

  // Issues what may be issued. `share_bytes`: how much buffer space this copy may hold.
  void advance(std::size_t share_bytes);
  void set_paused(bool paused) noexcept { paused_ = paused; }
  void abort() noexcept { aborted_ = true; }
  // Nothing is under way and nothing is left to do.
  [[nodiscard]] bool ended() const noexcept;
  // When advance() should be called again even if nothing completes.
  [[nodiscard]] Clock::time_point next_attempt() const noexcept;
  // Tells the owner; call once, when ended.
  void report() noexcept;

 private:
  enum class State : std::uint8_t { Free, Waiting, Reading, Writing };
  struct Transfer {
    State state = State::Free;
    Lba first;
    BlockCount count;
    Buffer buffer;  // held from the READ on
    bool has_data = false;
    std::uint32_t failures = 0;
    std::uint32_t times_busy = 0;
    Clock::time_point not_before = Clock::time_point::min();
  };

  // The next piece of the ranges; false: none is left.
  bool assign_next(Transfer& transfer);
  void issue(Transfer& transfer, std::size_t share_bytes);
  void answered(Transfer& transfer, const initiator::Completion& completion);
  void failed(Transfer& transfer, const initiator::Completion& completion, std::size_t bytes);
  void drop_data(Transfer& transfer);
  void fail(Error error);
  [[nodiscard]] bool stopping() const noexcept { return aborted_ || failure_.has_value(); }
  [[nodiscard]] std::span<std::byte> data_of(const Transfer& transfer) const;
  [[nodiscard]] std::string describe(const Transfer& transfer) const;

  const CopyId id_;
  CopyRequest request_;
  const std::shared_ptr<Progress> progress_;
  Links& links_;
  BufferPool& buffers_;
  Link* source_ = nullptr;
  Link* target_ = nullptr;
  std::vector<Transfer> transfers_;  // never resized: commands point into it
  std::size_t range_ = 0;
  BlockCount offset_;  // within the range
  std::size_t under_way_ = 0;
  std::size_t held_bytes_ = 0;
  bool paused_ = false;
  bool aborted_ = false;
  std::optional<Error> failure_;
};

// What is wrong with a request, if anything.
[[nodiscard]] std::optional<Error> problem_of(const CopyRequest& request);
// Of all ranges; only for requests without a problem.
[[nodiscard]] std::uint64_t total_bytes_of(const CopyRequest& request);

}  // namespace lockstep::copy
