// lockstep recover: a group on a peer whose service is gone for good is brought to one moment.
#include "cli/commands.hpp"
#include "cli/console.hpp"
#include "cli/exit_codes.hpp"
#include "cli/interrupt.hpp"
#include "conformance/providers/cimxml/credentials.hpp"
#include "conformance/suite/select.hpp"
#include "model/vocab/units_text.hpp"
#include "target_impl/initiator/target_url.hpp"
#include "target_impl/peer/recovery.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <memory>
#include <utility>

namespace lockstep::cli {
namespace {

using peer::Recovery;
using peer::UnitHolder;
using Is = UnitHolder::Is;

struct Place {
  initiator::IscsiUrl url;
  std::string target;  // as the user wrote it, without the LUN
  bool names_lun = true;

  [[nodiscard]] std::string url_of(std::uint16_t lun) const {
    return fmt::format("{}/{}", target, lun);
  }
};

Result<Place> place_of(const std::string& url) {
  Place place;
  // Of the target alone: it is looked at what journals there are.
  if (auto alone = initiator::parse_target_url(url)) {
    place.url = {std::move(alone.value().portal), std::move(alone.value().target_name), 0};
    place.names_lun = false;
    place.target = url;
    return place;
  }
  LOCKSTEP_TRY(place.url, initiator::parse_url(url));
  place.target = url.substr(0, url.rfind('/'));
  return place;
}

Result<std::unique_ptr<initiator::Session>> log_in(const Place& place) {
  LOCKSTEP_TRY(const auto found, conformance::credentials_from_environment("LOCKSTEP_PEER"));
  initiator::SessionOptions options;
  if (!found.user.empty()) options.credentials = {found.user, found.password};
  return initiator::Session::connect(place.url.portal, place.url.target_name, options);
}

int list_journals(const Place& place, initiator::Session& session) {
  const auto journals = peer::find_journals(session);
  if (!journals) return fail(journals.error());
  for (const std::uint16_t lun : journals.value()) print(place.url_of(lun));
  if (journals.value().empty()) print("no journal on " + place.target);
  return kAsExpected;
}

std::string holder_text(const UnitHolder& unit) {
  if (!unit.holder) return "nobody";
  const std::string name =
      unit.holder->initiator_port.empty() ? "an initiator" : unit.holder->initiator_port;
  return fmt::format("{}, key {:016x}{}", name, unit.holder->key,
                     unit.is == Is::Another ? " (not the service of the journal)" : "");
}

void print_plan(const Place& place, const Recovery& recovery) {
  const peer::RollForward& plan = recovery.plan();
  print(fmt::format("{:>5}  {:<8}{:>8}{:>14}  {}", "LUN", "", "entries", "bytes", "reserved for"));
  for (const UnitHolder& unit : recovery.holders()) {
    const auto member =
        std::find_if(plan.members.begin(), plan.members.end(),
                     [&](const peer::RollForward::Member& one) { return one.lun == unit.lun; });
    const bool found = member != plan.members.end();
    print(fmt::format("{:>5}  {:<8}{:>8}{:>14}  {}", unit.lun,
                      unit.lun == plan.journal ? "journal" : "member", found ? member->entries : 0,
                      (found ? member->blocks : 0) * plan.geometry.block_size.bytes,
                      holder_text(unit)));
  }
  if (plan.in_force) {
    print(fmt::format("{}: {} in force for {} members", place.url_of(plan.journal),
                      byte_size_text(plan.blocks() * plan.geometry.block_size.bytes),
                      plan.members.size()));
    return;
  }
  print(
      fmt::format("{}: nothing is in force; its members are as they were left by a recovery or a "
                  "Failover, or by a copy too large for the journal, which leaves a mixture",
                  place.url_of(plan.journal)));
}

// What is to be written has been named, and whoever holds it may be pushed aside.
Status check_permission(const Place& place, const Recovery& recovery,
                        const RecoverOptions& options) {
  for (const UnitHolder& unit : recovery.holders()) {
    const std::string url = place.url_of(unit.lun);
    const bool is_listed = std::ranges::any_of(options.safety.targets, [&](const auto& glob) {
      return conformance::glob_matches(glob, url);
    });
    if (!is_listed) {
      return usage_error(url +
                         ": would be written; expected a --target that names it, found none; "
                         "nothing was written");
    }
    if (unit.is == Is::Another) {
      return config_error(fmt::format(
          "{}: expected it reserved for the service of the journal, found {}; it may have another "
          "use by now: --leave-out {} recovers the others, nothing was written",
          url, holder_text(unit), unit.lun));
    }
    if (unit.is == Is::Nobody && !options.allow_unclaimed) {
      return config_error(fmt::format(
          "{}: expected it reserved for the service, found it reserved for nobody: hosts may have "
          "written it since; --allow-unclaimed overwrites it, --leave-out {} does not; nothing was "
          "written",
          url, unit.lun));
    }
    if (unit.is == Is::TheService && !options.allow_takeover) {
      return config_error(fmt::format(
          "{}: expected it to be free, found it reserved for {}; if that service is gone for good, "
          "--allow-takeover takes it over; nothing was written",
          url, holder_text(unit)));
    }
  }
  return ok();
}

Result<peer::Rolled> roll(Recovery& recovery, bool quiet) {
  const std::uint64_t all = std::max<std::uint64_t>(recovery.plan().blocks(), 1);
  const auto begun = std::chrono::steady_clock::now();
  ProgressLine progress(quiet);
  watch_for_interrupt();
  return recovery.roll_forward([&](std::uint64_t done) {
    progress.show(fmt::format("{:>3} %, {}", done * 100 / all,
                              seconds_text(std::chrono::duration_cast<std::chrono::microseconds>(
                                  std::chrono::steady_clock::now() - begun))));
    return !interrupted();
  });
}

int fail_resumably(const Error& error) {
  return fail({error.origin, error.message +
                                 "; the journal is still in force and its members stay reserved: "
                                 "run again"});
}

int apply(const Place& place, Recovery& recovery, const RecoverOptions& options) {
  if (const Status taken = recovery.take_over(); !taken) return fail(taken.error());
  if (recovery.plan().in_force) {
    const auto rolled = roll(recovery, options.quiet);
    if (!rolled) return fail_resumably(rolled.error());
    if (rolled.value() == peer::Rolled::Stopped) {
      print_error(
          "interrupted; the journal is still in force and its members stay reserved: run "
          "again");
      return kInterrupted;
    }
  }
  if (const Status given = recovery.give_back(); !given) return fail(given.error());
  print(fmt::format("{}: its members hold one moment of their sources; hosts may use them",
                    place.url_of(recovery.plan().journal)));
  return kAsExpected;
}

}  // namespace

int run(const RecoverOptions& options) {
  const auto place = place_of(options.journal);
  if (!place) return fail(place.error());
  const auto session = log_in(place.value());
  if (!session) return fail(session.error());
  if (!place.value().names_lun) return list_journals(place.value(), *session.value());
  auto looked = Recovery::look(*session.value(), place.value().url.lun,
                               {options.left_out.begin(), options.left_out.end()});
  if (!looked) return fail(looked.error());
  Recovery& recovery = looked.value();
  print_plan(place.value(), recovery);
  if (recovery.holders().empty()) return kAsExpected;
  if (options.dry_run || !options.safety.allow_data_loss) {
    print(fmt::format("nothing was written{}",
                      options.dry_run ? "" : "; that needs --allow-data-loss and --target"));
    return kAsExpected;
  }
  const Status permitted = check_permission(place.value(), recovery, options);
  if (!permitted) return fail(permitted.error());
  return apply(place.value(), recovery, options);
}

}  // namespace lockstep::cli
