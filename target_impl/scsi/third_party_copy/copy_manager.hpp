// The copy manager of a target device (SPC-4 5.17.2): what its commands share.
#pragma once

#include "target_impl/scsi/third_party_copy/background_copies.hpp"
#include "target_impl/scsi/third_party_copy/copy_records.hpp"
#include "target_impl/scsi/third_party_copy/rod_tokens.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

namespace lockstep::scsi {

// Thread-safe.
class CopyManager {
 public:
  CopyManager(std::string target_name, std::shared_ptr<RodTokens> tokens);
  ~CopyManager();
  CopyManager(const CopyManager&) = delete;
  CopyManager& operator=(const CopyManager&) = delete;

  [[nodiscard]] const CopyLimits& limits() const noexcept { return tokens_->limits(); }
  [[nodiscard]] RodTokens& tokens() noexcept { return *tokens_; }
  [[nodiscard]] const std::shared_ptr<RodTokens>& shared_tokens() const noexcept { return tokens_; }
  [[nodiscard]] CopyRecords& records() noexcept { return records_; }
  [[nodiscard]] BackgroundCopies& background() noexcept { return background_; }

  // Copies go on, but their results can be asked for no more.
  void nexus_lost(std::uint64_t nexus) { records_.drop_nexus(nexus); }
  // Ends the copies that were asked of the logical unit; nullopt: of any. Tokens stay.
  void reset(std::optional<std::uint16_t> lun);

 private:
  const std::string target_name_;
  const std::shared_ptr<RodTokens> tokens_;
  CopyRecords records_;
  BackgroundCopies background_;
};

}  // namespace lockstep::scsi
