// lockstep doctor: what a run would need, and whether it is there.
#include "cli/commands.hpp"
#include "cli/console.hpp"
#include "cli/exit_codes.hpp"
#include "cli/run_folder.hpp"
#include "cli/version.hpp"
#include "conformance/providers/factory.hpp"
#include "conformance/suite/runner.hpp"
#include "target_impl/initiator/initiator.hpp"

#include <fmt/format.h>

#include <filesystem>

namespace lockstep::cli {
namespace {

// Prints one line and keeps the worst exit code.
class Findings {
 public:
  void good(const std::string& what, const std::string& fact) {
    print(fmt::format("{}  {:<14} {}", coloured(Colour::Green, "ok  "), what, fact));
  }
  void note(const std::string& what, const std::string& fact) {
    print(fmt::format("{}  {:<14} {}", coloured(Colour::Yellow, "note"), what, fact));
  }
  void bad(const std::string& what, const Error& error) {
    print(fmt::format("{}  {:<14} {}", coloured(Colour::Red, "BAD "), what, error.message));
    if (exit_code_ == kAsExpected) exit_code_ = exit_code_of(error);
  }
  [[nodiscard]] int exit_code() const noexcept { return exit_code_; }

 private:
  int exit_code_ = kAsExpected;
};

void examine_url(const std::string& url, Findings& findings) {
  const auto parsed = initiator::parse_url(url);
  if (!parsed) return findings.bad("url", parsed.error());
  auto session = initiator::Session::connect(parsed.value().portal, parsed.value().target_name);
  if (!session) return findings.bad("url", session.error());
  const auto capacity = session.value()->capacity(parsed.value().lun);
  if (!capacity) return findings.bad("url", capacity.error());
  findings.good("url", fmt::format("{}: {} blocks of {} bytes", url, capacity.value().blocks.value,
                                   capacity.value().block_size.bytes));
}

void examine_provider(const std::string& spec, Findings& findings) {
  auto provider = conformance::make_provider(spec);
  if (!provider) return findings.bad("provider", provider.error());
  const auto identity = provider.value()->identity();
  if (!identity) return findings.bad("provider", identity.error());
  findings.good("provider", fmt::format("{} {} {}", identity.value().organisation,
                                        identity.value().product, identity.value().version));
  const auto capabilities = provider.value()->capabilities();
  if (!capabilities) return findings.bad("capabilities", capabilities.error());
  findings.good("capabilities",
                fmt::format("{} replication types, {} methods", capabilities.value().kinds.size(),
                            capabilities.value().methods.size()));
  if (provider.value()->data_path() == nullptr) {
    findings.note("data path", "none: clauses about bytes will be reported as not testable");
  } else {
    findings.good("data path", "volumes can be read and written");
  }
  if (provider.value()->fault_port() == nullptr) {
    findings.note("faults",
                  "none on demand: clauses that need one will be reported as not testable");
  } else {
    findings.good("faults",
                  fmt::format("{} kinds", provider.value()->fault_port()->supported().size()));
  }
}

void examine_folder(const std::string& out, Findings& findings) {
  const std::filesystem::path probe = std::filesystem::path(out) / "doctor.probe";
  std::error_code failed;
  std::filesystem::create_directories(out, failed);
  if (failed) {
    return findings.bad("output folder", config_error(fmt::format("--out {}: cannot be made: {}",
                                                                  out, failed.message())));
  }
  if (const auto written = write_file(probe, "probe\n"); !written)
    return findings.bad("output folder", written.error());
  std::filesystem::remove(probe, failed);
  findings.good("output folder", out);
}

}  // namespace

int run(const DoctorOptions& options) {
  Findings findings;
  findings.good("lockstep",
                fmt::format("{}, {} cases", kVersion, conformance::list_cases().size()));
  examine_folder(options.out, findings);
  if (options.url) {
    examine_url(*options.url, findings);
  } else {
    examine_provider(options.provider, findings);
  }
  return findings.exit_code();
}

}  // namespace lockstep::cli
