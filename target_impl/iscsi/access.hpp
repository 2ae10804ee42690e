// Who may log in to a target, how they prove it, and which logical units they see.
#pragma once

#include "model/vocab/error.hpp"

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace lockstep::iscsi {

// A CHAP secret. Nothing prints it, and its memory is overwritten before it is given back.
class Secret {
 public:
  Secret() = default;
  explicit Secret(std::string_view text) : bytes_(text.begin(), text.end()) {}
  Secret(const Secret&) = default;
  Secret(Secret&& other) noexcept : bytes_(std::move(other.bytes_)) {}
  Secret& operator=(const Secret& other);
  Secret& operator=(Secret&& other) noexcept;
  ~Secret() { wipe(); }

  // For the digest alone.
  [[nodiscard]] std::span<const char> reveal() const noexcept { return bytes_; }
  [[nodiscard]] std::size_t size() const noexcept { return bytes_.size(); }
  friend bool operator==(const Secret&, const Secret&) = default;

 private:
  void wipe() noexcept;
  std::vector<char> bytes_;
};

struct ChapAccount {
  std::string user;
  Secret secret;
};

// RFC 7143 section 12.1.3: shorter secrets need IPsec, which is not here.
inline constexpr std::size_t kMinSecretBytes = 12;
inline constexpr std::size_t kMaxSecretBytes = 255;
inline constexpr std::size_t kMaxUserBytes = 255;

// iSCSI names; empty: every initiator.
using AllowList = std::vector<std::string>;

// The rules for one target, or for discovery, where only `initiators`, `accounts` and `own` matter.
struct TargetAccess {
  AllowList initiators;
  // By LUN; one that is not here is seen by everyone who may log in. To others the logical unit is
  // not there: not in REPORT LUNS, LOGICAL UNIT NOT SUPPORTED when addressed.
  std::map<std::uint16_t, AllowList> lun_initiators;
  // The portal groups through which the target is reached; empty: all of them.
  std::vector<std::uint16_t> portal_groups;
  // Not empty: an initiator must prove by CHAP that it has one of them.
  std::vector<ChapAccount> accounts;
  // What the target proves itself with, to initiators that ask (mutual CHAP).
  std::optional<ChapAccount> own;
};

// Names that are none, empty or overlong users, secrets too short or used in both directions, users
// named twice: Origin::Config. `subject` begins the message: "target iqn...". No message shows a
// secret.
[[nodiscard]] Status check_access(const TargetAccess& access, std::string_view subject);

// The same rules with every iSCSI name in lower case, as logins compare them.
[[nodiscard]] TargetAccess normalized(TargetAccess access);

// Whether the initiator, a normalised name, is on the list.
[[nodiscard]] bool admits(const AllowList& list, std::string_view initiator) noexcept;

}  // namespace lockstep::iscsi
