// A device of one logical unit (number 0) that is an array of bytes: READ(10) and WRITE(10) count
// blocks of 512 bytes, everything else is refused. Records what the protocol layer tells it.
#pragma once

#include "target_impl/iscsi/bytes.hpp"
#include "target_impl/iscsi/executor.hpp"

#include <algorithm>
#include <cstring>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace lockstep::iscsi::test {

inline constexpr std::uint8_t kRead10 = 0x28;
inline constexpr std::uint8_t kWrite10 = 0x2A;
inline constexpr std::uint8_t kTestUnitReady = 0x00;
inline constexpr std::size_t kBlockBytes = 512;

class FakeExecutor final : public CommandExecutor {
 public:
  explicit FakeExecutor(std::string name = "iqn.2026-11.org.lockstep:fake",
                        std::size_t bytes = std::size_t{8} << 20)
      : medium(bytes), name_(std::move(name)) {
    for (std::size_t i = 0; i < bytes; ++i) {
      medium[i] = static_cast<std::byte>(i * 7 + i / 512);
    }
  }

  [[nodiscard]] const std::string& target_name() const noexcept override { return name_; }
  void nexus_started(const scsi::Nexus& nexus) override {
    events.push_back("started " + nexus.initiator_port);
    target_port = nexus.target_port;
    last_nexus = nexus;
  }
  void nexus_lost(const scsi::Nexus& nexus) override {
    events.push_back("lost " + nexus.initiator_port);
  }

  void execute(const scsi::Nexus& /*nexus*/, std::uint16_t lun, const scsi::Command& command,
               scsi::DataIn& data_in, scsi::Response& response) override {
    ++executed;
    const std::size_t offset = load_be32(command.cdb.data() + 2) * kBlockBytes;
    const std::size_t bytes = load_be16(command.cdb.data() + 7) * kBlockBytes;
    if (lun != 0) {
      return refuse(response, 0x2500);
    }
    if (command.cdb[0] == kTestUnitReady) {
      return;
    }
    if (offset + bytes > medium.size()) {
      return refuse(response, 0x2100);
    }
    store::PieceTaker* taker = nullptr;
    if (command.cdb[0] == kRead10 && lends) {
      taker = data_in.claim_pieces(bytes);
    }
    if (taker != nullptr) {
      // Pieces that fit neither segments nor words.
      constexpr std::size_t kPiece = 1001;
      for (std::size_t done = 0; done < bytes; done += kPiece) {
        taker->take(std::span(medium).subspan(offset + done, std::min(kPiece, bytes - done)), {});
      }
      ++lent;
    } else if (command.cdb[0] == kRead10) {
      const auto room = data_in.claim(bytes);
      std::copy_n(medium.begin() + static_cast<std::ptrdiff_t>(offset), bytes, room.begin());
    } else if (command.cdb[0] == kWrite10) {
      response.data_out_wanted = bytes;
      if (ends_late) endings.push_back(data_in.end_later());
      if (command.data_out_is_lent) lent_data.push_back(command.data_out.data());
      landed += command.landing != nullptr && command.landing->data() == command.data_out.data();
      const std::size_t count = std::min(bytes, command.data_out.size());
      std::copy_n(command.data_out.begin(), count,
                  medium.begin() + static_cast<std::ptrdiff_t>(offset));
    } else {
      refuse(response, 0x2000);
    }
  }

  [[nodiscard]] store::Landing land(const scsi::Nexus& /*nexus*/, std::uint16_t /*lun*/,
                                    std::span<const std::uint8_t, 16> cdb,
                                    std::size_t bytes) override {
    return lands && cdb[0] == kWrite10
               ? store::Landing::take(load_be32(cdb.data() + 2) * kBlockBytes, bytes)
               : store::Landing{};
  }
  [[nodiscard]] std::optional<bool> attention_pending(const scsi::Nexus& /*nexus*/,
                                                      std::uint16_t lun) override {
    return lun == 0 ? std::optional(attention) : std::nullopt;
  }
  [[nodiscard]] bool manage(const scsi::Nexus& /*nexus*/, std::uint16_t lun,
                            scsi::TaskManagement function) override {
    ++managed;
    last_function = function;
    return lun == 0;
  }

  std::vector<std::byte> medium;
  std::vector<std::string> events;
  std::string target_port;
  scsi::Nexus last_nexus;
  int executed = 0;
  int managed = 0;
  scsi::TaskManagement last_function{};
  bool attention = false;
  bool lends = false;  // large reads, in pieces
  int lent = 0;
  bool ends_late = false;  // writes, when somebody calls what is here
  std::vector<std::shared_ptr<scsi::LateEnding>> endings;
  bool lands = false;  // large writes
  [[nodiscard]] bool reads_once(std::span<const std::uint8_t, 16> cdb) const noexcept override {
    return cdb[0] == kWrite10;
  }
  std::vector<const std::byte*> lent_data;  // what data-out of writes was lent
  int landed = 0;

 private:
  static void refuse(scsi::Response& response, std::uint16_t code) {
    response.status = scsi::Status::CheckCondition;
    response.sense[0] = 0x70;
    response.sense[2] = 5;
    store_be16(response.sense.data() + 12, code);
  }
  std::string name_;
};

}  // namespace lockstep::iscsi::test
