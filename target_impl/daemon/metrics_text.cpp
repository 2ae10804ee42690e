#include "target_impl/daemon/metrics_text.hpp"

#include <array>
#include <cstdio>
#include <string_view>

namespace lockstep::target {
namespace {

constexpr std::array<std::string_view, 16> kSenseKeys{
    "no_sense",       "recovered_error", "not_ready",      "medium_error",
    "hardware_error", "illegal_request", "unit_attention", "data_protect",
    "blank_check",    "vendor_specific", "copy_aborted",   "aborted_command",
    "reserved",       "volume_overflow", "miscompare",     "completed"};

std::string decimal(double value) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.9g", value);
  return text.data();
}

class Writer {
 public:
  void family(std::string_view name, std::string_view type, std::string_view help) {
    name_ = name;
    text_ += "# HELP lockstep_";
    text_ += name;
    text_ += " ";
    text_ += help;
    text_ += "\n# TYPE lockstep_";
    text_ += name;
    text_ += " ";
    text_ += type;
    text_ += "\n";
  }
  void value(const std::string& value, const std::string& labels = "",
             std::string_view suffix = "") {
    text_ += "lockstep_";
    text_ += name_;
    text_ += suffix;
    text_ += labels.empty() ? "" : "{" + labels + "}";
    text_ += " " + value + "\n";
  }
  void single(std::string_view name, std::string_view type, std::string_view help,
              std::uint64_t number) {
    family(name, type, help);
    value(std::to_string(number));
  }
  [[nodiscard]] std::string take() { return std::move(text_); }

 private:
  std::string text_;
  std::string_view name_;
};

std::string label(std::string_view key, std::string_view value) {
  return std::string(key) + "=\"" + std::string(value) + "\"";
}

void write_times(Writer& out, const CommandTotals& totals) {
  out.family("command_seconds", "histogram",
             "Time that the device server works on a command, of one in 64");
  std::uint64_t below = 0;
  for (std::size_t i = 0; i != kTimeBuckets; ++i) {
    below += totals.times.at(i);
    out.value(std::to_string(below), label("le", decimal(static_cast<double>(1ULL << i) / 1e6)),
              "_bucket");
  }
  const std::uint64_t all = below + totals.times.back();
  out.value(std::to_string(all), label("le", "+Inf"), "_bucket");
  out.value(decimal(static_cast<double>(totals.time_ns) / 1e9), "", "_sum");
  out.value(std::to_string(all), "", "_count");
}

}  // namespace

std::string metrics_text(const Metrics& metrics) {
  const CommandTotals& totals = metrics.commands;
  Writer out;
  out.single("sessions", "gauge", "Normal sessions in full feature phase",
             totals.sessions_started - totals.sessions_ended);
  out.single("sessions_total", "counter", "Normal sessions that have begun",
             totals.sessions_started);
  out.single("logins_refused_total", "counter", "Logins that ended without a session",
             totals.logins_refused);
  out.family("commands_total", "counter", "SCSI commands that have ended, by family");
  for (std::size_t i = 0; i != kCommandFamilies; ++i) {
    out.value(std::to_string(totals.commands.at(i)),
              label("family", family_text(static_cast<CommandFamily>(i))));
  }
  out.family("bytes_total", "counter", "Payload, by direction as the initiator sees it");
  out.value(std::to_string(totals.bytes_in), label("direction", "in"));
  out.value(std::to_string(totals.bytes_out), label("direction", "out"));
  out.family("check_conditions_total", "counter", "Commands that ended in CHECK CONDITION");
  for (std::size_t i = 0; i != kSenseKeys.size(); ++i) {
    if (totals.sense_keys.at(i) != 0) {
      out.value(std::to_string(totals.sense_keys.at(i)), label("sense_key", kSenseKeys.at(i)));
    }
  }
  out.single("other_statuses_total", "counter",
             "Commands that ended in neither GOOD nor CHECK CONDITION", totals.other_statuses);
  write_times(out, totals);
  out.single("connections", "gauge", "Connections, those that have not logged in included",
             metrics.usage.connections);
  out.single("memory_bytes", "gauge", "Memory that connections occupy", metrics.usage.memory_bytes);
  out.single("pool_used_bytes", "gauge", "Space that volumes and snapshots map",
             metrics.pool_used_bytes);
  out.single("pool_capacity_bytes", "gauge", "Space that they may map",
             metrics.pool_capacity_bytes);
  out.single("logical_units", "gauge", "Logical units that are served", metrics.logical_units);
  out.family("uptime_seconds", "gauge", "Time since the target began to serve");
  out.value(decimal(metrics.uptime_s));
  return out.take();
}

}  // namespace lockstep::target
