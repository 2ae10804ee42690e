// How the LUN of a provider's volume is found, as the user writes it down (docs/running.md).
#pragma once

#include "model/vocab/error.hpp"

#include <chrono>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace lockstep::conformance {

struct DataAccessRule {
  enum class By : std::uint8_t {
    Identifier,  // the NAA identifier of VPD page 83h, under one of the portals
    Serial,      // the unit serial number of VPD page 80h, under one of the portals
    Name,        // a URL with the volume's name in it
    Table,       // URLs by volume name
    Command,     // a program that exposes the volume and prints the URL
  };
  By by = By::Identifier;
  std::string volumes = "*";                // glob over the names of the volumes that it is for
  std::string url;                          // Name; {name} and {lower_name} stand in it
  std::map<std::string, std::string> urls;  // Table
  // Command: program and arguments, in which {name}, {path}, {identifier} and {serial} stand.
  std::vector<std::string> command;
  friend bool operator==(const DataAccessRule&, const DataAccessRule&) = default;
};

struct DataAccessRules {
  std::vector<std::string> portals;   // iscsi://host[:port]/iqn
  std::vector<DataAccessRule> rules;  // tried in this order; none: by identifier
  std::chrono::milliseconds command_time{20'000};
};

// A TOML file of at most 256 KiB. Not readable, no TOML, a key that is not known, missing or of
// another type, or a URL that is none: Origin::Config, naming file, rule and key.
[[nodiscard]] Result<DataAccessRules> read_data_access_rules(const std::string& file);
// The same from memory; `name` is for messages.
[[nodiscard]] Result<DataAccessRules> parse_data_access_rules(std::string_view text,
                                                              const std::string& name);

// "by command (lockstep-*), by serial", for reports.
[[nodiscard]] std::string to_text(const std::vector<DataAccessRule>& rules);

}  // namespace lockstep::conformance
