#include "target_impl/iscsi/security.hpp"

#include "target_impl/iscsi/text.hpp"

#include <algorithm>

namespace lockstep::iscsi {

Security::Verdict Security::take(std::string_view key, std::string_view value,
                                 std::string& answer) {
  if (key.starts_with("CHAP_") || key.starts_with("KRB_") || key.starts_with("SRP_")) {
    return Verdict::Failed;  // belongs to a method that was not agreed on
  }
  if (key != "AuthMethod") {
    return Verdict::NotMine;
  }
  const auto items = split_list(value);
  if (std::find(items.begin(), items.end(), "None") == items.end()) {
    return Verdict::Failed;
  }
  answer = "None";
  return Verdict::Answered;
}

}  // namespace lockstep::iscsi
