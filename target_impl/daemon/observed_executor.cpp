#include "target_impl/daemon/observed_executor.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <bit>
#include <chrono>
#include <cstdio>
#include <utility>

namespace lockstep::target {
namespace {

constexpr std::uint8_t kMediumError = 3;
constexpr std::uint8_t kHardwareError = 4;

struct ShownSense {
  std::uint8_t key = 0;
  std::uint8_t code = 0;
  std::uint8_t qualifier = 0;
};

// In either format of SPC-4 4.5: which of them is the initiator's choice (D_SENSE).
ShownSense sense_of(const scsi::Response& response) noexcept {
  constexpr std::uint8_t kDescriptorFormat = 0x72;
  const auto& bytes = response.sense;
  if ((bytes[0] & 0x7f) == kDescriptorFormat) {
    return {static_cast<std::uint8_t>(bytes[1] & 0x0f), bytes[2], bytes[3]};
  }
  return {static_cast<std::uint8_t>(bytes[2] & 0x0f), bytes[12], bytes[13]};
}

std::string session_id(std::uint64_t nexus) { return "s" + std::to_string(nexus); }

std::size_t bucket_of(std::uint64_t ns) noexcept {
  const std::uint64_t us = (ns + 999) / 1000;
  const auto bits = static_cast<std::size_t>(us <= 1 ? 0 : std::bit_width(us - 1));
  return std::min(bits, kTimeBuckets);
}

void count(CommandCounters::Slot& slot, const CommandFacts& facts, std::size_t bytes_in,
           const scsi::Response& response) noexcept {
  const auto family = static_cast<std::size_t>(family_of(facts.operation_code));
  add(slot.commands[family], 1);
  add(slot.bytes_out, facts.bytes_out);
  if (response.status == scsi::Status::Good || response.status == scsi::Status::ConditionMet) {
    add(slot.bytes_in, bytes_in);
  } else if (response.status == scsi::Status::CheckCondition) {
    add(slot.sense_keys[sense_of(response).key], 1);
  } else {
    add(slot.other_statuses, 1);
  }
}

void log_failure(Log& log, const CommandFacts& facts, const scsi::Response& response) {
  const bool is_check = response.status == scsi::Status::CheckCondition;
  const ShownSense shown = is_check ? sense_of(response) : ShownSense{};
  const bool is_grave = shown.key == kMediumError || shown.key == kHardwareError;
  const LogLevel level = is_grave ? LogLevel::Error : LogLevel::Debug;
  if (!log.shows(level)) {
    return;
  }
  std::array<char, 8> operation{};
  std::array<char, 16> sense{};
  std::snprintf(operation.data(), operation.size(), "%02xh", unsigned{facts.operation_code});
  std::snprintf(sense.data(), sense.size(), "%x/%02x%02x", unsigned{shown.key},
                unsigned{shown.code}, unsigned{shown.qualifier});
  log.write(level, "scsi", session_id(facts.nexus) + "/" + std::to_string(facts.lun),
            "command failed",
            {{"operation", operation.data()},
             {"status", std::to_string(static_cast<unsigned>(response.status))},
             {"sense", sense.data()}});
}

void observe(const Observation& observation, const CommandFacts& facts, std::size_t bytes_in,
             const scsi::Response& response) {
  if (observation.counters != nullptr) {
    count(observation.counters->mine(), facts, bytes_in, response);
  }
  if (response.status != scsi::Status::Good && observation.log != nullptr) {
    log_failure(*observation.log, facts, response);
  }
}

// A command that outlasts its execution is observed when it ends, on whatever thread that is.
class ObservedEnding final : public scsi::LateEnding {
 public:
  ObservedEnding(std::shared_ptr<scsi::LateEnding> inner, Observation observation,
                 CommandFacts facts)
      : inner_(std::move(inner)), observation_(observation), facts_(facts) {}
  void end(const scsi::Response& response) override {
    if (!ended_.exchange(true)) {
      observe(observation_, facts_, 0, response);
    }
    inner_->end(response);
  }

 private:
  const std::shared_ptr<scsi::LateEnding> inner_;
  const Observation observation_;
  const CommandFacts facts_;
  std::atomic<bool> ended_{false};
};

class ObservedDataIn final : public scsi::DataIn {
 public:
  ObservedDataIn(scsi::DataIn& inner, const Observation& observation, const CommandFacts& facts)
      : inner_(inner), observation_(observation), facts_(facts) {}
  [[nodiscard]] std::span<std::byte> claim(std::size_t bytes) override {
    bytes_ = bytes;
    return inner_.claim(bytes);
  }
  [[nodiscard]] std::shared_ptr<scsi::LateEnding> end_later() override {
    auto ending = inner_.end_later();
    if (ending == nullptr) {
      return ending;
    }
    is_late_ = true;
    return std::make_shared<ObservedEnding>(std::move(ending), observation_, facts_);
  }
  [[nodiscard]] store::PieceTaker* claim_pieces(std::size_t bytes) override {
    store::PieceTaker* taker = inner_.claim_pieces(bytes);
    bytes_ = taker != nullptr ? bytes : bytes_;
    return taker;
  }
  [[nodiscard]] std::size_t bytes() const noexcept { return bytes_; }
  [[nodiscard]] bool is_late() const noexcept { return is_late_; }

 private:
  scsi::DataIn& inner_;
  const Observation& observation_;
  const CommandFacts& facts_;
  std::size_t bytes_ = 0;
  bool is_late_ = false;
};

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
    observation_.log->write(LogLevel::Info, "iscsi", session_id(nexus.id), "session started",
                            {{"initiator", nexus.initiator_port}, {"target", nexus.target_port}});
  }
}

void ObservedExecutor::nexus_lost(const scsi::Nexus& nexus) {
  inner_->nexus_lost(nexus);
  if (observation_.counters != nullptr) {
    add(observation_.counters->mine().sessions_ended, 1);
  }
  if (observation_.log != nullptr) {
    observation_.log->write(LogLevel::Info, "iscsi", session_id(nexus.id), "session ended",
                            {{"initiator", nexus.initiator_port}});
  }
}

void ObservedExecutor::execute(const scsi::Nexus& nexus, std::uint16_t lun,
                               const scsi::Command& command, scsi::DataIn& data_in,
                               scsi::Response& response) {
  const CommandFacts facts{nexus.id, lun, command.cdb[0], command.data_out.size()};
  ObservedDataIn observed(data_in, observation_, facts);
  if (observation_.counters == nullptr) {
    inner_->execute(nexus, lun, command, observed, response);
  } else {
    CommandCounters::Slot& slot = observation_.counters->mine();
    const auto family = static_cast<std::size_t>(family_of(facts.operation_code));
    const bool timed = slot.commands[family].load(std::memory_order_relaxed) % kTimedOneIn == 0;
    const auto begin =
        timed ? std::chrono::steady_clock::now() : std::chrono::steady_clock::time_point{};
    inner_->execute(nexus, lun, command, observed, response);
    if (timed) {
      const auto ns = static_cast<std::uint64_t>(
          std::chrono::nanoseconds(std::chrono::steady_clock::now() - begin).count());
      add(slot.times[bucket_of(ns)], 1);
      add(slot.time_ns, ns);
    }
  }
  if (!observed.is_late()) {
    observe(observation_, facts, observed.bytes(), response);
  }
}

bool ObservedExecutor::manage(const scsi::Nexus& nexus, std::uint16_t lun,
                              scsi::TaskManagement function) {
  const bool done = inner_->manage(nexus, lun, function);
  if (observation_.log != nullptr && observation_.log->shows(LogLevel::Info)) {
    observation_.log->write(LogLevel::Info, "scsi",
                            session_id(nexus.id) + "/" + std::to_string(lun), "task management",
                            {{"function", std::to_string(static_cast<unsigned>(function))},
                             {"outcome", done ? "done" : "no such logical unit"}});
  }
  return done;
}

}  // namespace lockstep::target
