// The program: reads the command line, hands over to the subcommand, and answers for exceptions.
#include "cli/commands.hpp"
#include "cli/console.hpp"
#include "cli/exit_codes.hpp"
#include "target_impl/transport/bypass/sockets/consent.hpp"

#include <csignal>
#include <exception>
#include <iostream>
#include <variant>

int main(int argc, char** argv) {
  using namespace lockstep::cli;
  std::signal(SIGPIPE, SIG_IGN);
  try {
    ProgramOptions program;
    const auto parsed = parse_command_line(argc, argv, program);
    if (const Stop* stop = std::get_if<Stop>(&parsed)) {
      (stop->exit_code == kAsExpected ? std::cout : std::cerr) << stop->text << '\n';
      return stop->exit_code;
    }
    namespace bypass = lockstep::transport::bypass;
    bypass::set_bypass_mode(
        bypass::parse_bypass_mode(program.bypass).value_or(bypass::BypassMode::On));
    return std::visit([](const auto& options) { return run(options); }, std::get<Command>(parsed));
  } catch (const std::exception& error) {
    print_error(std::string("unexpected: ") + error.what() + "; this is a bug of lockstep");
    return kOurBug;
  }
}
