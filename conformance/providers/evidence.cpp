#include "conformance/providers/evidence.hpp"

#include <algorithm>
#include <cctype>
#include <functional>
#include <utility>

extern char** environ;

namespace lockstep::conformance {
namespace {

constexpr std::size_t kMostHeldBytes = 1024 * 1024;
constexpr const char* kRemoved = "(removed)";

}  // namespace

Evidence::Evidence(std::vector<std::string> secrets) : secrets_(std::move(secrets)) {}

std::string Evidence::without_secrets(std::string text) const {
  for (const std::string& secret : secrets_) {
    if (secret.empty()) continue;
    for (std::size_t at = text.find(secret); at != std::string::npos; at = text.find(secret, at)) {
      text.replace(at, secret.size(), kRemoved);
      at += std::string(kRemoved).size();
    }
  }
  return text;
}

void Evidence::add(const std::string& text) {
  const std::string clean = without_secrets(text);
  const std::lock_guard lock(mutex_);
  if (file_.is_open()) {
    file_ << clean;
    file_.flush();
  }
  held_ += clean;
  if (held_.size() > kMostHeldBytes) held_.erase(0, held_.size() - kMostHeldBytes / 2);
}

std::string Evidence::once(const std::string& call_id, const std::string& id_text,
                           const std::string& body) {
  std::string same = body;
  if (const std::size_t at = same.find(id_text); at != std::string::npos) {
    same.erase(at, id_text.size());
  }
  constexpr std::size_t kMostSeen = 4096;
  constexpr std::size_t kWorthIt = 400;
  if (same.size() < kWorthIt) return body;
  const std::lock_guard lock(mutex_);
  if (seen_.size() >= kMostSeen) seen_.clear();
  const auto [place, fresh] =
      seen_.emplace(std::pair{std::hash<std::string>{}(same), same.size()}, call_id);
  return fresh ? body : "(as in call " + place->second + ")";
}

void Evidence::add_exchange(const std::string& call_id, const std::string& id_text,
                            const std::string& head, const std::string& request,
                            const std::string& answer_head, const std::string& answer) {
  add("--- call " + call_id + ": " + head + "\n" + once(call_id, id_text, request) + "\n--- " +
      answer_head + "\n" + once(call_id, id_text, answer) + "\n\n");
}

bool Evidence::write_to(const std::filesystem::path& file) {
  const std::lock_guard lock(mutex_);
  file_.open(file, std::ios::binary | std::ios::trunc);
  file_ << held_;
  file_.flush();
  return file_.good();
}

std::string Evidence::recent() const {
  const std::lock_guard lock(mutex_);
  return held_;
}

std::vector<std::string> secrets_of_environment() {
  constexpr std::size_t kShortest = 4;
  std::vector<std::string> secrets;
  for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
    const std::string text = *entry;
    const std::size_t equals = text.find('=');
    if (equals == std::string::npos || text.size() - equals - 1 < kShortest) continue;
    std::string name = text.substr(0, equals);
    std::transform(name.begin(), name.end(), name.begin(),
                   [](unsigned char letter) { return static_cast<char>(std::toupper(letter)); });
    for (const char* word : {"PASSWORD", "SECRET", "TOKEN", "CREDENTIAL", "KEY"}) {
      if (name.find(word) == std::string::npos) continue;
      secrets.push_back(text.substr(equals + 1));
      break;
    }
  }
  return secrets;
}

}  // namespace lockstep::conformance
