// The subcommands' options, declared to CLI11, which stays inside this folder: one function for
// each, in files by what the subcommands are for. Internal.
#pragma once

#include "cli/options.hpp"
#include "model/vocab/error.hpp"

#include <CLI/CLI.hpp>

#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

namespace lockstep::cli {

// Adds subcommands to the program and remembers how each becomes a Command.
class Subcommands {
 public:
  // Called once parsing has succeeded; it owns what the options were read into.
  using Maker = std::function<Command()>;

  explicit Subcommands(CLI::App& program) : program_(program) {}
  // `examples`: lines that can be copied and run, each with a newline.
  CLI::App* add(const std::string& name, const std::string& what, const std::string& examples,
                Maker maker);
  [[nodiscard]] const std::map<std::string, Maker>& makers() const noexcept { return makers_; }

 private:
  CLI::App& program_;
  std::map<std::string, Maker> makers_;
};

void add_conform(Subcommands& subcommands);
void add_check(Subcommands& subcommands);
void add_bench(Subcommands& subcommands);
void add_gate(Subcommands& subcommands);
void add_target(Subcommands& subcommands);
void add_report(Subcommands& subcommands);
void add_compare(Subcommands& subcommands);
void add_replay(Subcommands& subcommands);
void add_list(Subcommands& subcommands);
void add_merge(Subcommands& subcommands);
void add_sweep(Subcommands& subcommands);
void add_recover(Subcommands& subcommands);
void add_baseline(Subcommands& subcommands);
void add_explain(Subcommands& subcommands);
void add_doctor(Subcommands& subcommands);
void add_killmatrix(Subcommands& subcommands);
void add_adapter(Subcommands& subcommands);

// What --provider takes.
inline constexpr const char* kProviders =
    "reference, reference:VARIANT, null, faulty:NAME, cimxml://HOST:PORT/NAMESPACE, the same with "
    "https, or exec:COMMAND";

[[nodiscard]] std::string footer_of(const std::string& examples);
[[nodiscard]] CLI::Validator duration_validator();
[[nodiscard]] CLI::Validator size_validator();

// The subcommand's options may come from a file (`target` has a file of another kind).
[[nodiscard]] bool has_options_file(const CLI::App& sub);
// What a file adds to a command line.
struct Configured {
  std::vector<std::string> arguments;
  std::set<std::string> names;  // of the options in them
};
// The table of a TOML file that is called after the subcommand, for whatever `sub`, which has been
// parsed, has no value yet. Errors: Origin::Config, naming file, line and key. A file cannot
// allow the loss of data.
[[nodiscard]] Result<Configured> read_configured(const CLI::App& program, const CLI::App& sub,
                                                 const std::string& file);
// The same of a text; `file` names it in messages.
[[nodiscard]] Result<Configured> parse_configured(const CLI::App& program, const CLI::App& sub,
                                                  const std::string& text, const std::string& file);
// What a run of the subcommand would be given, as such a file, with the origin of each value in a
// comment: command line, environment, file or default. Secrets are replaced. `arguments`: the
// command line; `configured`: options whose values came from the file.
[[nodiscard]] std::string effective_configuration(const CLI::App& sub,
                                                  const std::vector<std::string>& arguments,
                                                  const std::set<std::string>& configured);
// --config and --print-config; the parser carries them out.
void add_config(CLI::App* sub);
// SELECT, --exclude, --level, --feature, --tag, --failed, --from and --verdict.
void add_selection(CLI::App* sub, SelectionOptions& options);
// --allow-data-loss and --target.
void add_safety(CLI::App* sub, SafetyOptions& options);
// --portal, --data-access, --tls-ca, --tls-certificate, --tls-key and --tls-insecure.
void add_reach(CLI::App* sub, ReachOptions& options);
// The provider's address with all of that in it.
[[nodiscard]] std::string address_of(std::string provider, const ReachOptions& options);

}  // namespace lockstep::cli
