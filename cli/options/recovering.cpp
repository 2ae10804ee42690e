// Options of recover.
#include "cli/options/subcommands.hpp"

namespace lockstep::cli {

void add_recover(Subcommands& subcommands) {
  const auto options = std::make_shared<RecoverOptions>();
  auto* sub = subcommands.add(
      "recover", "Bring a group on a peer to one moment when its source and service are lost",
      "  lockstep recover iscsi://HOST/IQN                which LUNs there are journals\n"
      "  lockstep recover iscsi://HOST/IQN/4              what is in force in that one\n"
      "  lockstep recover iscsi://HOST/IQN/4 --allow-data-loss --target 'iscsi://HOST/IQN/*' \\\n"
      "      --allow-takeover                             carry it out; the service must be gone\n",
      [=] { return Command{*options}; });
  sub->add_option("journal", options->journal,
                  "LUN of the group's journal: iscsi://HOST[:PORT]/IQN/LUN; without the LUN all "
                  "journals there are listed. LOCKSTEP_PEER_USER and LOCKSTEP_PEER_PASSWORD (or "
                  "LOCKSTEP_PEER_PASSWORD_FILE) log in there by CHAP")
      ->type_name("URL")
      ->required();
  sub->add_flag("--dry-run", options->dry_run, "Only say what is in force, whatever is allowed");
  constexpr const char* kGroup = "Safety of the LUNs";
  sub->add_flag("--allow-data-loss", options->safety.allow_data_loss,
                "Overwrite the members with what is in force; without it, only that is said")
      ->group(kGroup);
  sub->add_option("--target", options->safety.targets,
                  "URL of a LUN that may be written, member or journal, or glob; give it again for "
                  "more")
      ->type_name("URL")
      ->take_all()
      ->group(kGroup);
  sub->add_flag("--allow-takeover", options->allow_takeover,
                "Push the service aside that has reserved them, even if it lives")
      ->group(kGroup);
  sub->add_flag("--allow-unclaimed", options->allow_unclaimed,
                "Overwrite members as well that nobody has reserved any more: the peer has lost "
                "its reservations, and no host has written since")
      ->group(kGroup);
  sub->add_option("--leave-out", options->left_out,
                  "LUN of a member that is to stay as it is, such as one that has left the group")
      ->type_name("LUN")
      ->take_all()
      ->group(kGroup);
  sub->add_flag("-q,--quiet", options->quiet, "No progress line");
}

}  // namespace lockstep::cli
