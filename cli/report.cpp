// lockstep report: renders a finished run again.
#include "cli/commands.hpp"
#include "cli/console.hpp"
#include "cli/exit_codes.hpp"
#include "cli/run_folder.hpp"
#include "reports/record/store.hpp"
#include "reports/render.hpp"

namespace lockstep::cli {
namespace {

std::string render(const report::Run& run, const std::string& format) {
  if (format == "html") return report::to_html(run, clause_texts(run.header));
  if (format == "junit") return report::to_junit(run);
  return report::to_markdown(run);
}

}  // namespace

int run(const ReportOptions& options) {
  const auto records = report::read_run(options.run);
  if (!records) return fail(records.error());
  if (options.format == "all") {
    std::filesystem::path folder = options.run;
    if (!std::filesystem::is_directory(folder)) folder = folder.parent_path();
    if (const auto rendered = render_all(folder); !rendered) return fail(rendered.error());
    print("report: " + (folder / "report.html").string());
    return kAsExpected;
  }
  const std::string text = render(records.value(), options.format);
  if (options.output.empty()) {
    print(text);
    return kAsExpected;
  }
  if (const auto written = write_file(options.output, text); !written) return fail(written.error());
  return kAsExpected;
}

}  // namespace lockstep::cli
