// The characterization page without its plots: what stands out, bars, and the records themselves.
#include "reports/html/characterization.hpp"
#include "reports/html/parts.hpp"
#include "reports/record/store.hpp"
#include "reports/text/benchmark_name.hpp"
#include "reports/text/escape.hpp"
#include "reports/text/quantity.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <optional>
#include <set>
#include <string_view>
#include <tuple>
#include <utility>

namespace lockstep::report::html {
namespace {

struct Tile {
  const char* figure;
  bool more_is_better;
  std::string what;
  std::function<bool(const Measured&)> chosen;
};

std::vector<Tile> tiles() {
  const auto random4k = [](bool writes, double depth) {
    return [=](const Measured& one) {
      return one.writes == writes && one.random && one.block_bytes == 4096 && one.depth == depth;
    };
  };
  return {{"io_per_second", true, "random reads of 4 KiB, 64 in flight", random4k(false, 64)},
          {"io_per_second", true, "random writes of 4 KiB, 64 in flight", random4k(true, 64)},
          {"p50_us", false, "median read of 4 KiB, alone", random4k(false, 1)},
          {"bytes_per_second", true, "sequential reads, at the best size",
           [](const Measured& one) { return !one.writes && !one.random; }},
          {"bytes_per_second", true, "sequential writes, at the best size",
           [](const Measured& one) { return one.writes && !one.random; }},
          {"cpu_s_per_gib_target", false, "of the target, reads of 4 KiB, 64 in flight",
           random4k(false, 64)}};
}

std::string tile_text(const Loads& loads, const Tile& tile) {
  const Measured* best = nullptr;
  double value = 0;
  for (const Measured& one : loads.measured) {
    const auto found = figure_of(*one.record, tile.figure);
    if (!tile.chosen(one) || !found) continue;
    if (best == nullptr || (tile.more_is_better ? *found > value : *found < value)) {
      best = &one;
      value = *found;
    }
  }
  if (best == nullptr) return {};
  // One value alone reads best in the largest unit that it fills.
  const Quantity quantity = quantity_of(tile.figure, 10 * value);
  const Look& look = loads.contenders[best->contender];
  return fmt::format(
      R"(<div class="tile"><p class="big">{} <span class="unit">{}</span></p>
<p>{}</p><p class="soft">{}</p></div>
)",
      recorded(number_text(value * quantity.scale), {0, 0, value, best->record->name, tile.figure},
               look.run),
      escape(quantity.unit), escape(tile.what), escape(look.label));
}

// A bar of `share` of the whole width, 0 to 1.
std::string bar(double share, const std::string& tone) {
  return fmt::format(R"(<span class="length {}" style="width:{:.1f}%"></span>)", tone,
                     100 * std::clamp(share, 0.0, 1.0));
}

// "/4KiB" and the like stay out of a URL's way; the rest of a record is as it is.
std::string percent_encoded(std::string_view text) {
  constexpr std::string_view kPlain = "-_.~,:{}[]/+*()!;=@$";
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  std::string encoded;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    const bool is_plain = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
                          (c >= 'A' && c <= 'Z') || kPlain.find(c) != std::string_view::npos;
    if (is_plain) {
      encoded += c;
    } else {
      encoded += {'%', kDigits[byte >> 4U], kDigits[byte & 15U]};
    }
  }
  return encoded;
}

std::string records_of(const Run& run) {
  std::string lines = to_json_line(Line{run.header}) + "\n";
  for (const CaseRecord& record : run.cases) lines += to_json_line(Line{record}) + "\n";
  for (const CoverageRecord& record : run.coverage) lines += to_json_line(Line{record}) + "\n";
  for (const BenchmarkRecord& record : run.benchmarks) lines += to_json_line(Line{record}) + "\n";
  if (run.summary) lines += to_json_line(Line{*run.summary}) + "\n";
  return lines;
}

std::string number_cell(const BenchmarkRecord& record, const std::string& figure, std::size_t run,
                        const char* label) {
  const auto value = figure_of(record, figure);
  return fmt::format(
      R"(<td class="number" data-label="{}">{}</td>)", label,
      value ? recorded(number_text(*value), {0, 0, *value, record.name, figure}, run) : "–");
}

constexpr const char* kInitiatorCpu = "cpu_s_per_gib_initiator";

// Beside a target in another process, only the target's time is called so.
std::string target_cpu_of(const BenchmarkRecord& record) {
  return record.counters.contains("cpu_s_per_gib_target") ? "cpu_s_per_gib_target"
                                                          : "cpu_s_per_gib";
}

// The same work by everybody, in words; random before sequential, reads before writes.
std::vector<std::pair<std::string, std::vector<const Measured*>>> by_work(
    const Loads& loads, const std::function<bool(const Measured&)>& chosen) {
  std::vector<const Measured*> rows;
  for (const Measured& one : loads.measured) {
    if (chosen(one)) rows.push_back(&one);
  }
  std::ranges::stable_sort(rows, {}, [](const Measured* one) {
    return std::tuple(!one->random, one->writes, one->block_bytes, one->depth, one->contender);
  });
  std::vector<std::pair<std::string, std::vector<const Measured*>>> works;
  for (const Measured* one : rows) {
    const std::string work =
        fmt::format("{} {} of {}, {:g} in flight", one->random ? "Random" : "Sequential",
                    one->writes ? "writes" : "reads", bytes_text(one->block_bytes), one->depth);
    if (works.empty() || works.back().first != work)
      works.emplace_back(work, std::vector{one});
    else
      works.back().second.push_back(one);
  }
  return works;
}

std::string group_of_rows(const std::string& title, std::size_t columns, const std::string& rows) {
  return fmt::format(
      R"(<tbody><tr class="group"><th scope="rowgroup" colspan="{}">{}</th></tr>
{}</tbody>
)",
      columns, escape(title), rows);
}

std::string share_row(const BenchmarkRecord& record, std::size_t run, const std::string& switched,
                      std::size_t colour, const std::string& label) {
  const double share = figure_of(record, kShareOfLimit).value_or(0);
  return fmt::format(
      R"(<tr class="{}"><th scope="row">{}</th><td class="number" data-label="Share">{}</td><td class="track"><span
class="whole">{}</span></td></tr>
)",
      switched, label,
      recorded(number_text(100 * share) + " %", {0, 0, share, record.name, kShareOfLimit}, run),
      bar(share, fmt::format("s{}", colour % 6 + 1)));
}

}  // namespace

std::string highlights(const Loads& loads) {
  std::string text;
  for (const Tile& tile : tiles()) text += tile_text(loads, tile);
  return text.empty() ? "" : "<div class=\"tiles\">\n" + text + "</div>\n";
}

std::string switches(const Loads& loads) {
  if (loads.contenders.size() < 2) return {};
  constexpr std::array<const char*, 4> kMarks{"●", "■", "▲", "◆"};
  std::string items;
  for (const Look& look : loads.contenders) {
    items += fmt::format(
        R"(<label><input type="checkbox" id="show-c{0}" checked/> <span class="s{1} swatch"
aria-hidden="true">{2}</span> {3}</label>)",
        look.number, look.colour % 6 + 1, kMarks[look.number % kMarks.size()], escape(look.label));
  }
  return fmt::format(
      R"(<fieldset class="filter key"><legend>Who did the work</legend>{}</fieldset>
)",
      items);
}

std::string shares_of_limits(const Runs& runs, const Loads& loads) {
  std::string bodies;
  std::set<const BenchmarkRecord*> told;
  for (const auto& [work, ones] : by_work(loads, [](const Measured& one) {
         return figure_of(*one.record, kShareOfLimit).has_value();
       })) {
    std::string rows;
    for (const Measured* one : ones) {
      told.insert(one->record);
      const Look& look = loads.contenders[one->contender];
      // Each way has a limit of its own.
      rows += share_row(*one->record, look.run, "c" + std::to_string(look.number), look.colour,
                        escape(look.label) + "<br/><span class=\"soft\">against " +
                            escape(one->record->limit) + "</span>");
    }
    bodies += group_of_rows(work, 3, rows);
  }
  std::string others;
  for (std::size_t run = 0; run < runs.size(); ++run) {
    const std::string letter = run_letter(runs, run);
    for (const BenchmarkRecord& record : runs[run].benchmarks) {
      if (told.contains(&record) || !figure_of(record, kShareOfLimit)) continue;
      others += share_row(
          record, run, "", run,
          escape(letter.empty() ? "" : letter + ": ") + "<code>" + escape(record.name) + "</code>");
    }
  }
  if (!others.empty()) bodies += group_of_rows("Copies, against copy/memcpy", 3, others);
  if (bodies.empty()) return {};
  return fmt::format(
      R"(<p>The limit is what the machine gave in the same run with nothing above it, at its best: a median round trip for
one request in flight, bytes per second of as many messages together for more, a copy in memory by one thread for copies.</p>
<div class="wide"><table class="stack bars"><caption>How near each comes to its limit</caption><thead><tr><th
scope="col">By</th><th scope="col" class="number">Share</th><th scope="col"><span
class="aside">As a bar</span></th></tr></thead>
{}</table></div>
)",
      bodies);
}

std::string costs(const Loads& loads) {
  constexpr std::size_t kColumns = 8;
  double most = 0;
  // Below that depth, waiting is what costs.
  const auto works = by_work(loads, [&](const Measured& one) {
    const auto target = figure_of(*one.record, target_cpu_of(*one.record));
    if (!target || one.depth < 16) return false;
    most = std::max(most, *target + figure_of(*one.record, kInitiatorCpu).value_or(0));
    return true;
  });
  if (works.empty()) return {};
  std::string bodies;
  for (const auto& [work, ones] : works) {
    std::string rows;
    for (const Measured* one : ones) {
      const BenchmarkRecord& record = *one->record;
      const Look& look = loads.contenders[one->contender];
      const std::string target = target_cpu_of(record);
      rows += fmt::format(
          R"(<tr class="c{}"><th scope="row">{}</th><td class="track"><span class="whole">{}{}</span></td>{}{}{}{}{}{}</tr>
)",
          look.number, escape(look.label), bar(*figure_of(record, target) / most, "s1"),
          bar(figure_of(record, kInitiatorCpu).value_or(0) / most, "s2"),
          number_cell(record, target, look.run, "Target, s/GiB"),
          number_cell(record, kInitiatorCpu, look.run, "Initiator, s/GiB"),
          number_cell(record, "syscalls_per_io_target", look.run, "System calls, target"),
          number_cell(record, "syscalls_per_io_initiator", look.run, "System calls, initiator"),
          number_cell(record, "switches_per_io_target", look.run, "Switches, target"),
          number_cell(record, "switches_per_io_initiator", look.run, "Switches, initiator"));
    }
    bodies += group_of_rows(work, kColumns, rows);
  }
  return fmt::format(
      R"(<p><span class="s1 swatch" aria-hidden="true">■</span> processor seconds of the target for a GiB,
<span class="s2 swatch" aria-hidden="true">■</span> of the initiator; system calls and context switches by request.
System calls are those that this project's transports count; libiscsi's are not known.</p>
<div class="wide" tabindex="0" role="region" aria-label="Cost of a GiB"><table class="stack bars"><caption>What a GiB and a
request cost, at 16 requests in flight and more</caption><thead><tr><th scope="col">By</th><th scope="col"><span
class="aside">As a bar</span></th><th scope="col" class="number">Target, s/GiB</th><th scope="col"
class="number">Initiator, s/GiB</th><th scope="col" class="number">System calls, target</th><th scope="col"
class="number">initiator</th><th scope="col" class="number">Switches, target</th><th scope="col"
class="number">initiator</th></tr></thead>
{}</table></div>
)",
      bodies);
}

std::string copies(const Runs& runs) {
  struct Row {
    std::size_t run;
    const BenchmarkRecord* record;
    double bytes_per_second;
  };
  std::vector<Row> rows;
  double most = 0;
  for (std::size_t run = 0; run < runs.size(); ++run) {
    for (const BenchmarkRecord& record : runs[run].benchmarks) {
      const bool is_copy = record.group == "copy" || record.name.starts_with("peers/copy/");
      const auto speed = figure_of(record, "bytes_per_second");
      // Sharing moves no bytes: its rate would only say how large the volume was.
      if (!is_copy || !speed || record.name == "copy/share_extents") continue;
      rows.push_back({run, &record, *speed});
      most = std::max(most, *speed);
    }
  }
  if (rows.empty()) return {};
  const Quantity quantity = quantity_of("bytes_per_second", most);
  std::string text;
  for (const Row& row : rows) {
    const std::string letter = run_letter(runs, row.run);
    text += fmt::format(
        R"(<tr><th scope="row"><code>{}</code></th><td class="track"><span class="whole">{}</span></td><td class="number"
data-label="{}">{}</td></tr>
)",
        escape((letter.empty() ? "" : letter + ": ") + row.record->name),
        bar(row.bytes_per_second / most, row.record->name.starts_with("copy/memcpy") ? "s6" : "s1"),
        escape(quantity.unit),
        recorded(number_text(row.bytes_per_second * quantity.scale),
                 {0, 0, row.bytes_per_second, row.record->name, "bytes_per_second"}, row.run));
  }
  return fmt::format(
      R"(<div class="wide"><table class="stack bars"><caption>Copies of a whole volume; sharing extents moves no bytes and is not among them</caption><thead><tr><th scope="col">Copy of a whole volume</th><th
scope="col"><span class="aside">As a bar</span></th><th scope="col" class="number">{}</th></tr></thead>
<tbody>
{}</tbody></table></div>
)",
      escape(quantity.unit), text);
}

std::string raw_data(const Runs& runs) {
  std::string text;
  for (std::size_t run = 0; run < runs.size(); ++run) {
    const std::string letter = run_letter(runs, run);
    const std::string records = records_of(runs[run]);
    text += fmt::format(
        R"(<h3>{0}{1}</h3>
<p><a class="download" download="{1}.records.jsonl" href="data:application/x-ndjson;charset=utf-8,{2}">Download records.jsonl</a>
<span class="soft">{3}, one JSON object a line; <code>lockstep report</code> and <code>lockstep gate</code> read it.</span></p>
<details class="behind"><summary>Look at it here</summary><pre class="raw" tabindex="0">{4}</pre></details>
<details class="behind"><summary>Every figure as a table</summary>
{5}</details>
)",
        escape(letter.empty() ? "" : letter + ": "), escape(runs[run].header.run_id),
        percent_encoded(records), count_of(runs[run].benchmarks.size(), "benchmark", "benchmarks"),
        escape(records), figures(runs[run]));
  }
  return text;
}

}  // namespace lockstep::report::html
