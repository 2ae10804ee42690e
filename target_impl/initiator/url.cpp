// iSCSI URLs and portals, parsed strictly: libiscsi's own parser copies into fixed buffers, takes
// any text for a port and reads credentials from the URL.
#include "target_impl/initiator/initiator.hpp"
#include "target_impl/initiator/names.hpp"
#include "target_impl/initiator/target_url.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <array>
#include <charconv>
#include <optional>
#include <string_view>
#include <utility>

namespace lockstep::initiator {
namespace {

constexpr std::string_view kScheme = "iscsi://";
constexpr std::string_view kForm = "iscsi://host[:port]/target-name/lun";
constexpr std::string_view kTargetForm = "iscsi://host[:port]/target-name";
constexpr std::size_t kNameBytesMax = 223;  // RFC 7143, 4.2.7.1
constexpr std::size_t kHostBytesMax = 253;  // RFC 1035, 2.3.4
constexpr std::uint16_t kLunMax = 255;      // peripheral device addressing
constexpr std::uint16_t kDefaultPort = 3260;
constexpr std::size_t kQuotedBytesMax = 80;

// Quoted for a message: bounded, and without control characters.
std::string quoted(std::string_view text) {
  std::string out = "'";
  for (const char c : text.substr(0, kQuotedBytesMax)) {
    out += (c >= ' ' && c <= '~') ? c : '?';
  }
  if (text.size() > kQuotedBytesMax) out += "...";
  return out + "'";
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_hex(char c) { return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }

std::optional<std::uint32_t> whole_number(std::string_view text, std::uint32_t limit) {
  if (text.empty() || text.size() > 6 || !std::all_of(text.begin(), text.end(), is_digit)) {
    return std::nullopt;
  }
  std::uint32_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  if (value > limit) return std::nullopt;
  return value;
}

bool is_ipv6(std::string_view text) {
  std::array<unsigned char, 16> address{};
  return inet_pton(AF_INET6, std::string(text).c_str(), address.data()) == 1;
}

// A dotted address, or a host name in letters, digits, hyphens, underscores and dots.
bool is_host(std::string_view text) {
  if (text.empty() || text.size() > kHostBytesMax) return false;
  const auto numeric = [](char c) { return is_digit(c) || c == '.'; };
  if (std::all_of(text.begin(), text.end(), numeric)) {
    std::array<unsigned char, 4> address{};
    return inet_pton(AF_INET, std::string(text).c_str(), address.data()) == 1;
  }
  const auto allowed = [](char c) {
    return is_letter(c) || is_digit(c) || c == '-' || c == '_' || c == '.';
  };
  return std::all_of(text.begin(), text.end(), allowed) && text.front() != '.' &&
         text.front() != '-' && text.find("..") == std::string_view::npos;
}

Error port_error(std::string_view subject, std::string_view port) {
  return usage_error(std::string(subject) + ": expected a port from 1 to 65535, found " +
                     quoted(port));
}

// `subject` begins every message.
Result<std::string> portal_of(std::string_view text, std::string_view subject) {
  std::string_view host;
  std::string_view rest;
  const bool bracketed = !text.empty() && text.front() == '[';
  if (bracketed) {
    const auto end = text.find(']');
    if (end == std::string_view::npos) {
      return usage_error(std::string(subject) +
                         ": the IPv6 address has no closing ']'; write [address]:port");
    }
    host = text.substr(1, end - 1);
    rest = text.substr(end + 1);
    if (!is_ipv6(host)) {
      return usage_error(std::string(subject) + ": expected an IPv6 address between '[' and ']'," +
                         " found " + quoted(host));
    }
  } else {
    if (std::count(text.begin(), text.end(), ':') > 1) {
      return usage_error(std::string(subject) + ": found several ':' in " + quoted(text) +
                         "; write an IPv6 address as [address]:port");
    }
    const auto colon = text.find(':');
    host = text.substr(0, colon);
    rest = colon == std::string_view::npos ? std::string_view{} : text.substr(colon);
    if (host.empty()) return usage_error(std::string(subject) + ": the host is missing");
    if (!is_host(host)) {
      return usage_error(std::string(subject) + ": expected a host name or address, found " +
                         quoted(host));
    }
  }
  std::uint32_t port = kDefaultPort;
  if (!rest.empty()) {
    const auto number = whole_number(rest.substr(1), 65535);
    if (rest.front() != ':' || !number || *number == 0) return port_error(subject, rest.substr(1));
    port = *number;
  }
  const std::string shown = bracketed ? "[" + std::string(host) + "]" : std::string(host);
  return shown + ":" + std::to_string(port);
}

// RFC 7143, 4.2.7: iqn. and a qualified name, eui. and 16 hexadecimal digits, naa. and 16 or 32.
Status check_target_name(std::string_view name, std::string_view subject, std::string_view form) {
  const std::string prefix(subject);
  if (name.empty())
    return usage_error(prefix + ": the target name is missing; the form is " + std::string(form));
  if (name.size() > kNameBytesMax) {
    return usage_error(prefix + ": the target name has " + std::to_string(name.size()) +
                       " bytes, at most 223 are allowed");
  }
  const std::string_view type = name.substr(0, 4);
  const std::string_view body = name.size() > 4 ? name.substr(4) : std::string_view{};
  bool good = false;
  if (type == "iqn.") {
    good = !body.empty() && std::all_of(body.begin(), body.end(), [](char c) {
      return is_letter(c) || is_digit(c) || c == '-' || c == '.' || c == ':' || c == '_';
    });
  } else if (type == "eui." || type == "naa.") {
    good = (body.size() == 16 || (type == "naa." && body.size() == 32)) &&
           std::all_of(body.begin(), body.end(), is_hex);
  }
  if (!good) {
    return usage_error(prefix + ": expected a target name such as iqn.2001-04.com.example:disk, " +
                       "eui.<16 hex digits> or naa.<16 or 32 hex digits>, found " + quoted(name));
  }
  return ok();
}

struct Parts {
  std::string_view authority;
  std::optional<std::string_view> target_name;  // what follows its slash
  std::optional<std::string_view> lun;
};

Result<Parts> parts_of(std::string_view url, std::string_view form) {
  // Before anything else is quoted: a password must not end up in a message.
  if (url.find('@') != std::string_view::npos) {
    return usage_error(
        "iSCSI URL: found a user name before '@'; credentials are not taken from URLs, which end "
        "up in logs and process lists; the form is " +
        std::string(form));
  }
  if (url.substr(0, kScheme.size()) != kScheme) {
    return usage_error("iSCSI URL " + quoted(url) +
                       ": expected it to begin with iscsi://; the form is " + std::string(form));
  }
  std::string_view rest = url.substr(kScheme.size());
  const auto next = [&] {
    const auto slash = rest.find('/');
    const std::string_view part = rest.substr(0, slash);
    const bool more = slash != std::string_view::npos;
    rest = more ? rest.substr(slash + 1) : std::string_view{};
    return std::pair(part, more);
  };
  Parts parts;
  const auto [authority, names_target] = next();
  parts.authority = authority;
  if (!names_target) return parts;
  const auto [name, names_lun] = next();
  parts.target_name = name;
  if (names_lun) parts.lun = rest;
  return parts;
}

Result<TargetUrl> target_of(const Parts& parts, std::string_view subject, std::string_view form) {
  LOCKSTEP_TRY(auto portal, portal_of(parts.authority, subject));
  LOCKSTEP_TRY(check_target_name(parts.target_name.value_or(std::string_view{}), subject, form));
  return TargetUrl{std::move(portal), std::string(*parts.target_name)};
}

}  // namespace

Result<std::string> parse_portal(const std::string& portal) {
  return portal_of(portal, "portal " + quoted(portal));
}

Status check_target_name(const std::string& name) {
  return check_target_name(name, "target name " + quoted(name), kForm);
}

Result<TargetUrl> parse_target_url(const std::string& url) {
  const std::string subject = "iSCSI URL " + quoted(url);
  LOCKSTEP_TRY(const auto parts, parts_of(url, kTargetForm));
  LOCKSTEP_TRY(auto target, target_of(parts, subject, kTargetForm));
  if (parts.lun) {
    return usage_error(subject + ": expected no LUN, found " + quoted(*parts.lun) +
                       "; the form is " + std::string(kTargetForm));
  }
  return target;
}

Result<IscsiUrl> parse_url(const std::string& url) {
  const std::string subject = "iSCSI URL " + quoted(url);
  LOCKSTEP_TRY(const auto parts, parts_of(url, kForm));
  LOCKSTEP_TRY(auto target, target_of(parts, subject, kForm));
  if (!parts.lun || parts.lun->empty()) {
    return usage_error(subject + ": the LUN is missing; the form is " + std::string(kForm));
  }
  const auto lun = whole_number(*parts.lun, kLunMax);
  if (!lun) {
    return usage_error(subject + ": expected a LUN from 0 to 255, found " + quoted(*parts.lun));
  }
  return IscsiUrl{std::move(target.portal), std::move(target.target_name),
                  static_cast<std::uint16_t>(*lun)};
}

}  // namespace lockstep::initiator
