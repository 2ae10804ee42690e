#include "cli/run_folder.hpp"

#include "cli/version.hpp"
#include "conformance/clauses/catalogue.hpp"
#include "conformance/providers/reached.hpp"
#include "model/core/rules.hpp"
#include "reports/render.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <chrono>
#include <ctime>
#include <fstream>
#include <random>
#include <sys/utsname.h>
#include <system_error>
#include <thread>
#include <unistd.h>

namespace lockstep::cli {
namespace {

namespace fs = std::filesystem;

std::string cpu_model() {
  std::ifstream file("/proc/cpuinfo");
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with("model name")) {
      const std::size_t colon = line.find(": ");
      return colon == std::string::npos ? line : line.substr(colon + 2);
    }
  }
  return "unknown";
}

std::tm utc_fields(std::time_t now) {
  std::tm fields{};
  gmtime_r(&now, &fields);
  return fields;
}

}  // namespace

Status write_file(const fs::path& file, const std::string& text) {
  const fs::path temporary = file.string() + ".tmp";
  {
    std::ofstream stream(temporary, std::ios::binary | std::ios::trunc);
    stream << text;
    stream.flush();
    if (!stream)
      return config_error("cannot write " + file.string() +
                          ": choose another folder or make it writable");
  }
  std::error_code failed;
  fs::rename(temporary, file, failed);
  if (failed) return config_error("cannot write " + file.string() + ": " + failed.message());
  return ok();
}

std::vector<report::ClauseText> clause_texts(const report::RunHeader& header) {
  std::vector<report::ClauseText> texts;
  if (header.suite_version != kVersion) return texts;
  for (const conformance::Clause& clause : conformance::catalogue()) {
    texts.push_back({clause.id, conformance::to_text(clause.level), clause.statement,
                     clause.observable, clause.source, clause.freedom});
  }
  for (const model::Rule& rule : model::rules()) {
    texts.push_back({std::string(rule.id), "rule of the oracle",
                     fmt::format("{}: {}", rule.applies, rule.statement), "",
                     std::string(rule.basis), ""});
  }
  return texts;
}

Result<report::RunHeader> make_header(const std::string& command, const std::string& provider_spec,
                                      std::uint64_t seed, Provider* provider) {
  report::RunHeader header;
  header.command = command;
  header.provider_spec = provider_spec;
  header.seed = seed;
  header.suite_version = kVersion;
  const std::tm now = utc_fields(std::time(nullptr));
  header.started_utc = fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", now);
  header.run_id =
      fmt::format("run-{:%Y%m%dT%H%M%SZ}-{:04x}", now, std::random_device{}() & 0xFFFFU);
  if (provider != nullptr) {
    LOCKSTEP_TRY(auto identity, provider->identity());
    header.provider_organisation = identity.organisation;
    header.provider_product = identity.product;
    header.provider_version = identity.version;
    if (const auto* reached = dynamic_cast<conformance::Reached*>(provider)) {
      header.configuration = reached->how_reached();
    }
  }
  header.configuration[kRevisionMember] = kRevision;
  utsname kernel{};
  if (uname(&kernel) == 0)
    header.host["kernel"] = fmt::format("{} {}", kernel.sysname, kernel.release);
  header.host["cpu"] = cpu_model();
  header.host["cores"] = std::to_string(std::thread::hardware_concurrency());
  return header;
}

Result<RunFolder> RunFolder::open(const std::string& out, report::RunHeader header) {
  RunFolder folder;
  folder.out_ = out;
  LOCKSTEP_TRY(folder.writer_, report::RecordWriter::create(folder.out_ / header.run_id));
  LOCKSTEP_TRY(folder.append(report::Line{std::move(header)}));
  return folder;
}

Status render_all(const fs::path& folder) {
  LOCKSTEP_TRY(const auto run, report::read_run(folder));
  LOCKSTEP_TRY(write_file(folder / "report.html", report::to_html(run, clause_texts(run.header))));
  LOCKSTEP_TRY(write_file(folder / "junit.xml", report::to_junit(run)));
  return write_file(folder / "summary.md", report::to_markdown(run));
}

Result<RunFolder> RunFolder::resume(const fs::path& path) {
  // out/latest may be what was named; the folder that it points to is meant.
  std::error_code failed;
  const fs::path real = fs::canonical(path, failed);
  RunFolder folder;
  folder.out_ = (failed ? path : real).parent_path();
  LOCKSTEP_TRY(folder.writer_, report::RecordWriter::resume(failed ? path : real));
  return folder;
}

Status RunFolder::close(const report::RunSummary& summary) {
  LOCKSTEP_TRY(append(report::Line{summary}));
  return leave();
}

Status RunFolder::leave() {
  LOCKSTEP_TRY(render_all(path()));
  std::error_code ignored;  // a folder that cannot hold links still has its reports
  const fs::path link = out_ / "latest";
  fs::remove(link, ignored);
  fs::create_directory_symlink(path().filename(), link, ignored);
  return ok();
}

}  // namespace lockstep::cli
