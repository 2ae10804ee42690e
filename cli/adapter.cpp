// lockstep adapter: providers behind a child process, from both sides.
#include "cli/commands.hpp"
#include "cli/console.hpp"
#include "cli/exit_codes.hpp"
#include "cli/run_folder.hpp"
#include "conformance/providers/faulty/faulty.hpp"
#include "conformance/providers/process/exec_spec.hpp"
#include "conformance/sdk/adapter_host.hpp"
#include "conformance/sdk/adapter_template.hpp"
#include "conformance/sdk/contract.hpp"
#include "target_impl/reference.hpp"

#include <fmt/format.h>

#include <filesystem>
#include <fstream>
#include <iostream>
#include <utility>

namespace lockstep::cli {
namespace {

void print_grade(const conformance::RuleGrade& graded) {
  using conformance::Grade;
  const std::string mark = graded.grade == Grade::Pass   ? coloured(Colour::Green, "pass")
                           : graded.grade == Grade::Fail ? coloured(Colour::Red, "FAIL")
                                                         : coloured(Colour::Yellow, "n/a ");
  print(fmt::format("{}  {}  {}", mark, graded.rule, graded.demands));
  if (!graded.reason.empty()) print(fmt::format("             {}", graded.reason));
}

int check_adapter(const AdapterOptions& options) {
  conformance::ContractOptions contract;
  auto command = conformance::parse_command(options.command);
  if (!command) return fail(command.error());
  contract.arguments = std::move(command).value();
  contract.deadline = options.deadline;
  contract.only = {options.rules.begin(), options.rules.end()};
  contract.graded = print_grade;
  std::size_t failed = 0;
  std::size_t passed = 0;
  for (const conformance::RuleGrade& graded : conformance::grade_adapter(contract)) {
    failed += graded.grade == conformance::Grade::Fail ? 1U : 0U;
    passed += graded.grade == conformance::Grade::Pass ? 1U : 0U;
  }
  print(fmt::format("{} rules kept, {} broken", passed, failed));
  if (failed != 0) return kUnexpected;
  return passed == 0 ? kNothingRan : kAsExpected;
}

int write_template(const std::string& file) {
  namespace fs = std::filesystem;
  std::error_code ignored;
  if (fs::exists(fs::symlink_status(file, ignored))) {
    return fail(usage_error("adapter new: expected a file that does not exist yet, found " + file));
  }
  if (const auto written = write_file(file, std::string(conformance::adapter_template())); !written)
    return fail(written.error());
  // Where permissions cannot be set, python3 still runs it.
  fs::permissions(file, fs::perms::owner_exec | fs::perms::group_exec | fs::perms::others_exec,
                  fs::perm_options::add, ignored);
  const std::string command = file.find('/') == std::string::npos ? "./" + file : file;
  print(fmt::format("wrote {}; try:", file));
  print(fmt::format("  lockstep adapter check {}", command));
  print(
      fmt::format("  lockstep conform --provider exec:{} --allow-data-loss --target '*'", command));
  return kAsExpected;
}

int serve_reference(const AdapterOptions& options) {
  const std::string prefix = "faulty:";
  auto made = make_reference();
  if (!made) return fail(made.error());
  const ReferenceWellKnown& known = reference_well_known();
  conformance::AdapterFacts facts;
  facts.portals = {
      fmt::format("iscsi://{}/{}", made.value()->portal(), made.value()->target_name())};
  facts.known = {known.local_access_point, known.target_setting_goal, known.local_peer,
                 known.username, known.password};
  std::unique_ptr<Provider> served = std::move(made).value();
  if (options.provider.starts_with(prefix)) {
    served = conformance::make_faulty(options.provider.substr(prefix.size()), std::move(served));
  } else if (options.provider != "reference") {
    served.reset();
  }
  if (!served) {
    return fail(usage_error("adapter serve --provider " + options.provider +
                            ": expected reference or faulty:NAME, found neither; `lockstep list "
                            "providers` names them"));
  }
  const auto ended = conformance::serve_adapter(*served, facts, std::cin, std::cout);
  return ended ? kAsExpected : fail(ended.error());
}

}  // namespace

int run(const AdapterOptions& options) {
  switch (options.what) {
    case AdapterOptions::What::Check:
      return check_adapter(options);
    case AdapterOptions::What::New:
      return write_template(options.file);
    case AdapterOptions::What::Serve:
      return serve_reference(options);
    case AdapterOptions::What::Schema:
      std::cout << lines::schema();
      return kAsExpected;
  }
  return kOurBug;
}

}  // namespace lockstep::cli
