// lockstep report: renders a finished run again, or the measurements of several on one page.
#include "cli/commands.hpp"
#include "cli/console.hpp"
#include "cli/exit_codes.hpp"
#include "cli/run_folder.hpp"
#include "reports/record/schema.hpp"
#include "reports/record/store.hpp"
#include "reports/render.hpp"

namespace lockstep::cli {
namespace {

std::string render(const report::Run& run, const std::string& format) {
  if (format == "html") return report::to_html(run, clause_texts(run.header));
  if (format == "junit") return report::to_junit(run);
  return report::to_markdown(run);
}

int put_out(const ReportOptions& options, const std::string& text) {
  if (options.output.empty()) {
    print(text);
    return kAsExpected;
  }
  if (const auto written = write_file(options.output, text); !written) return fail(written.error());
  return kAsExpected;
}

int characterize(const ReportOptions& options) {
  std::vector<report::Run> runs;
  for (const std::string& path : options.runs) {
    auto read = report::read_run(path);
    if (!read) return fail(read.error());
    runs.push_back(std::move(read).value());
  }
  return put_out(options, report::to_characterization(runs));
}

}  // namespace

int run(const ReportOptions& options) {
  if (options.schema) return put_out(options, report::schema());
  if (options.format == "characterization") return characterize(options);
  const std::string& path = options.runs.front();
  const auto records = report::read_run(path);
  if (!records) return fail(records.error());
  if (options.format == "all") {
    std::filesystem::path folder = path;
    if (!std::filesystem::is_directory(folder)) folder = folder.parent_path();
    if (const auto rendered = render_all(folder); !rendered) return fail(rendered.error());
    print("report: " + (folder / "report.html").string());
    return kAsExpected;
  }
  return put_out(options, render(records.value(), options.format));
}

}  // namespace lockstep::cli
