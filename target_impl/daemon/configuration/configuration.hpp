// Everything that `lockstep target --config FILE` can be told, as plain values.
#pragma once

#include "model/vocab/error.hpp"
#include "target_impl/daemon/log.hpp"
#include "target_impl/daemon/target_server.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace lockstep::target {

struct LunConfiguration {
  std::uint16_t number = 0;
  std::uint64_t bytes = 0;  // a whole number of blocks
  std::uint32_t block_bytes = 512;
  std::string volume;  // its name in the store; unique
  bool removable = false;
  bool read_only = false;
  bool write_cache = false;
  std::uint8_t physical_block_exponent = 0;  // logical blocks per physical block, as a power of two
  std::chrono::milliseconds sanitize_minimum{0};
  std::string vendor = "LOCKSTEP";
  std::string product = "lockstep volume";
  std::string serial;  // never empty: by default it follows from the volume's name
};

struct TargetConfiguration {
  std::string name;  // normalised
  iscsi::TargetAccess access;
  std::vector<LunConfiguration> luns;  // by number
};

struct Configuration {
  LogLevel log_level = LogLevel::Info;
  std::optional<std::string> store;           // directory; none: volumes live in memory
  std::uint64_t capacity_bytes = 0;           // of all volumes together; never 0 once read
  std::optional<std::uint16_t> metrics_port;  // on loopback; 0: any free one; none: no metrics
  TargetServerOptions server;
  std::vector<TargetConfiguration> targets;
};

// One line of the effective configuration: TOML, and where it comes from ("FILE:3", "default",
// "command line"; empty for headings).
struct EffectiveLine {
  std::string text;
  std::string origin;
};

struct ReadConfiguration {
  Configuration configuration;
  // Reads back as the same configuration. Secrets are not in it.
  std::vector<EffectiveLine> effective;
};

// What the command line says; stands above the file.
struct ConfigurationOverrides {
  std::optional<std::string> address;
  std::optional<std::uint16_t> port;
  std::optional<std::string> store;
  std::optional<std::uint16_t> metrics_port;
  std::optional<std::string> log_level;
  // Without a file: the sizes of LUNs 0, 1, … of one target.
  std::vector<std::uint64_t> lun_bytes;
};

// Reads and checks the file, its secrets included. Origin::Config; the message begins with
// FILE:LINE:COLUMN and the key, says what was expected and found, and never shows a secret.
[[nodiscard]] Result<ReadConfiguration> read_configuration(
    const std::string& file, const ConfigurationOverrides& overrides = {});
// Without a file: what the command line says and defaults.
[[nodiscard]] Result<ReadConfiguration> default_configuration(
    const ConfigurationOverrides& overrides);

// As one text, with the origins in a column of comments.
[[nodiscard]] std::string print_configuration(const std::vector<EffectiveLine>& effective);

}  // namespace lockstep::target
