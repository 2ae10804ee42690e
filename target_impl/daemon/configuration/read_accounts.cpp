#include "target_impl/daemon/configuration/read_accounts.hpp"

#include "model/vocab/units_text.hpp"
#include "target_impl/daemon/configuration/secrets.hpp"

#include <algorithm>

namespace lockstep::target {
namespace {

void read_secret(Table& table, iscsi::ChapAccount& account, const std::optional<std::string>& file,
                 const std::optional<std::string>& variable) {
  if (file && variable) {
    table.refuse("secret_env", "either secret_file or secret_env", "both");
    return;
  }
  if (!file && !variable) {
    table.refuse("secret_file", "where the CHAP secret is",
                 R"(nothing; add secret_file = "PATH" or secret_env = "VARIABLE")");
    return;
  }
  FoundSecret found = file ? secret_from_file(*file) : secret_from_environment(*variable);
  if (!found.expected.empty()) {
    table.refuse(file ? "secret_file" : "secret_env", found.expected, found.found);
  }
  account.secret = std::move(found.secret);
}

iscsi::ChapAccount read_account(Table& table) {
  iscsi::ChapAccount account;
  std::optional<std::string> file;
  std::optional<std::string> variable;
  table.heading("[[account]]");
  table.require("name", "the CHAP user name", R"(name = "USER")");
  table.text("name", account.user);
  table.text("secret_file", file);
  table.text("secret_env", variable);
  for (const char* key : {"secret", "password"}) {
    table.forbid(key, "the secret in a file (secret_file) or an environment variable (secret_env)",
                 "one in the configuration itself");
  }
  table.finish();
  if (account.user.empty() || account.user.size() > iscsi::kMaxUserBytes) {
    table.refuse("name", "a user name of 1 to 255 bytes",
                 std::to_string(account.user.size()) + " bytes");
  }
  read_secret(table, account, file, variable);
  return account;
}

}  // namespace

Accounts read_accounts(std::vector<Table> tables) {
  Accounts accounts;
  for (Table& table : tables) {
    iscsi::ChapAccount account = read_account(table);
    if (std::any_of(accounts.begin(), accounts.end(),
                    [&](const auto& other) { return other.user == account.user; })) {
      table.refuse("name", "each account once", quoted(account.user) + " a second time");
    }
    accounts.push_back(std::move(account));
  }
  return accounts;
}

Accounts look_up(Table& table, std::string_view key, const std::vector<std::string>& names,
                 const Accounts& accounts) {
  Accounts found;
  for (std::size_t i = 0; i != names.size(); ++i) {
    const auto account = std::find_if(accounts.begin(), accounts.end(), [&](const auto& candidate) {
      return candidate.user == names[i];
    });
    if (account != accounts.end()) {
      found.push_back(*account);
      continue;
    }
    std::vector<std::string> known;
    std::transform(accounts.begin(), accounts.end(), std::back_inserter(known),
                   [](const auto& candidate) { return candidate.user; });
    const std::string advice = known.empty()
                                   ? "; add an [[account]] table for it"
                                   : "; did you mean " + quoted(nearest(names[i], known)) + "?";
    table.refuse(key, "the name of an [[account]]", quoted(names[i]) + advice, i);
  }
  return found;
}

}  // namespace lockstep::target
