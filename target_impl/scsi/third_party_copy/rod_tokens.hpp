// The tokens of a process: which are alive and what they stand for, and why the dead ones died.
//
// A token outlives the session, and even the logical unit, that it came from, until it is deleted,
// cancelled or too old; it does not outlive the process. Tokens hold the extents of their images,
// so each has a time after which it is forgotten when it is not used, and one in all; a thread of
// the table lets go of those that are due. The reason is told for two lifetimes (SPC-4 5.17.6.7).
#pragma once

#include "target_impl/scsi/third_party_copy/copy_limits.hpp"
#include "target_impl/scsi/third_party_copy/rod.hpp"
#include "target_impl/scsi/third_party_copy/rod_token.hpp"

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <unordered_map>
#include <utility>
#include <variant>
#include <vector>

namespace lockstep::scsi {

// Thread-safe.
class RodTokens {
 public:
  using Instant = std::chrono::steady_clock::time_point;
  using Clock = std::function<Instant()>;

  // Without a clock, time is the steady clock's and a thread ends what is due. With one, what is
  // due ends when the table is next used.
  explicit RodTokens(CopyLimits limits = {}, Clock clock = {});
  ~RodTokens();
  RodTokens(const RodTokens&) = delete;
  RodTokens& operator=(const RodTokens&) = delete;

  // The table that the target devices of the process share.
  [[nodiscard]] static std::shared_ptr<RodTokens> of_process();

  [[nodiscard]] const CopyLimits& limits() const noexcept { return limits_; }

  // Target devices whose tokens are this table's. A name may be added several times.
  void add_target(const std::string& name);
  void remove_target(const std::string& name);

  struct Order {
    TokenFields fields;  // the identifier is chosen by the table
    std::shared_ptr<const Rod> rod;
    std::chrono::seconds inactivity{};
  };
  // The reason when there is no room (5/550C, 5/550D) or no randomness (4/4400).
  [[nodiscard]] std::variant<TokenBytes, Sense> create(Order order);

  // While it lives the token is not idle.
  class Use {
   public:
    Use(RodTokens& table, std::uint64_t identifier, std::shared_ptr<const Rod> rod) noexcept
        : table_(&table), identifier_(identifier), rod_(std::move(rod)) {}
    Use(Use&& other) noexcept
        : table_(std::exchange(other.table_, nullptr)),
          identifier_(other.identifier_),
          rod_(std::move(other.rod_)) {}
    Use& operator=(Use&&) = delete;
    Use(const Use&) = delete;
    Use& operator=(const Use&) = delete;
    ~Use();

    [[nodiscard]] const Rod& rod() const noexcept { return *rod_; }
    // No later use; those that have begun go on.
    void delete_token() const;

   private:
    RodTokens* table_;
    std::uint64_t identifier_;
    std::shared_ptr<const Rod> rod_;
  };
  // Any token but the zero token. The reason why it cannot be used, else.
  [[nodiscard]] std::variant<Use, AdditionalSense> redeem(TokenView token);

  // All tokens that stand for what was in `volume`: by the copy manager's own decision, as when the
  // content must not be had any more (5/2308), or an administrator's (5/2306).
  void cancel(const store::Volume& volume);
  void revoke_all();

  [[nodiscard]] std::size_t alive() const;

 private:
  struct Live {
    TokenBytes bytes;
    std::shared_ptr<const Rod> rod;
    Instant ends;
    std::chrono::seconds inactivity;
    Instant idle_since;
    std::uint32_t uses = 0;
    [[nodiscard]] Instant due() const {
      return uses != 0 ? ends : std::min(ends, idle_since + inactivity);
    }
  };
  struct Dead {
    TokenBytes bytes;
    AdditionalSense reason;
    Instant forgotten;
  };
  using Lives = std::unordered_map<std::uint64_t, Live>;
  // Images are let go of after the lock.
  using Released = std::vector<std::shared_ptr<const Rod>>;

  [[nodiscard]] static std::size_t cost_of(const Rod& rod) noexcept;
  [[nodiscard]] Instant now() const;
  void end(Lives::iterator live, AdditionalSense reason, Released& released);
  void end_due(Instant now, Released& released);
  void end_if(AdditionalSense reason, const std::function<bool(const Live&)>& chosen);
  void finish_use(std::uint64_t identifier);
  void delete_token(std::uint64_t identifier);
  void reap();

  const CopyLimits limits_;
  const Clock clock_;
  mutable std::mutex mutex_;
  // All below guarded by mutex_.
  Lives live_;
  std::size_t live_bytes_ = 0;
  std::unordered_map<std::uint64_t, Dead> dead_;
  std::deque<std::uint64_t> dead_order_;
  std::unordered_map<std::string, std::size_t> targets_;
  std::uint64_t next_identifier_ = 0;
  bool stopping_ = false;
  std::condition_variable changed_;
  std::thread reaper_;  // started with the first token
};

}  // namespace lockstep::scsi
