#include "reports/record/merge.hpp"

#include <map>
#include <sstream>

namespace lockstep::report {
namespace {

constexpr std::size_t kMostGaps = 20;

std::string configuration_text(const RunHeader& header) {
  std::string text;
  for (const auto& [name, value] : header.configuration) text += name + "=" + value + " ";
  return text;
}

std::string selection_text(const RunHeader& header) {
  return std::to_string(header.selected.size()) + " cases" +
         (header.selected.empty()
              ? std::string()
              : " from " + header.selected.front() + " to " + header.selected.back());
}

std::string shard_count(const std::string& shard) {
  const std::size_t slash = shard.find('/');
  return slash == std::string::npos ? "no shard" : "one of " + shard.substr(slash + 1);
}

// What differs between two headers that should be of one run; empty: nothing.
std::string difference(const RunHeader& a, const RunHeader& b) {
  const auto told = [](const std::string& what, const std::string& one, const std::string& other) {
    return what + " " + one + ", and " + other;
  };
  if (a.command != b.command) return told("command", a.command, b.command);
  if (a.suite_version != b.suite_version) {
    return told("lockstep", a.suite_version, b.suite_version);
  }
  const auto provider = [](const RunHeader& header) {
    return header.provider_organisation + " " + header.provider_product + " " +
           header.provider_version;
  };
  if (provider(a) != provider(b)) return told("provider", provider(a), provider(b));
  if (a.seed != b.seed) return told("seed", std::to_string(a.seed), std::to_string(b.seed));
  if (a.selected != b.selected) {
    return told("selection of", selection_text(a), selection_text(b)) +
           (a.selected.size() == b.selected.size() ? " (others)" : "");
  }
  if (shard_count(a.shard) != shard_count(b.shard)) {
    return told("shards,", shard_count(a.shard), shard_count(b.shard));
  }
  if (a.configuration != b.configuration) {
    return told("configuration", configuration_text(a), configuration_text(b));
  }
  return {};
}

}  // namespace

Result<MergedRun> merge(const std::vector<Run>& runs, const std::vector<std::string>& names) {
  if (runs.empty()) return usage_error("merge: expected the runs of all shards, found none");
  const RunHeader& first = runs.front().header;
  if (first.selected.empty()) {
    return config_error(names.front() +
                        ": expected a run that names the cases it selected, found " +
                        "none; only runs of conform can be merged");
  }
  std::map<std::string, const CaseRecord*> by_id;
  std::map<std::string, std::string> recorded_in;
  MergedRun merged;
  for (std::size_t i = 0; i < runs.size(); ++i) {
    const std::string differs = difference(first, runs[i].header);
    if (!differs.empty()) {
      return config_error(names[i] + ": expected a shard of the same run as " + names.front() +
                          ", found another " + differs);
    }
    for (const CaseRecord& record : runs[i].cases) {
      if (!by_id.emplace(record.id, &record).second) {
        merged.gaps.push_back(record.id + ": expected once, recorded in " + recorded_in[record.id] +
                              " and in " + names[i]);
      }
      recorded_in.emplace(record.id, names[i]);
    }
  }
  merged.run.header = first;
  merged.run.header.shard.clear();
  for (const std::string& id : first.selected) {
    const auto found = by_id.find(id);
    if (found == by_id.end()) {
      merged.gaps.push_back(id + ": selected, and recorded in no shard");
      continue;
    }
    merged.run.cases.push_back(*found->second);
    by_id.erase(found);
  }
  for (const auto& [id, record] : by_id) {
    merged.gaps.push_back(id + ": recorded in " + recorded_in[id] + ", and not selected");
  }
  if (merged.gaps.size() > kMostGaps) {
    const std::size_t more = merged.gaps.size() - kMostGaps;
    merged.gaps.resize(kMostGaps);
    merged.gaps.push_back("and " + std::to_string(more) + " more");
  }
  return merged;
}

}  // namespace lockstep::report
