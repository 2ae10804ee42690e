// Counts what passes through a command executor, and logs sessions and the errors that an operator
// must know of: medium and hardware errors, and, at level debug, every command that failed.
#pragma once

#include "target_impl/daemon/command_counters.hpp"
#include "target_impl/daemon/log.hpp"
#include "target_impl/iscsi/executor.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

namespace lockstep::target {

// Both may be null; both must outlive the server.
struct Observation {
  CommandCounters* counters = nullptr;
  Log* log = nullptr;
};

// What is told of a command, without what it borrowed: it may end late.
struct CommandFacts {
  std::uint64_t nexus = 0;
  std::uint16_t lun = 0;
  std::uint8_t operation_code = 0;
  std::size_t bytes_out = 0;
};

class ObservedExecutor final : public iscsi::CommandExecutor {
 public:
  ObservedExecutor(std::shared_ptr<iscsi::CommandExecutor> inner, Observation observation);

  [[nodiscard]] const std::string& target_name() const noexcept override {
    return inner_->target_name();
  }
  void nexus_started(const scsi::Nexus& nexus) override;
  void nexus_lost(const scsi::Nexus& nexus) override;
  void execute(const scsi::Nexus& nexus, std::uint16_t lun, const scsi::Command& command,
               scsi::DataIn& data_in, scsi::Response& response) override;
  [[nodiscard]] store::Landing land(const scsi::Nexus& nexus, std::uint16_t lun,
                                    std::span<const std::uint8_t, 16> cdb,
                                    std::size_t bytes) override {
    return inner_->land(nexus, lun, cdb, bytes);
  }
  [[nodiscard]] bool reads_once(std::span<const std::uint8_t, 16> cdb) const noexcept override {
    return inner_->reads_once(cdb);
  }
  [[nodiscard]] std::optional<bool> attention_pending(const scsi::Nexus& nexus,
                                                      std::uint16_t lun) override {
    return inner_->attention_pending(nexus, lun);
  }
  [[nodiscard]] bool manage(const scsi::Nexus& nexus, std::uint16_t lun,
                            scsi::TaskManagement function) override;

 private:
  const std::shared_ptr<iscsi::CommandExecutor> inner_;
  const Observation observation_;
};

}  // namespace lockstep::target
