// lockstep doctor: what a run would need, and whether it is there.
#include "cli/commands.hpp"
#include "cli/console.hpp"
#include "cli/exit_codes.hpp"
#include "cli/run_folder.hpp"
#include "cli/run_provider.hpp"
#include "cli/version.hpp"
#include "conformance/providers/cimxml/examine.hpp"
#include "conformance/suite/runner.hpp"
#include "model/vocab/units_text.hpp"
#include "target_impl/initiator/initiator.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <sstream>
#include <unistd.h>

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

// Where on PATH a program is; empty: nowhere.
std::string place_of(const std::string& program) {
  const char* path = std::getenv("PATH");
  std::istringstream folders(path == nullptr ? "" : path);
  for (std::string folder; std::getline(folders, folder, ':');) {
    const std::string place = folder + "/" + program;
    if (::access(place.c_str(), X_OK) == 0) return place;
  }
  return {};
}

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

// What a provider shows and what a run could do with it. Reads only.
void examine_contents(Provider& provider, bool outside, Findings& findings) {
  const auto inventory = provider.inventory();
  if (!inventory) return findings.bad("inventory", inventory.error());
  std::string pools;
  for (const PoolView& pool : inventory.value().pools) {
    pools += fmt::format("{}{} ({} free)", pools.empty() ? "" : ", ",
                         pool.name.empty() ? pool.ref.path : pool.name,
                         byte_size_text(pool.remaining.value));
  }
  if (pools.empty()) {
    findings.bad("pools", provider_error("expected a pool to make volumes in, found none"));
  } else {
    findings.good("pools", pools);
  }
  findings.good(
      "volumes",
      fmt::format("{} volumes, {} groups, {} relationships", inventory.value().elements.size(),
                  inventory.value().groups.size(), inventory.value().relationships.size()));
  if (!outside) return;
  findings.note("permission",
                fmt::format("runs need --allow-data-loss and --target POOL; without, they end with "
                            "exit code {} and touch nothing",
                            static_cast<int>(kUsage)));
  DataPath* path = provider.data_path();
  if (path == nullptr) {
    return findings.note(
        "data access",
        "no --portal and no --data-access: clauses about bytes will be reported as "
        "not testable");
  }
  for (const ElementView& element : inventory.value().elements) {
    if (element.element_class != ElementClass::StorageVolume) continue;
    const std::string name = element.element_name.value_or(element.ref.path);
    const auto geometry = path->geometry(element.ref);
    if (!geometry) return findings.bad("data access", geometry.error());
    std::vector<std::byte> block(geometry.value().block_size.bytes);
    const auto read = path->read(element.ref, Lba{0}, block);
    if (!read) return findings.bad("data access", read.error());
    return findings.good(
        "data access", fmt::format("volume {}: {} blocks of {} bytes, block 0 {}", name,
                                   geometry.value().blocks.value, geometry.value().block_size.bytes,
                                   read.value().good() ? "read" : "refused"));
  }
  findings.note("data access", "there is no volume to try it on; a run makes its own");
}

// The way to an outside provider, so that what is wrong with it is said where it is wrong.
bool examine_way(const std::string& spec, Findings& findings) {
  if (!conformance::is_cimxml_url(spec)) return true;
  const auto url = conformance::parse_cimxml_url(spec);
  if (!url) {
    findings.bad("address", url.error());
    return false;
  }
  const auto credentials = conformance::cimxml_credentials_from_environment();
  if (!credentials) {
    findings.bad("credentials", credentials.error());
    return false;
  }
  findings.good("credentials", credentials.value().user.empty()
                                   ? "none in the environment"
                                   : "user " + credentials.value().user + ", from the environment");
  for (const conformance::ExaminedStep& step :
       conformance::examine_cimxml(url.value(), credentials.value())) {
    if (step.error) {
      findings.bad(step.what, *step.error);
      return false;
    }
    findings.good(step.what, step.found);
  }
  return true;
}

void examine_provider(const std::string& spec, Findings& findings) {
  if (!examine_way(spec, findings)) return;
  auto provider = open_provider(spec);
  if (!provider) return findings.bad("provider", provider.error());
  const auto identity = provider.value()->identity();
  if (!identity) return findings.bad("provider", identity.error());
  findings.good("provider", fmt::format("{} {} {}", identity.value().organisation,
                                        identity.value().product, identity.value().version));
  const auto capabilities = provider.value()->capabilities();
  if (!capabilities) return findings.bad("capabilities", capabilities.error());
  std::vector<conformance::CaseInfo> cases = conformance::list_cases();
  if (const auto found = conformance::find_skips(*provider.value(), cases); !found)
    return findings.bad("capabilities", found.error());
  const auto skips = std::count_if(cases.begin(), cases.end(),
                                   [](const auto& info) { return !info.skip.empty(); });
  findings.good("capabilities",
                fmt::format("{} replication types, {} methods; {} of {} cases would be skipped",
                            capabilities.value().kinds.size(), capabilities.value().methods.size(),
                            skips, cases.size()));
  const bool outside =
      dynamic_cast<conformance::OutsideProvider*>(provider.value().get()) != nullptr;
  if (!outside) {
    if (provider.value()->data_path() == nullptr) {
      findings.note("data path", "none: clauses about bytes will be reported as not testable");
    } else {
      findings.good("data path", "volumes can be read and written");
    }
  }
  if (provider.value()->fault_port() == nullptr) {
    findings.note("faults",
                  "none on demand: clauses that need one will be reported as not testable");
  } else {
    findings.good("faults",
                  fmt::format("{} kinds", provider.value()->fault_port()->supported().size()));
  }
  if (!capabilities.value().methods.empty()) examine_contents(*provider.value(), outside, findings);
}

// Programs of Debian packages that parts of lockstep work with. None is needed to judge a provider.
void examine_programs(Findings& findings) {
  struct Program {
    const char* name;
    const char* package;
    const char* purpose;
  };
  for (const Program& program :
       {Program{"iscsi-ls", "libiscsi-bin", "shows the LUNs of a target"},
        Program{"wbemcli", "sblim-wbemcli", "asks a CIM-XML server by hand"},
        Program{"tgtd", "tgt", "bench peers"}, Program{"qemu-img", "qemu-utils", "bench peers"}}) {
    const std::string place = place_of(program.name);
    if (place.empty()) {
      findings.note(program.name, fmt::format("not installed; {}: apt install {}", program.purpose,
                                              program.package));
    } else {
      findings.good(program.name, fmt::format("{}; {}", place, program.purpose));
    }
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
  examine_programs(findings);
  if (options.url) {
    examine_url(*options.url, findings);
  } else {
    examine_provider(options.provider, findings);
  }
  return findings.exit_code();
}

}  // namespace lockstep::cli
