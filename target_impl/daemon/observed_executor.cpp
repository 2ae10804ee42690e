#include "target_impl/daemon/observed_executor.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <chrono>
#include <cstdio>
#include <utility>

namespace lockstep::target {
namespace {

constexpr std::uint8_t kMediumError = 3;
constexpr std::uint8_t kHardwareError = 4;

class CountingDataIn final : public scsi::DataIn {
 public:
  explicit CountingDataIn(scsi::DataIn& inner) : inner_(inner) {}
  [[nodiscard]] std::span<std::byte> claim(std::size_t bytes) override {
    bytes_ = bytes;
    return inner_.claim(bytes);
  }
  [[nodiscard]] std::shared_ptr<scsi::LateEnding> end_later() override {
    return inner_.end_later();
  }
  [[nodiscard]] store::PieceTaker* claim_pieces(std::size_t bytes) override {
    store::PieceTaker* taker = inner_.claim_pieces(bytes);
    bytes_ = taker != nullptr ? bytes : bytes_;
    return taker;
  }
  [[nodiscard]] std::size_t bytes() const noexcept { return bytes_; }

 private:
  scsi::DataIn& inner_;
  std::size_t bytes_ = 0;
};

std::uint8_t sense_key(const scsi::Response& response) noexcept { return response.sense[2] & 0x0f; }

std::string session_id(const scsi::Nexus& nexus) { return "s" + std::to_string(nexus.id); }

std::size_t bucket_of(std::uint64_t ns) noexcept {
  const std::uint64_t us = (ns + 999) / 1000;
  const auto bits = static_cast<std::size_t>(us <= 1 ? 0 : std::bit_width(us - 1));
  return std::min(bits, kTimeBuckets);
}

void count(CommandCounters::Slot& slot, const scsi::Command& command, std::size_t bytes_in,
           const scsi::Response& response) noexcept {
  const auto family = static_cast<std::size_t>(family_of(command.cdb[0]));
  add(slot.commands[family], 1);
  add(slot.bytes_out, command.data_out.size());
  if (response.status == scsi::Status::Good) {
    add(slot.bytes_in, bytes_in);
  } else if (response.status == scsi::Status::CheckCondition) {
    add(slot.sense_keys[sense_key(response)], 1);
  } else {
    add(slot.other_statuses, 1);
  }
}

}  // namespace

ObservedExecutor::ObservedExecutor(std::shared_ptr<iscsi::CommandExecutor> inner,
                                   Observation observation)
    : inner_(std::move(inner)), observation_(observation) {}

void ObservedExecutor::nexus_started(const scsi::Nexus& nexus) {
  inner_->nexus_started(nexus);
  if (observation_.counters != nullptr) {
    add(observation_.counters->mine().sessions_started, 1);
  }
  if (observation_.log != nullptr) {
    observation_.log->write(LogLevel::Info, "iscsi", session_id(nexus), "session started",
                            {{"initiator", nexus.initiator_port}, {"target", nexus.target_port}});
  }
}

void ObservedExecutor::nexus_lost(const scsi::Nexus& nexus) {
  inner_->nexus_lost(nexus);
  if (observation_.counters != nullptr) {
    add(observation_.counters->mine().sessions_ended, 1);
  }
  if (observation_.log != nullptr) {
    observation_.log->write(LogLevel::Info, "iscsi", session_id(nexus), "session ended",
                            {{"initiator", nexus.initiator_port}});
  }
}

void ObservedExecutor::execute(const scsi::Nexus& nexus, std::uint16_t lun,
                               const scsi::Command& command, scsi::DataIn& data_in,
                               scsi::Response& response) {
  CountingDataIn counting(data_in);
  if (observation_.counters == nullptr) {
    inner_->execute(nexus, lun, command, counting, response);
  } else {
    CommandCounters::Slot& slot = observation_.counters->mine();
    const auto family = static_cast<std::size_t>(family_of(command.cdb[0]));
    const bool timed = slot.commands[family].load(std::memory_order_relaxed) % kTimedOneIn == 0;
    const auto begin =
        timed ? std::chrono::steady_clock::now() : std::chrono::steady_clock::time_point{};
    inner_->execute(nexus, lun, command, counting, response);
    if (timed) {
      const auto ns = static_cast<std::uint64_t>(
          std::chrono::nanoseconds(std::chrono::steady_clock::now() - begin).count());
      add(slot.times[bucket_of(ns)], 1);
      add(slot.time_ns, ns);
    }
    count(slot, command, counting.bytes(), response);
  }
  if (response.status != scsi::Status::Good && observation_.log != nullptr) {
    log_failure(nexus, lun, command, response);
  }
}

bool ObservedExecutor::manage(const scsi::Nexus& nexus, std::uint16_t lun,
                              scsi::TaskManagement function) {
  const bool done = inner_->manage(nexus, lun, function);
  if (observation_.log != nullptr && observation_.log->shows(LogLevel::Info)) {
    observation_.log->write(LogLevel::Info, "scsi", session_id(nexus) + "/" + std::to_string(lun),
                            "task management",
                            {{"function", std::to_string(static_cast<unsigned>(function))},
                             {"outcome", done ? "done" : "no such logical unit"}});
  }
  return done;
}

void ObservedExecutor::log_failure(const scsi::Nexus& nexus, std::uint16_t lun,
                                   const scsi::Command& command, const scsi::Response& response) {
  const bool is_check = response.status == scsi::Status::CheckCondition;
  const bool is_grave =
      is_check && (sense_key(response) == kMediumError || sense_key(response) == kHardwareError);
  const LogLevel level = is_grave ? LogLevel::Error : LogLevel::Debug;
  if (!observation_.log->shows(level)) {
    return;
  }
  std::array<char, 8> operation{};
  std::array<char, 16> sense{};
  std::snprintf(operation.data(), operation.size(), "%02xh", unsigned{command.cdb[0]});
  std::snprintf(sense.data(), sense.size(), "%x/%02x%02x",
                is_check ? unsigned{sense_key(response)} : 0U, unsigned{response.sense[12]},
                unsigned{response.sense[13]});
  observation_.log->write(level, "scsi", session_id(nexus) + "/" + std::to_string(lun),
                          "command failed",
                          {{"operation", operation.data()},
                           {"status", std::to_string(static_cast<unsigned>(response.status))},
                           {"sense", sense.data()}});
}

}  // namespace lockstep::target
