#include "conformance/clauses/parse.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>
#include <set>
#include <string>
#include <utility>

namespace lockstep::conformance {
namespace {

namespace json = boost::json;

constexpr std::array<std::pair<std::string_view, Level>, 6> kLevels{{
    {"shall", Level::Shall},
    {"stated", Level::Stated},
    {"inferred", Level::Inferred},
    {"should", Level::Should},
    {"may", Level::May},
    {"open", Level::Open},
}};

constexpr std::array<std::pair<std::string_view, Token::Kind>, 6> kWords{{
    {"J+", Token::Kind::JobSucceeds},
    {"J-", Token::Kind::JobFails},
    {"V", Token::Kind::Vendor},
    {"legal", Token::Kind::AnyLegal},
    {"fail", Token::Kind::AnyFailure},
    {"any", Token::Kind::Any},
}};

constexpr std::array<std::string_view, 6> kTexts{"id",         "level",  "statement",
                                                 "observable", "source", "freedom"};

Error wrong(const std::string& subject, const std::string& expected, const std::string& found) {
  return config_error("clause catalogue, " + subject + ": expected " + expected + ", found " +
                      found + "; correct clauses.json");
}

Result<Token> parse_token(const std::string& id, const json::value& value) {
  if (const auto* number = value.if_int64()) {
    if (*number < 0 || *number > std::numeric_limits<std::uint32_t>::max()) {
      return wrong(id, "a return code of 32 bits", std::to_string(*number));
    }
    return Token{Token::Kind::Code, static_cast<std::uint32_t>(*number)};
  }
  const auto* word = value.if_string();
  if (word == nullptr) return wrong(id, "a token that is a number or a word", "something else");
  const std::string_view text(word->data(), word->size());
  for (const auto& [name, kind] : kWords) {
    if (text == name) return Token{kind, 0};
  }
  std::uint32_t status = 0;
  if (text.size() > 1 && text.front() == 'E') {
    const auto end = text.data() + text.size();
    const auto read = std::from_chars(text.data() + 1, end, status);
    if (read.ec == std::errc{} && read.ptr == end) return Token{Token::Kind::CimStatus, status};
  }
  return wrong(id, "a known token", "\"" + std::string(text) + "\"");
}

Result<std::vector<Token>> parse_tokens(const std::string& id, const json::object& row,
                                        std::string_view member) {
  const json::value* value = row.if_contains(member);
  const json::array* list = value == nullptr ? nullptr : value->if_array();
  if (list == nullptr) return wrong(id, "a list in \"" + std::string(member) + "\"", "none");
  std::vector<Token> tokens;
  for (const json::value& entry : *list) {
    LOCKSTEP_TRY(auto token, parse_token(id, entry));
    tokens.push_back(token);
  }
  return tokens;
}

bool well_formed_id(std::string_view id) {
  const auto upper = [](char letter) { return letter >= 'A' && letter <= 'Z'; };
  const auto digit = [](char letter) { return letter >= '0' && letter <= '9'; };
  return id.size() == 6 && std::all_of(id.begin(), id.begin() + 3, upper) && id[3] == '-' &&
         digit(id[4]) && digit(id[5]);
}

Result<std::string> parse_text(const std::string& subject, const json::object& row,
                               std::string_view member) {
  const json::value* value = row.if_contains(member);
  const json::string* text = value == nullptr ? nullptr : value->if_string();
  if (text == nullptr) return wrong(subject, "a text in \"" + std::string(member) + "\"", "none");
  return std::string(text->data(), text->size());
}

Status check_members(const std::string& id, const json::object& row) {
  for (const auto& member : row) {
    const std::string_view name = member.key();
    const bool known = std::find(kTexts.begin(), kTexts.end(), name) != kTexts.end() ||
                       name == "strict" || name == "tolerated" || name == "untestable";
    if (!known) return wrong(id, "known members only", "\"" + std::string(name) + "\"");
  }
  return ok();
}

Result<Clause> parse_clause(const std::string& subject, const json::value& value) {
  const json::object* row = value.if_object();
  if (row == nullptr) return wrong(subject, "an object", "something else");
  Clause clause;
  LOCKSTEP_TRY(clause.id, parse_text(subject, *row, "id"));
  if (!well_formed_id(clause.id)) {
    return wrong(subject, "an id like \"CER-34\"", "\"" + clause.id + "\"");
  }
  clause.method = clause.id.substr(0, 3);
  LOCKSTEP_TRY(check_members(clause.id, *row));
  LOCKSTEP_TRY(const std::string level, parse_text(clause.id, *row, "level"));
  const auto known = std::find_if(kLevels.begin(), kLevels.end(),
                                  [&](const auto& entry) { return entry.first == level; });
  if (known == kLevels.end()) return wrong(clause.id, "a known level", "\"" + level + "\"");
  clause.level = known->second;
  LOCKSTEP_TRY(clause.statement, parse_text(clause.id, *row, "statement"));
  if (clause.statement.empty()) return wrong(clause.id, "a statement", "an empty text");
  LOCKSTEP_TRY(clause.observable, parse_text(clause.id, *row, "observable"));
  LOCKSTEP_TRY(clause.source, parse_text(clause.id, *row, "source"));
  LOCKSTEP_TRY(clause.freedom, parse_text(clause.id, *row, "freedom"));
  LOCKSTEP_TRY(clause.strict, parse_tokens(clause.id, *row, "strict"));
  LOCKSTEP_TRY(clause.tolerated, parse_tokens(clause.id, *row, "tolerated"));
  if (row->contains("untestable")) {
    LOCKSTEP_TRY(clause.untestable, parse_text(clause.id, *row, "untestable"));
    if (clause.untestable.empty()) return wrong(clause.id, "a reason", "an empty text");
  }
  return clause;
}

}  // namespace

Result<std::vector<Clause>> parse_catalogue(std::string_view text) {
  boost::system::error_code failure;
  const json::value document = json::parse(json::string_view(text.data(), text.size()), failure);
  if (failure) return wrong("whole text", "JSON", failure.message());
  const json::object* top = document.if_object();
  const json::value* rows = top == nullptr ? nullptr : top->if_contains("clauses");
  const json::array* list = rows == nullptr ? nullptr : rows->if_array();
  if (list == nullptr) return wrong("whole text", "a list in \"clauses\"", "none");
  std::vector<Clause> clauses;
  std::set<std::string> seen;
  for (const json::value& row : *list) {
    LOCKSTEP_TRY(auto clause, parse_clause("entry " + std::to_string(clauses.size() + 1), row));
    if (!seen.insert(clause.id).second) return wrong(clause.id, "each id once", "it again");
    clauses.push_back(std::move(clause));
  }
  if (clauses.empty()) return wrong("whole text", "at least one clause", "none");
  return clauses;
}

}  // namespace lockstep::conformance
