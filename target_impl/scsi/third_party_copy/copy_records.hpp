// What the inquiries about copies answer from: one record for each copy, found by the nexus that
// asked for it and its list identifier (SPC-4 5.17.4). An eight-bit identifier is the same number.
#pragma once

#include "target_impl/scsi/sense.hpp"
#include "target_impl/scsi/third_party_copy/rod_token.hpp"

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>

namespace lockstep::scsi {

// SPC-4 table 227 (COPY OPERATION STATUS).
enum class CopyState : std::uint8_t {
  Completed = 0x01,
  WithErrors = 0x02,
  PartialUse = 0x03,  // without error, but fewer blocks than asked for
  InForeground = 0x11,
  InBackground = 0x12,
  Terminated = 0x60,
};

[[nodiscard]] constexpr bool is_running(CopyState state) noexcept {
  return state == CopyState::InForeground || state == CopyState::InBackground;
}

// The service actions of operation code 83h.
enum class CopyCommand : std::uint8_t {
  ExtendedCopy = 0x00,
  PopulateToken = 0x10,
  WriteUsingToken = 0x11,
};

struct CopyProgress {
  CopyState state = CopyState::InForeground;
  Status completion = Status::Good;
  std::optional<Sense> sense;
  std::uint64_t transferred = 0;  // ExtendedCopy: bytes; else: blocks of the logical unit
  std::uint16_t segments = 0;
  std::uint16_t operations = 0;  // wraps; grows with each step
  std::optional<TokenBytes> token;
  bool status_read = false;  // ExtendedCopy: the status is handed out once
};

// Thread-safe.
class CopyRecord {
 public:
  CopyRecord(CopyCommand command, std::uint16_t lun) : command_(command), lun_(lun) {}

  [[nodiscard]] CopyCommand command() const noexcept { return command_; }
  [[nodiscard]] std::uint16_t lun() const noexcept { return lun_; }
  [[nodiscard]] CopyProgress get() const {
    const std::lock_guard lock(mutex_);
    return progress_;
  }
  template <class Change>
  void update(Change&& change) {
    const std::lock_guard lock(mutex_);
    change(progress_);
  }

 private:
  const CopyCommand command_;
  const std::uint16_t lun_;
  mutable std::mutex mutex_;
  CopyProgress progress_;
};

// Thread-safe.
class CopyRecords {
 public:
  explicit CopyRecords(std::size_t max_per_nexus) : max_per_nexus_(max_per_nexus) {}

  enum class IfRunning : std::uint8_t { Refuse, Replace };
  struct Started {
    std::shared_ptr<CopyRecord> record;  // null: refused
    bool in_progress = false;            // why: the identifier belongs to a copy that runs
  };
  // A record in the place of the one before. When the nexus has too many, the oldest that has
  // ended is dropped.
  [[nodiscard]] Started start(std::uint64_t nexus, std::uint32_t list_identifier,
                              std::shared_ptr<CopyRecord> record, IfRunning if_running);
  [[nodiscard]] std::shared_ptr<CopyRecord> find(std::uint64_t nexus,
                                                 std::uint32_t list_identifier) const;
  void drop(std::uint64_t nexus, std::uint32_t list_identifier);
  void drop_nexus(std::uint64_t nexus);
  // nullopt: those of every logical unit.
  void drop_unit(std::optional<std::uint16_t> lun);

 private:
  struct Entry {
    std::shared_ptr<CopyRecord> record;
    std::uint64_t order;
  };
  using Key = std::pair<std::uint64_t, std::uint32_t>;
  using Entries = std::map<Key, Entry>;
  [[nodiscard]] bool make_room(std::uint64_t nexus);

  const std::size_t max_per_nexus_;
  mutable std::mutex mutex_;
  Entries entries_;
  std::uint64_t last_ = 0;
};

}  // namespace lockstep::scsi
