// A run's folder: out/run-<utc>-<id>/ with records.jsonl and the reports rendered from it.
#pragma once

#include "model/port/provider.hpp"
#include "model/vocab/error.hpp"
#include "reports/record/store.hpp"
#include "reports/render.hpp"

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace lockstep::cli {

class RunFolder {
 public:
  // Makes the folder and writes the header line. `command` is the subcommand's name; the provider
  // is asked for its identity. Not writable: Origin::Config, naming the folder.
  [[nodiscard]] static Result<RunFolder> open(const std::string& out, report::RunHeader header);

  // Goes on with the folder of a run that was cut off.
  [[nodiscard]] static Result<RunFolder> resume(const std::filesystem::path& folder);

  [[nodiscard]] const std::filesystem::path& path() const noexcept { return writer_->folder(); }
  [[nodiscard]] Status append(const report::Line& line) { return writer_->append(line); }

  // Appends the summary, renders every report from the records as they stand in the file, and
  // points out/latest to the folder.
  [[nodiscard]] Status close(const report::RunSummary& summary);
  // The same for a run that is cut off here: without a summary, so that it can be told from a whole
  // one and gone on with.
  [[nodiscard]] Status leave();

 private:
  std::filesystem::path out_;
  std::unique_ptr<report::RecordWriter> writer_;
};

// Header with time, id, host, provider and how that was reached filled in.
[[nodiscard]] Result<report::RunHeader> make_header(const std::string& command,
                                                    const std::string& provider_spec,
                                                    std::uint64_t seed, Provider* provider);

// What the catalogue says of each clause; nothing for a run of another version, whose catalogue may
// have said otherwise.
[[nodiscard]] std::vector<report::ClauseText> clause_texts(const report::RunHeader& header);

// Renders report.html, junit.xml and summary.md into `folder`.
[[nodiscard]] Status render_all(const std::filesystem::path& folder);
// Writes a whole file by way of a temporary one.
[[nodiscard]] Status write_file(const std::filesystem::path& file, const std::string& text);

}  // namespace lockstep::cli
