#include "conformance/providers/cimxml/url.hpp"

#include "model/wire/http.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <string_view>

namespace lockstep::conformance {
namespace {

struct Scheme {
  std::string_view text;
  bool tls;
};
constexpr std::array kSchemes{Scheme{"cimxml://", false}, Scheme{"cimxml+https://", true},
                              Scheme{"https://", true}};
constexpr std::uint16_t kTlsPort = 5989;

const Scheme* scheme_of(std::string_view url) {
  const auto found = std::find_if(kSchemes.begin(), kSchemes.end(), [&](const Scheme& scheme) {
    return url.starts_with(scheme.text);
  });
  return found == kSchemes.end() ? nullptr : &*found;
}

Error wrong(const std::string& url, const std::string& what) {
  return usage_error("provider \"" + url + "\": expected " + what +
                     "; write cimxml://host:port/namespace or https://host:port/namespace");
}

// Where the file of that option belongs; nullptr: no such option.
std::string* file_of(tls::ClientOptions& options, std::string_view name) {
  if (name == "tls-ca") return &options.ca_file;
  if (name == "tls-certificate") return &options.own.certificate_file;
  if (name == "tls-key") return &options.own.key_file;
  return nullptr;
}

// One "name=value" behind the question mark; false: there is no such name.
Result<bool> read_option(CimXmlUrl& parsed, std::string_view name, std::string_view value,
                         const std::string& url) {
  if (name == "portal") {
    parsed.portals.emplace_back(value);
    return true;
  }
  if (name == "data-access") {
    const auto file = wire::percent_decode(value);
    if (!file || file->empty()) return wrong(url, "a file for data-access");
    parsed.data_access_file = *file;
    return true;
  }
  if (!name.starts_with("tls-")) return false;
  if (!parsed.tls) return wrong(url, std::string(name) + " with https:// only");
  const auto decoded = wire::percent_decode(value);
  if (!decoded || decoded->empty()) return wrong(url, "a value for " + std::string(name));
  if (std::string* file = file_of(*parsed.tls, name)) {
    *file = *decoded;
    return true;
  }
  if (name != "tls-verify") return false;
  if (*decoded != "off") return wrong(url, "tls-verify=off, or nothing of it");
  parsed.tls->verify = false;
  return true;
}

Status read_options(CimXmlUrl& parsed, std::string_view query, const std::string& url) {
  while (!query.empty()) {
    const std::size_t ampersand = std::min(query.find('&'), query.size());
    const std::string_view one = query.substr(0, ampersand);
    query.remove_prefix(std::min(ampersand + 1, query.size()));
    const std::size_t equals = std::min(one.find('='), one.size());
    LOCKSTEP_TRY(const bool known, read_option(parsed, one.substr(0, equals),
                                               one.substr(std::min(equals + 1, one.size())), url));
    if (!known) {
      return wrong(
          url,
          "portal=, data-access=, tls-ca=, tls-certificate=, tls-key= or tls-verify=off after '?'");
    }
  }
  return ok();
}

}  // namespace

bool is_cimxml_url(const std::string& spec) { return scheme_of(spec) != nullptr; }

Result<CimXmlUrl> parse_cimxml_url(const std::string& url) {
  const Scheme* scheme = scheme_of(url);
  if (scheme == nullptr) return wrong(url, "the scheme cimxml or https");
  std::string_view rest = std::string_view(url).substr(scheme->text.size());
  CimXmlUrl parsed;
  if (scheme->tls) {
    parsed.tls.emplace();
    parsed.port = kTlsPort;
  }
  const std::size_t question = std::min(rest.find('?'), rest.size());
  const std::string_view query = rest.substr(std::min(question + 1, rest.size()));
  rest = rest.substr(0, question);
  const std::size_t slash = std::min(rest.find('/'), rest.size());
  std::string_view authority = rest.substr(0, slash);
  parsed.name_space = std::string(rest.substr(std::min(slash + 1, rest.size())));
  while (parsed.name_space.ends_with('/')) parsed.name_space.pop_back();
  if (authority.find('@') != std::string_view::npos) {
    return usage_error(
        "provider " + std::string(scheme->text) +
        ": expected no user or password in the address, found '@'; set LOCKSTEP_CIMXML_USER and "
        "LOCKSTEP_CIMXML_PASSWORD instead");
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
  LOCKSTEP_TRY(read_options(parsed, query, url));
  return parsed;
}

Result<std::unique_ptr<tls::Context>> tls_context(const CimXmlUrl& url) {
  if (!url.tls) return std::unique_ptr<tls::Context>();
  return tls::Context::for_client(*url.tls);
}

std::string trust_text(const CimXmlUrl& url) {
  if (!url.tls) return {};
  if (!url.tls->verify) return "NOT VERIFIED: anyone may have answered for " + url.host;
  return "certificate of " + url.host + " verified against " +
         (url.tls->ca_file.empty() ? "the system's authorities" : url.tls->ca_file);
}

}  // namespace lockstep::conformance
