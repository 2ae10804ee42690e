#include "target_impl/iscsi/access.hpp"

#include "target_impl/iscsi/text.hpp"

#include <algorithm>
#include <cstring>
#include <set>
#include <utility>

namespace lockstep::iscsi {
namespace {

Status check_names(const AllowList& names, const std::string& subject) {
  for (const std::string& name : names) {
    if (!normalize_name(name)) {
      return config_error(subject + ": expected iSCSI names of initiators (iqn., eui. or naa.), " +
                          "found \"" + name + "\"; correct or remove it");
    }
  }
  return ok();
}

Status check_account(const ChapAccount& account, const std::string& subject) {
  if (account.user.empty() || account.user.size() > kMaxUserBytes ||
      account.user.find('\0') != std::string::npos) {
    return config_error(subject + ": expected a CHAP user of 1 to 255 bytes, found " +
                        std::to_string(account.user.size()) + " bytes; choose another name");
  }
  if (account.secret.size() < kMinSecretBytes || account.secret.size() > kMaxSecretBytes) {
    return config_error(subject + ": expected a CHAP secret of 12 to 255 bytes for user \"" +
                        account.user + "\", found " + std::to_string(account.secret.size()) +
                        " bytes; choose another secret");
  }
  return ok();
}

void normalize(AllowList& names) {
  for (std::string& name : names) {
    name = normalize_name(name).value_or(name);
  }
}

}  // namespace

Secret& Secret::operator=(const Secret& other) {
  if (this != &other) {
    wipe();
    bytes_ = other.bytes_;
  }
  return *this;
}

Secret& Secret::operator=(Secret&& other) noexcept {
  if (this != &other) {
    wipe();
    bytes_ = std::move(other.bytes_);
  }
  return *this;
}

void Secret::wipe() noexcept {
  if (!bytes_.empty()) {
    ::explicit_bzero(bytes_.data(), bytes_.size());
  }
}

Status check_access(const TargetAccess& access, std::string_view subject_text) {
  const std::string subject(subject_text);
  LOCKSTEP_TRY(check_names(access.initiators, subject));
  for (const auto& [lun, names] : access.lun_initiators) {
    LOCKSTEP_TRY(check_names(names, subject + ", LUN " + std::to_string(lun)));
  }
  std::set<std::string> users;
  for (const ChapAccount& account : access.accounts) {
    LOCKSTEP_TRY(check_account(account, subject));
    if (!users.insert(account.user).second) {
      return config_error(subject + ": expected each CHAP user once, found \"" + account.user +
                          "\" twice; remove one");
    }
  }
  if (!access.own) {
    return ok();
  }
  LOCKSTEP_TRY(check_account(*access.own, subject));
  if (access.accounts.empty()) {
    return config_error(subject +
                        ": expected accounts of initiators beside the target's own CHAP " +
                        "account, found none; mutual CHAP needs both directions");
  }
  // Or a peer could have us answer our own challenges. RFC 7143 section 12.1.3.
  for (const ChapAccount& account : access.accounts) {
    if (account.secret == access.own->secret) {
      return config_error(subject + ": expected different CHAP secrets for the two directions, " +
                          "found the target's own with user \"" + account.user +
                          "\"; choose another secret");
    }
  }
  return ok();
}

TargetAccess normalized(TargetAccess access) {
  normalize(access.initiators);
  for (auto& [lun, names] : access.lun_initiators) {
    normalize(names);
  }
  return access;
}

bool admits(const AllowList& list, std::string_view initiator) noexcept {
  return list.empty() || std::find(list.begin(), list.end(), initiator) != list.end();
}

}  // namespace lockstep::iscsi
