#include "target_impl/iscsi/negotiation.hpp"

#include "target_impl/iscsi/text.hpp"

#include <algorithm>
#include <array>

namespace lockstep::iscsi {
namespace {

enum class Kind : std::uint8_t {
  Minimum,
  Maximum,
  Either,  // booleans: Yes if one says Yes
  Both,    // booleans: Yes if both say Yes
  Digest,  // the first of the list that we know
  Length,  // declared by each side for itself
  Choice,  // the only value we know
};

struct Rule {
  std::string_view key;
  Kind kind;
  bool irrelevant_in_discovery;
  std::uint32_t low;
  std::uint32_t high;
  // Ours and where the result goes; null: we have a fixed value and keep no result.
  std::uint32_t ours;
  std::uint32_t SessionParameters::*number;
  bool SessionParameters::*flag;
  bool our_flag;
  std::string_view choice;
};

Rule number(std::string_view key, Kind kind, bool irrelevant, std::uint32_t low, std::uint32_t high,
            std::uint32_t ours, std::uint32_t SessionParameters::*result) {
  return {key, kind, irrelevant, low, high, ours, result, nullptr, false, {}};
}

Rule boolean(std::string_view key, Kind kind, bool ours, bool SessionParameters::*result) {
  return {key, kind, true, 0, 0, 0, nullptr, result, ours, {}};
}

// A table per call is cheap: logins are rare.
std::array<Rule, 20> rules(const TargetParameters& offered) {
  using P = SessionParameters;
  auto digest = [](std::string_view key, bool P::*result) {
    return Rule{key, Kind::Digest, false, 0, 0, 0, nullptr, result, false, {}};
  };
  auto choice = [](std::string_view key, std::string_view only) {
    return Rule{key, Kind::Choice, false, 0, 0, 0, nullptr, nullptr, false, only};
  };
  auto marker = [](std::string_view key) {
    return Rule{key, Kind::Both, false, 0, 0, 0, nullptr, nullptr, false, {}};
  };
  return {{
      digest("HeaderDigest", &P::header_digest),
      digest("DataDigest", &P::data_digest),
      number("MaxConnections", Kind::Minimum, true, 1, 65535, 1, nullptr),
      boolean("InitialR2T", Kind::Either, offered.initial_r2t, &P::initial_r2t),
      boolean("ImmediateData", Kind::Both, offered.immediate_data, &P::immediate_data),
      number("MaxRecvDataSegmentLength", Kind::Length, false, kMinSegment, kMaxSegment, 0,
             &P::peer_max_receive),
      number("MaxBurstLength", Kind::Minimum, true, kMinSegment, kMaxSegment, offered.max_burst,
             &P::max_burst),
      number("FirstBurstLength", Kind::Minimum, true, kMinSegment, kMaxSegment, offered.first_burst,
             &P::first_burst),
      number("DefaultTime2Wait", Kind::Maximum, false, 0, 3600, 2, &P::time_to_wait),
      // Nothing is kept for a lost session at error recovery level 0.
      number("DefaultTime2Retain", Kind::Minimum, false, 0, 3600, 0, &P::time_to_retain),
      number("MaxOutstandingR2T", Kind::Minimum, true, 1, 65535, offered.max_outstanding_r2t,
             &P::max_outstanding_r2t),
      boolean("DataPDUInOrder", Kind::Either, true, nullptr),
      boolean("DataSequenceInOrder", Kind::Either, true, nullptr),
      number("ErrorRecoveryLevel", Kind::Minimum, false, 0, 2, 0, nullptr),
      number("iSCSIProtocolLevel", Kind::Minimum, false, 0, 31, 2, &P::protocol_level),
      choice("TaskReporting", "RFC3720"),
      marker("IFMarker"),
      marker("OFMarker"),
      choice("IFMarkInt", "Reject"),
      choice("OFMarkInt", "Reject"),
  }};
}

void answer_number(const Rule& rule, std::string_view value, SessionParameters& agreed,
                   std::string& answer) {
  const auto theirs = parse_number(value);
  if (!theirs || *theirs < rule.low || *theirs > rule.high) {
    answer = "Reject";
    return;
  }
  const auto offer = static_cast<std::uint32_t>(*theirs);
  const std::uint32_t result =
      rule.kind == Kind::Maximum ? std::max(offer, rule.ours) : std::min(offer, rule.ours);
  if (rule.number != nullptr) {
    agreed.*rule.number = result;
  }
  answer = std::to_string(result);
}

void answer_boolean(const Rule& rule, std::string_view value, SessionParameters& agreed,
                    std::string& answer) {
  const auto theirs = parse_boolean(value);
  if (!theirs) {
    answer = "Reject";
    return;
  }
  const bool result =
      rule.kind == Kind::Either ? (*theirs || rule.our_flag) : (*theirs && rule.our_flag);
  if (rule.flag != nullptr) {
    agreed.*rule.flag = result;
  }
  answer = result ? "Yes" : "No";
}

void answer_digest(const Rule& rule, std::string_view value, SessionParameters& agreed,
                   std::string& answer) {
  for (const std::string_view item : split_list(value)) {
    if (item == "None" || item == "CRC32C") {
      agreed.*rule.flag = item == "CRC32C";
      answer = item;
      return;
    }
  }
  answer = "Reject";
}

void answer_choice(const Rule& rule, std::string_view value, std::string& answer) {
  const auto items = split_list(value);
  answer = "Reject";
  if (std::find(items.begin(), items.end(), rule.choice) != items.end()) {
    answer = rule.choice;
  }
}

KeyVerdict declare_length(std::string_view value, SessionParameters& agreed, std::string& answer) {
  const auto theirs = parse_number(value);
  if (!theirs || *theirs < kMinSegment || *theirs > kMaxSegment) {
    answer = "Reject";
    return KeyVerdict::Answered;
  }
  agreed.peer_max_receive = static_cast<std::uint32_t>(*theirs);
  return KeyVerdict::Silent;
}

}  // namespace

KeyVerdict Negotiation::take(std::string_view key, std::string_view value, std::string& answer) {
  const auto table = rules(offered_);
  const auto* rule =
      std::find_if(table.begin(), table.end(), [&](const Rule& r) { return r.key == key; });
  if (rule == table.end()) {
    return KeyVerdict::Unknown;
  }
  if (rule->kind == Kind::Length) {
    return declare_length(value, agreed_, answer);
  }
  if (std::find(seen_.begin(), seen_.end(), key) != seen_.end()) {
    return KeyVerdict::Repeated;
  }
  seen_.emplace_back(key);
  if (agreed_.discovery && rule->irrelevant_in_discovery) {
    answer = "Irrelevant";
    return KeyVerdict::Answered;
  }
  switch (rule->kind) {
    case Kind::Minimum:
    case Kind::Maximum:
      answer_number(*rule, value, agreed_, answer);
      break;
    case Kind::Either:
    case Kind::Both:
      answer_boolean(*rule, value, agreed_, answer);
      break;
    case Kind::Digest:
      answer_digest(*rule, value, agreed_, answer);
      break;
    case Kind::Choice:
      answer_choice(*rule, value, answer);
      break;
    case Kind::Length:
      break;
  }
  return KeyVerdict::Answered;
}

KeyVerdict Negotiation::take_in_full_feature(std::string_view key, std::string_view value,
                                             std::string& answer) {
  const auto table = rules(offered_);
  const auto* rule =
      std::find_if(table.begin(), table.end(), [&](const Rule& r) { return r.key == key; });
  if (rule == table.end()) {
    return KeyVerdict::Unknown;
  }
  if (rule->kind == Kind::Length) {
    return declare_length(value, agreed_, answer);
  }
  answer = "Reject";
  return KeyVerdict::Answered;
}

void Negotiation::settle() {
  agreed_.first_burst = std::min(agreed_.first_burst, agreed_.max_burst);
}

}  // namespace lockstep::iscsi
