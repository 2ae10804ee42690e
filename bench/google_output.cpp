#include "bench/google_output.hpp"

#include <fstream>
#include <sstream>

namespace lockstep::bench {

Status GoogleOutput::write(const std::string& file, Reporter& reporter) const {
  if (file.empty()) return ok();
  std::ofstream stream(file, std::ios::binary | std::ios::trunc);
  std::ostringstream complaints;
  reporter.SetOutputStream(&stream);
  reporter.SetErrorStream(&complaints);
  if (context_) reporter.ReportContext(*context_);
  if (!runs_.empty()) reporter.ReportRuns(runs_);
  reporter.Finalize();
  stream.flush();
  if (!stream) {
    return config_error("cannot write " + file + ": choose another file or make it writable");
  }
  return ok();
}

Status GoogleOutput::write_json(const std::string& file) const {
  benchmark::JSONReporter reporter;
  return write(file, reporter);
}

Status GoogleOutput::write_csv(const std::string& file) const {
// The library means to drop the format some day; until then its readers exist.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"
  benchmark::CSVReporter reporter;
#pragma GCC diagnostic pop
  return write(file, reporter);
}

}  // namespace lockstep::bench
