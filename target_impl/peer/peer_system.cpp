#include "target_impl/peer/peer_system.hpp"

#include "target_impl/peer/scsi_commands.hpp"

#include <algorithm>
#include <future>
#include <memory>
#include <random>
#include <thread>
#include <utility>

namespace lockstep::peer {
namespace {

using initiator::Session;
using Why = ClaimRefused::Why;

struct Found {
  LunIdentity identity;
  bool spare = false;
};

// LUNs that cannot be asked are none that could be claimed.
std::optional<Found> look_at(Session& session, std::uint16_t lun) {
  const auto geometry = session.capacity(lun);
  if (!geometry) return std::nullopt;
  auto naa = session.naa_identifier(lun);
  if (!naa) return std::nullopt;
  const auto keys = registrations(session, lun);
  if (!keys) return std::nullopt;
  return Found{{lun, std::move(naa).value(), geometry.value()}, keys.value().empty()};
}

Result<std::vector<Found>> survey(Session& session) {
  LOCKSTEP_TRY(const auto luns, initiator::report_luns(session));
  std::vector<Found> found;
  for (const std::uint16_t lun : luns) {
    if (auto one = look_at(session, lun)) found.push_back(std::move(*one));
  }
  if (!session.connected()) return session.failure().value();
  // The smallest that fits is taken.
  std::stable_sort(found.begin(), found.end(), [](const Found& a, const Found& b) {
    return a.identity.geometry.blocks.value < b.identity.geometry.blocks.value;
  });
  return found;
}

ClaimRefused refusal_of(const Error& error) {
  switch (error.origin) {
    case Origin::Config:
      return {Why::AccessDenied, error.message};
    case Origin::Target:
      return {Why::NoSuchTarget, error.message};
    default:
      return {Why::Unreachable, error.message};
  }
}

bool fits(const LunIdentity& found, const Wanted& wanted) {
  return found.geometry.block_size == wanted.geometry.block_size &&
         found.geometry.blocks.value >= wanted.geometry.blocks.value;
}

std::string size_text(const VolumeGeometry& geometry) {
  return std::to_string(geometry.blocks.value) + " blocks of " +
         std::to_string(geometry.block_size.bytes) + " bytes";
}

// Which found unit each of `wanted` gets.
std::variant<std::vector<LunIdentity>, ClaimRefused> choose(std::vector<Found> found,
                                                            const std::vector<Wanted>& wanted,
                                                            const std::string& subject) {
  std::vector<LunIdentity> chosen;
  for (const Wanted& one : wanted) {
    const auto is_named = [&](const Found& unit) {
      return !one.naa_identifier || *one.naa_identifier == unit.identity.naa_identifier;
    };
    if (std::none_of(found.begin(), found.end(), is_named)) {
      return ClaimRefused{
          one.naa_identifier ? Why::NoSuchVolume : Why::NoSpare,
          subject + ": expected a logical unit of " + size_text(one.geometry) +
              (one.naa_identifier ? " with identifier " + *one.naa_identifier : std::string{}) +
              ", found none"};
    }
    const auto suits = [&](const Found& unit) {
      return is_named(unit) && fits(unit.identity, one);
    };
    const auto free = std::find_if(found.begin(), found.end(),
                                   [&](const Found& unit) { return suits(unit) && unit.spare; });
    if (free == found.end()) {
      const bool claimed = std::any_of(found.begin(), found.end(), suits);
      return ClaimRefused{
          claimed && one.naa_identifier ? Why::Busy : Why::NoSpare,
          subject + ": expected a spare logical unit of at least " + size_text(one.geometry) +
              (claimed ? ", all that are large enough are claimed" : ", found only others") +
              "; add one to the peer"};
    }
    LunIdentity identity = free->identity;
    identity.geometry = one.geometry;
    chosen.push_back(std::move(identity));
    free->spare = false;
  }
  return chosen;
}

}  // namespace

Claimant make_claimant() {
  std::random_device entropy;
  const std::uint64_t key = (std::uint64_t{entropy()} << 32) | entropy();
  return {initiator::make_isid(), key != 0 ? key : 1};  // 0 stands for no registration
}

PeerSystem::PeerSystem(LinkOptions options, std::function<void(bool)> changed)
    : claimant_(make_claimant()), changed_(std::move(changed)), options_(std::move(options)) {
  options_.isid = claimant_.isid;
}

Status PeerSystem::go_on_as(const Claimant& claimant) {
  const std::lock_guard lock(mutex_);
  claimant_ = claimant;
  options_.isid = claimant.isid;
  LOCKSTEP_TRY(link_, Link::make(options_, changed_));
  return ok();
}

std::shared_ptr<PeerVolume> PeerSystem::keep(LunIdentity identity, KeepsOut keeps_out, bool open) {
  const std::lock_guard lock(mutex_);
  auto volume = std::make_shared<PeerVolume>(
      *link_, std::move(identity), claimant_.key,
      open ? PeerVolume::Claim::KeptOpen : PeerVolume::Claim::Kept, keeps_out);
  hold(volume);
  return volume;
}

void PeerSystem::hold(const std::shared_ptr<PeerVolume>& volume) {
  const std::lock_guard lock(held_mutex_);
  std::erase_if(held_, [](const std::weak_ptr<PeerVolume>& held) { return held.expired(); });
  held_.push_back(volume);
}

void PeerSystem::connect(std::chrono::milliseconds patience) {
  const std::lock_guard lock(mutex_);
  link_->when_up([this](Session& session) { give_back_others(session); });
  link_->begin();
  const auto until = std::chrono::steady_clock::now() + patience;
  while (!link_->is_up() && std::chrono::steady_clock::now() < until) {
    std::this_thread::sleep_for(std::chrono::milliseconds{1});
  }
}

bool PeerSystem::is_held(const std::string& naa_identifier) {
  const std::lock_guard lock(held_mutex_);
  return std::any_of(held_.begin(), held_.end(), [&](const std::weak_ptr<PeerVolume>& held) {
    const auto volume = held.lock();
    return volume && volume->identity().naa_identifier == naa_identifier;
  });
}

void PeerSystem::give_back_others(Session& session) {
  const auto luns = initiator::report_luns(session);
  if (!luns) return;
  for (const std::uint16_t lun : luns.value()) {
    const auto keys = registrations(session, lun);
    if (!keys) continue;
    const bool ours = std::count(keys.value().begin(), keys.value().end(), claimant_.key) != 0;
    if (!ours) continue;
    const auto naa = session.naa_identifier(lun);
    if (naa && !is_held(naa.value())) static_cast<void>(register_key(session, lun, 0));
  }
}

Status PeerSystem::start_link(const std::optional<initiator::Credentials>& credentials) {
  const bool others = credentials && credentials != options_.credentials;
  if (others) options_.credentials = credentials;
  if (!link_) {
    LOCKSTEP_TRY(link_, Link::start(options_, changed_));
  } else if (others) {
    link_->use(credentials);
  }
  return ok();
}

// Volumes say farewell behind the back of who gave them up; until that has been said their logical
// units are no spares.
void PeerSystem::await_farewells() {
  const auto said = std::make_shared<std::promise<void>>();
  auto all_said = said->get_future();
  link_->when_up([said](Session&) { said->set_value(); });
  static_cast<void>(all_said.wait_until(std::chrono::system_clock::now() +
                                        options_.connect_timeout + options_.longest_retry));
}

Claims PeerSystem::claim(const std::vector<Wanted>& wanted,
                         const std::optional<initiator::Credentials>& credentials) {
  const std::lock_guard lock(mutex_);
  // A session of its own says exactly why it is not let in, and leaves the link alone.
  initiator::SessionOptions probing;
  probing.connect_timeout = options_.connect_timeout;
  probing.command_timeout = options_.answer_timeout;
  probing.credentials = credentials ? credentials : options_.credentials;
  const auto probe = Session::connect(options_.portal, options_.target_name, probing);
  if (!probe) return refusal_of(probe.error());
  const std::string subject = "peer " + options_.target_name + " at " + options_.portal;
  if (link_) {
    if (const auto started = start_link(credentials); !started) return refusal_of(started.error());
    await_farewells();
  }
  auto found = survey(*probe.value());
  if (!found) return ClaimRefused{Why::Unreachable, found.error().message};
  auto chosen = choose(std::move(found).value(), wanted, subject);
  if (auto* refused = std::get_if<ClaimRefused>(&chosen)) return std::move(*refused);
  if (const auto started = start_link(credentials); !started) return refusal_of(started.error());

  std::vector<std::shared_ptr<PeerVolume>> volumes;
  std::optional<ClaimRefused> lost_race;
  const Status claimed = link_->with_session([&](Session& session) -> Status {
    for (LunIdentity& identity : std::get<std::vector<LunIdentity>>(chosen)) {
      const std::uint16_t lun = identity.lun;
      const KeepsOut keeps_out = wanted.at(volumes.size()).keeps_out;
      LOCKSTEP_TRY(const auto keys, registrations(session, lun));
      auto reserved = Reserved::ByAnother;
      if (keys.empty()) {
        LOCKSTEP_TRY(register_key(session, lun, claimant_.key));
        volumes.push_back(std::make_shared<PeerVolume>(*link_, std::move(identity), claimant_.key,
                                                       PeerVolume::Claim::Claimed, keeps_out));
        hold(volumes.back());
        volumes.back()->look_at(session);
        LOCKSTEP_TRY(reserved, reserve(session, lun, claimant_.key, keeps_out));
      }
      if (reserved == Reserved::Ours) continue;
      lost_race = {Why::Busy, subject + " LUN " + std::to_string(lun) +
                                  ": expected a spare, another initiator has just claimed it"};
      return ok();
    }
    return ok();
  });
  if (lost_race) return std::move(*lost_race);
  if (!claimed) return ClaimRefused{Why::Unreachable, claimed.error().message};
  return volumes;
}

}  // namespace lockstep::peer
