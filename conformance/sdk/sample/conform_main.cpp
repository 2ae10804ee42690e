// Judges TinyProvider in its own process. Arguments: clauses or cases; none: everything. Exit code
// 0: no case failed.
#include "conformance/suite/runner.hpp"
#include "reports/record/record.hpp"
#include "tiny_provider.hpp"

#include <iostream>

int main(int argc, char** argv) {
  using namespace lockstep;
  tiny::TinyProvider provider;
  conformance::RunOptions options;
  options.select.assign(argv + 1, argv + argc);
  options.provider_spec = "tiny";
  std::size_t passed = 0;
  std::size_t skipped = 0;
  std::size_t bad = 0;
  options.finished = [&](const report::CaseRecord& record) {
    passed += report::is_pass(record.verdict) ? 1 : 0;
    skipped += report::is_skip(record.verdict) ? 1 : 0;
    if (!report::is_bad(record.verdict)) return;
    ++bad;
    std::cout << report::to_text(record.verdict) << "  " << record.id << "  " << record.message
              << '\n';
  };
  const auto records = conformance::run_cases(provider, options);
  if (!records) {
    std::cerr << records.error().message << '\n';
    return 64;
  }
  std::cout << records.value().size() << " cases: " << passed << " passed, " << skipped
            << " skipped, " << bad << " bad\n";
  return bad == 0 && passed != 0 ? 0 : 1;
}
