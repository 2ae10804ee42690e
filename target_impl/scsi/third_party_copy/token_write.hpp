// A WRITE USING TOKEN on its way: carried out in steps, on the command's own thread or in the
// background.
#pragma once

#include "target_impl/scsi/third_party_copy/copy_parameters.hpp"
#include "target_impl/scsi/third_party_copy/copy_records.hpp"
#include "target_impl/scsi/third_party_copy/rod_tokens.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

namespace lockstep::scsi {

// Not thread-safe, but each step may run on another thread.
class TokenWrite {
 public:
  struct Order {
    std::vector<BlockSpan> ranges;      // of the destination; none empty, none overlapping
    std::optional<RodTokens::Use> use;  // none: the zero token
    std::uint64_t offset = 0;           // of the first byte in the ROD, inside it
    bool delete_token = false;
    bool in_background = false;  // there is no command to wait for the disk
  };
  TokenWrite(const Nexus& nexus, std::uint16_t lun, std::shared_ptr<LogicalUnit> unit,
             std::shared_ptr<CopyRecord> record, Order order);

  enum class Step : std::uint8_t { More, Ended };
  // Copies some of it. Refusals of the logical unit, which may have changed meanwhile, end it.
  [[nodiscard]] Step step();
  // Ends it before its time: what is missing is reported as underrun, or the copy as terminated.
  void stop_short();
  void terminate();

  // How many bytes were copied rather than shared.
  [[nodiscard]] std::uint64_t moved_bytes() const noexcept { return moved_bytes_; }
  [[nodiscard]] std::uint16_t lun() const noexcept { return lun_; }
  [[nodiscard]] const CopyRecord& record() const noexcept { return *record_; }

 private:
  [[nodiscard]] store::WriteResult copy_some();
  [[nodiscard]] store::WriteResult zero_run(std::uint64_t destination, std::uint64_t bytes);
  [[nodiscard]] store::WriteResult copy_run(std::uint64_t destination, std::uint64_t most);
  [[nodiscard]] store::WriteResult write_padded_block(std::uint64_t destination);
  void advance(std::uint64_t bytes) noexcept;
  void report_progress();
  void finish();
  void finish(CopyState state, Status completion, std::optional<Sense> sense);

  const Nexus nexus_;
  const std::uint16_t lun_;
  const std::shared_ptr<LogicalUnit> unit_;
  const std::shared_ptr<CopyRecord> record_;
  Order order_;
  const std::uint64_t block_bytes_;
  std::uint64_t wanted_ = 0;     // bytes that the ranges have
  std::uint64_t available_ = 0;  // of those, bytes that the ROD has
  std::uint64_t done_ = 0;       // bytes of the ranges that are written
  std::size_t range_ = 0;        // where the next byte goes
  std::uint64_t in_range_ = 0;   // bytes of that range that are written
  std::uint64_t moved_bytes_ = 0;
};

}  // namespace lockstep::scsi
