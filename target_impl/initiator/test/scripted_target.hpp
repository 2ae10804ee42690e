// An iSCSI target that answers each SCSI command as the test says: unit attentions, silence,
// hang-ups and wrong lengths, none of which a working target can be asked for. Speaks just enough
// of RFC 7143 for libiscsi to log in; one thread, any number of connections.
#pragma once

#include "target_impl/initiator/test/listener.hpp"

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <thread>
#include <vector>

namespace lockstep::initiator {

struct ScriptedCommand {
  std::array<std::uint8_t, 16> cdb{};
  std::uint32_t expected_bytes = 0;
  std::span<const std::byte> data_out;
  std::size_t connection = 0;  // 0 for the first that was accepted

  [[nodiscard]] std::uint64_t lba() const;     // of READ(16) and WRITE(16)
  [[nodiscard]] std::uint32_t blocks() const;  // likewise
};

struct ScriptedReply {
  enum class Action : std::uint8_t { Answer, Silence, HangUp, RequestLogout };
  Action action = Action::Answer;
  std::uint8_t status = 0;
  std::uint8_t sense_key = 0;
  std::uint16_t asc_ascq = 0;
  std::vector<std::byte> data_in = {};  // at most 256 KiB
  std::uint32_t residual_overflow = 0;

  static ScriptedReply check(std::uint8_t key, std::uint16_t asc_ascq) {
    return {Action::Answer, 2, key, asc_ascq, {}, 0};
  }
  static ScriptedReply data(std::vector<std::byte> bytes) {
    return {Action::Answer, 0, 0, 0, std::move(bytes), 0};
  }
  static ScriptedReply only(Action action) { return {action, 0, 0, 0, {}, 0}; }
};

struct ScriptedLogin {
  std::uint16_t status = 0;  // class and detail; 0x0101: moved temporarily
  std::string target_address;
};

class ScriptedTarget {
 public:
  // Called on the target's own thread.
  using Script = std::function<ScriptedReply(const ScriptedCommand&)>;
  explicit ScriptedTarget(Script script, ScriptedLogin login = {});
  ~ScriptedTarget();
  [[nodiscard]] std::string portal() const { return listener_.portal(); }
  [[nodiscard]] std::size_t connections() const { return accepted_; }

 private:
  struct Connection {
    Descriptor socket;
    std::size_t number = 0;
    std::uint32_t stat_sn = 1;
  };
  void run();
  // False: the connection has ended.
  bool serve(Connection& connection);
  bool answer_login(Connection& connection, std::span<const std::byte> header);
  bool answer_command(Connection& connection, std::span<const std::byte> header,
                      std::span<const std::byte> data);
  bool send(Connection& connection, std::span<const std::byte> request,
            std::array<std::byte, 48>& header, std::span<const std::byte> data);

  Script script_;
  ScriptedLogin login_;
  Listener listener_;
  std::array<Descriptor, 2> stop_;  // a pipe
  std::atomic<std::size_t> accepted_{0};
  std::thread thread_;
};

}  // namespace lockstep::initiator
