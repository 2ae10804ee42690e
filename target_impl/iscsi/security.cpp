#include "target_impl/iscsi/security.hpp"

#include "target_impl/iscsi/text.hpp"

#include <algorithm>

namespace lockstep::iscsi {
namespace {

constexpr std::size_t kChallengeBytes = 32;
// RFC 7143 section 12.1.3: what the other side may send.
constexpr std::size_t kMaxChallengeBytes = 1024;
constexpr std::size_t kMaxResponseBytes = 64;

}  // namespace

Security::Verdict Security::take(std::string_view key, std::string_view value,
                                 std::string& answers) {
  if (key == "AuthMethod") {
    return take_method(value, answers);
  }
  if (key == "CHAP_A") {
    return take_algorithm(value, answers);
  }
  std::optional<std::string>* where = nullptr;
  if (key == "CHAP_N") where = &proof_.name;
  if (key == "CHAP_R") where = &proof_.response;
  if (key == "CHAP_I") where = &proof_.identifier;
  if (key == "CHAP_C") where = &proof_.challenge;
  if (where == nullptr) {
    const bool of_other_method =
        key.starts_with("CHAP_") || key.starts_with("KRB_") || key.starts_with("SRP_");
    return of_other_method ? Verdict::Failed : Verdict::NotMine;
  }
  if (step_ != Step::Challenged || *where) {
    return Verdict::Failed;
  }
  *where = std::string(value);
  return Verdict::Taken;
}

Security::Verdict Security::take_method(std::string_view value, std::string& answers) {
  const std::string_view wanted = required() ? "CHAP" : "None";
  const auto items = split_list(value);
  if (step_ != Step::Begin || std::find(items.begin(), items.end(), wanted) == items.end()) {
    return Verdict::Failed;
  }
  step_ = required() ? Step::Chap : Step::None;
  append_pair(answers, "AuthMethod", wanted);
  return Verdict::Taken;
}

Security::Verdict Security::take_algorithm(std::string_view value, std::string& answers) {
  const auto algorithm = choose_chap_algorithm(value);
  if (step_ != Step::Chap || !algorithm) {
    return Verdict::Failed;
  }
  challenge_ = random_bytes(kChallengeBytes);
  const auto identifier = random_bytes(1);
  if (challenge_.empty() || identifier.empty()) {
    return Verdict::Failed;
  }
  step_ = Step::Challenged;
  algorithm_ = *algorithm;
  identifier_ = identifier[0];
  append_pair(answers, "CHAP_A", std::to_string(static_cast<unsigned>(algorithm_)));
  append_pair(answers, "CHAP_I", std::to_string(unsigned{identifier_}));
  append_pair(answers, "CHAP_C", encode_hexadecimal(challenge_));
  return Verdict::Taken;
}

bool Security::finish_request(std::string& answers) {
  const bool came = proof_.name || proof_.response || proof_.identifier || proof_.challenge;
  if (!came) {
    return true;
  }
  if (!proof_is_right() || (proof_.challenge && !answer_challenge(answers))) {
    return false;
  }
  step_ = Step::Proved;
  proof_ = {};
  return true;
}

bool Security::proof_is_right() const {
  if (!proof_.name || !proof_.response ||
      proof_.identifier.has_value() != proof_.challenge.has_value()) {
    return false;
  }
  const auto& accounts = access_->accounts;
  const auto found = std::find_if(accounts.begin(), accounts.end(),
                                  [this](const ChapAccount& a) { return a.user == *proof_.name; });
  // An unknown user takes as long as a known one with a wrong secret.
  const Secret& secret = found == accounts.end() ? accounts.front().secret : found->secret;
  const auto expected = chap_response(algorithm_, identifier_, secret, challenge_);
  const auto response = decode_binary(*proof_.response, kMaxResponseBytes);
  const bool same = response && !expected.empty() && equal_secretly(expected, *response);
  return same && found != accounts.end();
}

bool Security::answer_challenge(std::string& answers) const {
  const auto identifier = parse_number(*proof_.identifier);
  const auto challenge = decode_binary(*proof_.challenge, kMaxChallengeBytes);
  // One who sends our own challenge back wants us to answer it in its place.
  if (!access_->own || !identifier || *identifier > 0xFF || !challenge ||
      *challenge == challenge_) {
    return false;
  }
  const auto response = chap_response(algorithm_, static_cast<std::uint8_t>(*identifier),
                                      access_->own->secret, *challenge);
  append_pair(answers, "CHAP_N", access_->own->user);
  append_pair(answers, "CHAP_R", encode_hexadecimal(response));
  return !response.empty();
}

}  // namespace lockstep::iscsi
