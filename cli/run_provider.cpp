#include "cli/run_provider.hpp"

#include "cli/console.hpp"
#include "conformance/providers/cimxml/url.hpp"
#include "conformance/providers/factory.hpp"
#include "conformance/providers/guarded/sweep.hpp"
#include "conformance/suite/runner.hpp"

#include <fmt/format.h>

namespace lockstep::cli {
namespace {

constexpr std::chrono::seconds kCleanUpPatience{20};

// Said before anything is asked of the provider, so that nothing happens by accident.
Status open_gate(const std::string& spec, const SafetyOptions& safety) {
  if (safety.allow_data_loss && !safety.targets.empty()) return ok();
  return usage_error(fmt::format(
      "provider {}: a run makes, fills and removes volumes there; expected --allow-data-loss and "
      "--target POOL for it, found {}; `lockstep doctor --provider {}` lists the pools",
      spec, safety.allow_data_loss ? "no --target" : "no --allow-data-loss", spec));
}

conformance::ResourceHeader resource_header(const report::RunHeader& header) {
  conformance::ResourceHeader resources;
  resources.run_id = header.run_id;
  // "run-20261121T093112Z-4f1c": the volumes are "lockstep-20261121T093112Z-4f1c-…".
  const std::size_t dash = header.run_id.find('-');
  resources.name_prefix =
      "lockstep-" + header.run_id.substr(dash == std::string::npos ? 0 : dash + 1);
  resources.provider_spec = header.provider_spec;
  resources.organisation = header.provider_organisation;
  resources.product = header.provider_product;
  return resources;
}

}  // namespace

Result<std::unique_ptr<Provider>> open_provider(const std::string& spec) {
  if (conformance::is_cimxml_url(spec)) {
    LOCKSTEP_TRY(const auto url, conformance::parse_cimxml_url(spec));
    if (url.tls && !url.tls->verify) {
      print_error(
          fmt::format("WARNING: the server's certificate is {}; credentials go to whoever "
                      "that is, and what it says proves nothing",
                      conformance::trust_text(url)));
    }
  }
  return conformance::make_provider(spec);
}

Result<std::unique_ptr<Provider>> RunProvider::make() const {
  return conformance::make_provider(spec_);
}

Result<RunProvider> RunProvider::open(const std::string& spec, const SafetyOptions& safety) {
  RunProvider run;
  run.spec_ = spec;
  run.safety_ = safety;
  LOCKSTEP_TRY(run.unguarded_, open_provider(spec));
  run.outside_ = dynamic_cast<conformance::OutsideProvider*>(run.unguarded_.get()) != nullptr;
  if (run.outside_) {
    LOCKSTEP_TRY(open_gate(spec, safety));
  }
  return run;
}

Status RunProvider::begin(const report::RunHeader& header, const std::filesystem::path& folder) {
  LOCKSTEP_TRY(conformance::keep_evidence(*unguarded_, folder));
  folder_ = folder;
  if (!outside_) {
    provider_ = std::move(unguarded_);
    return ok();
  }
  const conformance::GuardOptions options{safety_.targets, resource_header(header), folder};
  name_prefix_ = options.header.name_prefix;
  if (std::filesystem::exists(folder / conformance::kResourceLedgerName)) {
    LOCKSTEP_TRY(const auto swept,
                 conformance::sweep(*unguarded_, folder, false, kCleanUpPatience));
    static_cast<void>(swept);  // what would not go is there before the run goes on
    LOCKSTEP_TRY(guard_, conformance::Guard::resume(*unguarded_, options));
  } else {
    LOCKSTEP_TRY(guard_, conformance::Guard::open(*unguarded_, options));
  }
  provider_ = conformance::guarded(std::move(unguarded_), guard_);
  return ok();
}

Result<std::unique_ptr<Provider>> RunProvider::another() {
  LOCKSTEP_TRY(auto made, make());
  if (!guard_) return made;
  auto behind = conformance::guarded(std::move(made), guard_);
  // One in process takes what is left on it along when it goes; this one starts as empty as that.
  LOCKSTEP_TRY(const auto left, conformance::remove_leftovers(*behind, *guard_, kCleanUpPatience));
  static_cast<void>(left);  // finish() speaks of it
  return behind;
}

void RunProvider::finish(bool hangs) {
  if (!guard_) return;
  const auto say = [&](const std::string& what) {
    print_error(fmt::format("{}; `lockstep sweep --provider '{}' {}` removes it", what, spec_,
                            folder_.string()));
  };
  if (hangs) {
    return say(fmt::format("the provider hangs, {} objects may be left behind on it",
                           guard_->custody().owned().size()));
  }
  const auto left = conformance::remove_leftovers(*provider_, *guard_, kCleanUpPatience);
  if (!left) return say("what the run made may be left behind: " + left.error().message);
  if (left.value().empty()) return;
  say(fmt::format("{} objects were left behind, because the provider would not remove them",
                  left.value().size()));
}

}  // namespace lockstep::cli
