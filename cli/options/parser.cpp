#include "cli/exit_codes.hpp"
#include "cli/options/subcommands.hpp"
#include "cli/version.hpp"

#include <algorithm>
#include <optional>

namespace lockstep::cli {
namespace {

// Subcommands whose configuration is nothing but their options. `target` has a file, too, and
// prints its own.
bool prints_configuration(const CLI::App& sub) {
  const CLI::Option* flag = sub.get_option_no_throw("--print-config");
  return flag != nullptr && flag->count() > 0 && sub.get_name() != "target";
}

class Parser {
 public:
  explicit Parser(ProgramOptions& program)
      : app_(
            "Proves that block-storage replication providers do what they promise, and measures "
            "how fast.",
            "lockstep") {
    app_.set_version_flag("--version", kVersion);
    app_.footer(footer_of(
        "  lockstep conform                              try it on the built-in reference\n"
        "  lockstep check --provider reference --for 60s random sequences against the oracle\n"
        "  lockstep explain CER-34                       what a clause says and who tests it\n"));
    app_.add_option("--bypass", program.bypass,
                    "Shared memory instead of TCP between processes of this host, where the target "
                    "offers it: on, off, verbose (and say so for each connection)")
        ->check(CLI::IsMember({"on", "off", "verbose"}))
        ->capture_default_str()
        ->envname("LOCKSTEP_BYPASS");
    app_.require_subcommand(0, 1);
    add_conform(subcommands_);
    add_check(subcommands_);
    add_bench(subcommands_);
    add_gate(subcommands_);
    add_target(subcommands_);
    add_report(subcommands_);
    add_compare(subcommands_);
    add_replay(subcommands_);
    add_list(subcommands_);
    add_merge(subcommands_);
    add_sweep(subcommands_);
    add_recover(subcommands_);
    add_baseline(subcommands_);
    add_explain(subcommands_);
    add_doctor(subcommands_);
    add_killmatrix(subcommands_);
    add_adapter(subcommands_);
  }

  // Reads the command line, `given`, and behind it what a file adds. Nothing: it can be followed.
  std::optional<Stop> parse(const std::vector<std::string>& given, const Configured& configured) {
    if (given.empty()) return Stop{kUsage, app_.help()};
    const std::string& first = given.front();
    if (!first.empty() && first.front() != '-' && !subcommands_.makers().contains(first)) {
      return Stop{kUsage, "lockstep: unknown subcommand '" + first + "'; did you mean '" +
                              nearest(first, names()) + "'? `lockstep --help` lists all"};
    }
    if (resumes(given)) forget_environment();
    std::vector<std::string> all = given;
    all.insert(all.end(), configured.arguments.begin(), configured.arguments.end());
    std::reverse(all.begin(), all.end());  // as CLI11 takes a vector
    try {
      app_.parse(std::move(all));
    } catch (const CLI::CallForHelp&) {
      return Stop{kAsExpected, current().help()};
    } catch (const CLI::CallForAllHelp&) {
      return Stop{kAsExpected, app_.help("", CLI::AppFormatMode::All)};
    } catch (const CLI::CallForVersion&) {
      return Stop{kAsExpected, std::string("lockstep ") + kVersion};
    } catch (const CLI::ParseError& error) {
      return Stop{kUsage, command() + ": " + error.what() + "; see `" + command() + " --help`"};
    }
    return std::nullopt;
  }

  // What the file named by --config adds to what has been parsed.
  [[nodiscard]] std::variant<Configured, Stop> configured() const {
    const CLI::App& sub = current();
    if (!has_options_file(sub)) return Configured{};
    const CLI::Option* option = sub.get_option("--config");
    if (option->count() == 0) return Configured{};
    auto read = read_configured(app_, sub, option->as<std::string>());
    if (!read) return Stop{kUsage, command() + ": " + read.error().message};
    return std::move(read.value());
  }

  // `given`: the command line; `configured`: what has been added to it.
  std::variant<Command, Stop> follow(const std::vector<std::string>& given,
                                     const Configured& configured) {
    if (prints_configuration(current()))
      return Stop{kAsExpected, effective_configuration(current(), given, configured.names)};
    return subcommands_.makers().at(current().get_name())();
  }

 private:
  static bool resumes(const std::vector<std::string>& given) {
    return std::any_of(given.begin(), given.end(), [](const std::string& argument) {
      return argument == "--resume" || argument.starts_with("--resume=");
    });
  }

  // A run that goes on is as it was begun, whatever the environment says by now.
  void forget_environment() {
    for (CLI::Option* option : app_.get_subcommand("conform")->get_options()) option->envname("");
  }

  [[nodiscard]] std::vector<std::string> names() const {
    std::vector<std::string> all;
    for (const auto& [name, maker] : subcommands_.makers()) all.push_back(name);
    return all;
  }

  [[nodiscard]] std::string command() const {
    return current().get_parent() ? "lockstep " + current().get_name() : "lockstep";
  }

  [[nodiscard]] const CLI::App& current() const {
    const auto chosen = app_.get_subcommands();
    return chosen.empty() ? app_ : *chosen.front();
  }

  CLI::App app_;
  Subcommands subcommands_{app_};
};

}  // namespace

std::variant<Command, Stop> parse_command_line(int argc, const char* const* argv,
                                               ProgramOptions& program) {
  const std::vector<std::string> given(argv + std::min(argc, 1), argv + argc);
  Parser first(program);
  if (auto stop = first.parse(given, {})) return *stop;
  auto configured = first.configured();
  if (auto* stop = std::get_if<Stop>(&configured)) return *stop;
  const auto& added = std::get<Configured>(configured);
  if (added.arguments.empty()) return first.follow(given, added);
  Parser second(program);
  if (auto stop = second.parse(given, added)) return *stop;
  return second.follow(given, added);
}

}  // namespace lockstep::cli
