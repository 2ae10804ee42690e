#include "conformance/providers/cimxml/url.hpp"

#include <algorithm>
#include <charconv>
#include <string_view>

namespace lockstep::conformance {
namespace {

Error wrong(const std::string& url, const std::string& what) {
  return usage_error("provider \"" + url + "\": expected " + what +
                     "; write cimxml://host:port/namespace");
}

}  // namespace

Result<CimXmlUrl> parse_cimxml_url(const std::string& url) {
  const std::string_view scheme = kCimXmlScheme;
  if (!std::string_view(url).starts_with(scheme)) return wrong(url, "the scheme cimxml");
  std::string_view rest = std::string_view(url).substr(scheme.size());
  CimXmlUrl parsed;
  const std::size_t question = std::min(rest.find('?'), rest.size());
  std::string_view query = rest.substr(std::min(question + 1, rest.size()));
  rest = rest.substr(0, question);
  const std::size_t slash = std::min(rest.find('/'), rest.size());
  std::string_view authority = rest.substr(0, slash);
  parsed.name_space = std::string(rest.substr(std::min(slash + 1, rest.size())));
  while (parsed.name_space.ends_with('/')) parsed.name_space.pop_back();
  if (authority.find('@') != std::string_view::npos) {
    return usage_error(
        "provider cimxml://: expected no user or password in the address, found '@'; set "
        "LOCKSTEP_CIMXML_USER and LOCKSTEP_CIMXML_PASSWORD instead");
  }
  if (authority.starts_with('[')) {  // IPv6
    const std::size_t bracket = authority.find(']');
    if (bracket == std::string_view::npos) return wrong(url, "']' after an IPv6 address");
    parsed.host = std::string(authority.substr(1, bracket - 1));
    authority.remove_prefix(bracket + 1);
  } else {
    const std::size_t colon = std::min(authority.find(':'), authority.size());
    parsed.host = std::string(authority.substr(0, colon));
    authority.remove_prefix(colon);
  }
  if (parsed.host.empty()) return wrong(url, "a host");
  if (!authority.empty()) {
    authority.remove_prefix(1);
    const char* limit = authority.data() + authority.size();
    const auto [end, failed] = std::from_chars(authority.data(), limit, parsed.port);
    if (failed != std::errc{} || end != limit || parsed.port == 0) {
      return wrong(url, "a port from 1 to 65535");
    }
  }
  while (!query.empty()) {
    const std::size_t ampersand = std::min(query.find('&'), query.size());
    const std::string_view one = query.substr(0, ampersand);
    query.remove_prefix(std::min(ampersand + 1, query.size()));
    constexpr std::string_view kPortal = "portal=";
    if (!one.starts_with(kPortal)) return wrong(url, "portal=... after '?'");
    parsed.portals.emplace_back(one.substr(kPortal.size()));
  }
  return parsed;
}

}  // namespace lockstep::conformance
