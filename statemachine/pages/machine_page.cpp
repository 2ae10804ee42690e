#include "statemachine/pages/machine_page.hpp"

#include "model/vocab/names.hpp"
#include "statemachine/job.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <tuple>
#include <utility>
#include <vector>

namespace lockstep::machine {
namespace {

constexpr const char* kGenerated =
    "Generated from the rows of the running machine; a test fails when this page differs from "
    "them. "
    "To make it again:\n"
    "`LOCKSTEP_UPDATE_DOCS=1 build/dev/statemachine/statemachine_test "
    "--gtest_filter='MachinePages.*'`\n";

std::string place_text(Place place) { return place ? to_text(*place) : std::string("nowhere"); }

// What the table shows in one line: an event in a place, and where it may arrive.
struct Line {
  Place from;
  Event event;
  std::string_view id;
  Certainty certainty;
  std::vector<std::pair<Place, std::set<MachineKind>>> arrivals;
};

std::vector<Line> lines_of(std::span<const MachineKind> kinds) {
  std::vector<Line> lines;
  for (const MachineKind kind : kinds) {
    for (const Row& row : rows(kind)) {
      auto line = std::ranges::find_if(lines, [&](const Line& known) {
        return std::tie(known.from, known.event, known.id, known.certainty) ==
               std::tie(row.from, row.event, row.id, row.certainty);
      });
      if (line == lines.end()) {
        lines.push_back({row.from, row.event, row.id, row.certainty, {}});
        line = lines.end() - 1;
      }
      auto arrival =
          std::ranges::find(line->arrivals, row.to, [](const auto& known) { return known.first; });
      if (arrival == line->arrivals.end()) {
        line->arrivals.emplace_back(row.to, std::set<MachineKind>{});
        arrival = line->arrivals.end() - 1;
      }
      arrival->second.insert(kind);
    }
  }
  std::ranges::stable_sort(lines, {}, [](const Line& line) {
    return std::tuple(line.from, kind_of(line.event), line.id);
  });
  return lines;
}

std::string arrivals_text(const Line& line, std::size_t all_kinds) {
  std::string text;
  for (const auto& [place, kinds] : line.arrivals) {
    text += (text.empty() ? "" : ", ") + (place == line.from ? "stays" : place_text(place));
    if (kinds.size() == all_kinds) continue;
    std::string names;
    for (const MachineKind kind : kinds) names += (names.empty() ? "" : ", ") + to_text(kind);
    text += " (" + names + " only)";
  }
  return text;
}

std::string table(const std::vector<Line>& lines, std::size_t all_kinds) {
  std::string text = "| In | Event | | Arrives at | Legal |\n|---|---|---|---|---|\n";
  for (const Line& line : lines) {
    text += "| " + place_text(line.from) + " | " + to_text(line.event) + " | " +
            std::string(line.id) + " | " + arrivals_text(line, all_kinds) + " | " +
            (line.certainty == Certainty::Either ? "or refused" : "yes") + " |\n";
  }
  return text;
}

// Edges with the labels of the transitions between the same two places joined.
std::string diagram(
    const std::map<std::pair<std::string, std::string>, std::set<std::string>>& edges) {
  std::string text = "```mermaid\nstateDiagram-v2\n";
  for (const auto& [ends, labels] : edges) {
    std::string label;
    for (const std::string& one : labels) label += (label.empty() ? "" : ", ") + one;
    text += "  " + ends.first + " --> " + ends.second + (label.empty() ? "" : ": " + label) + "\n";
  }
  return text + "```\n";
}

// The ordinary life: what is expected to be legal, without what breaks and is repaired.
std::string ordinary_life(const std::vector<Line>& lines) {
  std::map<std::pair<std::string, std::string>, std::set<std::string>> edges;
  const auto node = [](Place place) { return place ? to_text(*place) : std::string("[*]"); };
  for (const Line& line : lines) {
    const EventKind kind = kind_of(line.event);
    if (line.certainty == Certainty::Either || kind == EventKind::Fault ||
        kind == EventKind::Repair || line.event == Event::CreateFails) {
      continue;
    }
    for (const auto& [place, kinds] : line.arrivals) {
      if (place == line.from) continue;
      const bool created = kind == EventKind::Create;
      edges[{node(line.from), node(place)}].insert(created ? "create" : to_text(line.event));
    }
  }
  return diagram(edges);
}

std::string flags(std::span<const MachineKind> kinds, const std::vector<Line>& lines) {
  std::set<Place> places;
  for (const Line& line : lines) places.insert(line.from);
  std::string text = "| In | |\n|---|---|\n";
  for (const Place place : places) {
    if (!place) continue;
    std::string names;
    for (const Flag flag : all_values<Flag>()) {
      if (has_flag(kinds.front(), place, flag))
        names += (names.empty() ? "" : ", ") + to_text(flag);
    }
    text +=
        "| " + place_text(place) + " | " + (names.empty() ? "nothing is promised" : names) + " |\n";
  }
  return text;
}

}  // namespace

std::string machine_page(const std::string& title, std::span<const MachineKind> kinds) {
  const std::vector<Line> lines = lines_of(kinds);
  return "# " + title + "\n\n" + kGenerated +
         "\n## Ordinary life\n\nWhat is expected to be legal, and what happens by itself; without "
         "faults and "
         "repairs, and without what\na provider may as well refuse.\n\n" +
         ordinary_life(lines) + "\n## What holds in each state\n\n" + flags(kinds, lines) +
         "\n## Every transition\n\n\"nowhere\" is before the creation and after the end. \"or "
         "refused\": it conforms to "
         "accept and to refuse.\n\n" +
         table(lines, kinds.size());
}

std::string job_page() {
  std::map<std::pair<std::string, std::string>, std::set<std::string>> edges;
  edges[{"[*]", to_text(JobState::New)}];
  std::string ends;
  for (const JobRow& row : job_rows()) edges[{to_text(row.from), to_text(row.to)}];
  for (const JobState state : all_values<JobState>()) {
    if (!is_terminal(state)) continue;
    edges[{to_text(state), "[*]"}];
    ends += (ends.empty() ? "" : ", ") + to_text(state);
  }
  return std::string("# Job\n\n") + kGenerated +
         "\nOne step per arrow (JOB-01). Whoever polls may miss steps, so any state that can be "
         "reached over "
         "several arrows may\nbe seen next. Final, and never left: " +
         ends + ".\n\n" + diagram(edges);
}

}  // namespace lockstep::machine
