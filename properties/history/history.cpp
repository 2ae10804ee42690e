#include "properties/history/history.hpp"

#include "properties/history/tell.hpp"

#include <algorithm>
#include <utility>

namespace lockstep::properties {

History without_reads(const History& history) {
  History rest{history.capabilities, {}};
  for (const History::Entry& entry : history.entries) {
    if (!std::holds_alternative<History::Read>(entry)) rest.entries.push_back(entry);
  }
  return rest;
}

History received_anew(const History& history) {
  const auto anew = [](model::SharedInventory& inventory) {
    inventory = std::make_shared<const Inventory>(*inventory);
  };
  History copy = history;
  for (History::Entry& entry : copy.entries) {
    if (auto* adopted = std::get_if<History::Adopted>(&entry)) anew(adopted->inventory);
    if (auto* answered = std::get_if<History::Answered>(&entry)) anew(answered->after);
    if (auto* observed = std::get_if<History::Observed>(&entry)) anew(observed->inventory);
  }
  return copy;
}

std::uint64_t bytes_read(const History& history) {
  std::uint64_t bytes = 0;
  for (const History::Entry& entry : history.entries) {
    const auto* read = std::get_if<History::Read>(&entry);
    if (read == nullptr) continue;
    for (const model::Judge::Image& image : read->images) bytes += image.bytes.size();
  }
  return bytes;
}

std::uint64_t judgements(const History& history) {
  return static_cast<std::uint64_t>(
      std::count_if(history.entries.begin(), history.entries.end(), [](const auto& entry) {
        return std::holds_alternative<History::Answered>(entry) ||
               std::holds_alternative<History::Observed>(entry) ||
               std::holds_alternative<History::WriteAnswered>(entry) ||
               std::holds_alternative<History::Read>(entry);
      }));
}

Judgement judge(const History& history) {
  model::Judge judge(history.capabilities);
  Judgement judgement;
  for (const History::Entry& entry : history.entries) {
    ++judgement.told;
    const model::Findings findings = std::visit(Tell{judge}, entry);
    const auto violated = std::find_if(findings.begin(), findings.end(), [](const auto& finding) {
      return finding.severity == model::Severity::Violation;
    });
    if (violated == findings.end()) continue;
    judgement.violation = *violated;
    break;
  }
  return judgement;
}

}  // namespace lockstep::properties
