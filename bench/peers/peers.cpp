#include "bench/peers/peers.hpp"

#include "bench/load/libiscsi_traffic.hpp"
#include "bench/load/processes.hpp"
#include "bench/load/traffic.hpp"
#include "bench/measure.hpp"
#include "bench/peers/contender.hpp"
#include "bench/peers/copies.hpp"
#include "bench/peers/series.hpp"
#include "target_impl/transport/bypass/sockets/system_calls.hpp"

#include <algorithm>
#include <optional>
#include <regex>
#include <string_view>
#include <utility>

namespace lockstep::bench {
namespace {

using load::Sample;
using load::Traffic;
using load::Work;
using peers::Contender;
using peers::Figures;
using peers::Series;

constexpr double kGiB = 1024.0 * 1024.0 * 1024.0;
constexpr const char* kReference = "tgtd";
constexpr const char* kOwn = "lockstep";
constexpr const char* kOwnBypass = "lockstep_bypass";
constexpr std::string_view kPeers = "peers/";
constexpr const char* kMemcpy = "memcpy_in_one_thread";
constexpr const char* kCopyName = "peers/copy/lun_to_lun";

struct PeerCase {
  std::string name;
  Work work;
  bool through_libiscsi = false;  // otherwise by our own initiator
};

std::vector<PeerCase> traffic_cases() {
  std::vector<PeerCase> cases;
  const auto add = [&](bool random, bool writes, std::uint32_t bytes, std::uint32_t depth) {
    Work work;
    work.random = random;
    work.writes = writes;
    work.block_bytes = bytes;
    work.depth = depth;
    cases.push_back({std::string(kPeers) + (writes ? "write/" : "read/") +
                         (random ? "random" : "sequential") + "/bs:" + size_text(bytes) +
                         "/qd:" + std::to_string(depth),
                     work});
  };
  for (const bool writes : {false, true}) {
    for (const std::uint32_t depth : {1U, 16U, 64U}) add(true, writes, 4096, depth);
  }
  for (const bool writes : {false, true}) {
    for (const std::uint32_t kib : {64U, 256U, 1024U}) add(false, writes, kib * 1024, 8);
  }
  // Hosts whose initiator is the limit.
  for (const bool writes : {false, true}) {
    for (const std::uint32_t depth : {16U, 64U}) {
      add(true, writes, 4096, depth);
      cases.back().name.insert(kPeers.size(), "libiscsi/");
      cases.back().through_libiscsi = true;
    }
  }
  return cases;
}

Figures figures_of(const Sample& sample) {
  Figures figures;
  figures["io_per_second"] = static_cast<double>(sample.commands) / sample.seconds;
  figures["bytes_per_second"] = sample.bytes / sample.seconds;
  figures["p50_us"] = sample.p50_us;
  figures["p99_us"] = sample.p99_us;
  figures["p99_9_us"] = sample.p99_9_us;
  // Of the target's process alone.
  figures["cpu_s_per_gib"] = sample.target_cpu_s * kGiB / sample.bytes;
  figures["cpu_s_per_gib_initiator"] = sample.own_cpu_s * kGiB / sample.bytes;
  const auto commands = static_cast<double>(sample.commands);
  figures["switches_per_io_target"] = sample.target_switches / commands;
  figures["switches_per_io_initiator"] = sample.own_switches / commands;
  return figures;
}

class Comparison {
 public:
  explicit Comparison(const PeersOptions& options) : options_(options) {}

  [[nodiscard]] Status prepare();
  void run_traffic(const std::vector<PeerCase>& cases);
  void run_copies();
  [[nodiscard]] std::vector<report::BenchmarkRecord> take() { return std::move(records_); }

 private:
  [[nodiscard]] bool stopped() const {
    return options_.stop_requested && options_.stop_requested();
  }
  void note(const std::string& text) const {
    if (options_.note) options_.note(text);
  }
  void publish(const Series& series);
  // Over shared memory if `label` is kOwnBypass.
  void measure(const PeerCase& one, const Contender& contender, const std::string& label,
               Series& series) const;
  void copy_once(Series& series, const std::string& label, const Contender& on,
                 const Result<double>& seconds, double cpu_before) const;

  const PeersOptions& options_;
  std::optional<ScratchFolder> folder_;
  std::vector<Contender> contenders_;  // the reference first
  std::vector<report::BenchmarkRecord> records_;
};

Status Comparison::prepare() {
  LOCKSTEP_TRY(auto folder, ScratchFolder::make());
  folder_.emplace(std::move(folder));
  auto reference = peers::start_tgtd(options_.volume_bytes, folder_->path());
  if (reference) {
    contenders_.push_back(std::move(reference).value());
  } else {
    note("without tgtd: " + reference.error().message);
  }
  LOCKSTEP_TRY(auto own, peers::start_own_target(options_.volume_bytes, options_.spin_us));
  contenders_.push_back(std::move(own));
  for (const Contender& contender : contenders_) {
    LOCKSTEP_TRY(auto traffic,
                 Traffic::open({contender.portal, contender.target_name, contender.first_lun}));
    LOCKSTEP_TRY(traffic->fill());
  }
  return ok();
}

void Comparison::publish(const Series& series) {
  for (auto& record : series.records()) {
    if (options_.finished) options_.finished(record);
    records_.push_back(std::move(record));
  }
}

// A connection of its own for each measurement: neither side gets used to the other.
Result<Sample> run_once(const PeerCase& one, const load::Address& address, const Work& work) {
  if (one.through_libiscsi) return load::run_through_libiscsi(address, work);
  LOCKSTEP_TRY(const auto traffic, Traffic::open(address));
  if (address.bypass && !traffic->uses_bypass()) {
    return target_error("expected shared memory from our own target, found none");
  }
  return traffic->run(work);
}

void Comparison::measure(const PeerCase& one, const Contender& contender, const std::string& label,
                         Series& series) const {
  Work work = one.work;
  work.warm_up = options_.warm_up;
  work.duration = options_.duration;
  work.target = contender.process.process();
  const auto sample = run_once(
      one, {contender.portal, contender.target_name, contender.first_lun, label == kOwnBypass},
      work);
  if (!sample) return series.fail(label, sample.error().message);
  const Sample& found = sample.value();
  if (found.commands == 0) {
    return series.fail(label, "no command ended in the time given");
  }
  series.add(label, figures_of(found), found.commands,
             found.seconds * 1e9 / static_cast<double>(found.commands));
}

void Comparison::run_traffic(const std::vector<PeerCase>& cases) {
  std::vector<Series> all;
  for (const PeerCase& one : cases) {
    all.emplace_back(one.name, std::vector<std::string>{kReference, kOwn},
                     std::vector<std::string>{"io_per_second", "p50_us", "cpu_s_per_gib"});
  }
  const load::OnLastProcessor pinned;
  for (unsigned round = 0; round < options_.rounds; ++round) {
    for (std::size_t i = 0; i < cases.size(); ++i) {
      if (stopped()) return;
      for (const Contender& contender : contenders_) {
        measure(cases[i], contender, contender.label, all[i]);
        if (contender.label == kOwn) measure(cases[i], contender, kOwnBypass, all[i]);
      }
    }
  }
  for (const Series& series : all) publish(series);
}

void Comparison::copy_once(Series& series, const std::string& label, const Contender& on,
                           const Result<double>& seconds, double cpu_before) const {
  if (!seconds) return series.fail(label, seconds.error().message);
  const auto bytes = static_cast<double>(options_.volume_bytes);
  const double cpu = load::cpu_seconds_of(on.process.process()) - cpu_before;
  series.add(label,
             {{"bytes_per_second", bytes / seconds.value()}, {"cpu_s_per_gib", cpu * kGiB / bytes}},
             1, seconds.value() * 1e9);
}

void Comparison::run_copies() {
  const bool has_qemu = !find_program("qemu-img").empty();
  if (!has_qemu) note("without qemu-img: it is not installed (Debian: qemu-utils)");
  const std::string reference = std::string("qemu-img_on_") + kReference;
  Series series(kCopyName, {kMemcpy, reference, std::string("engine_on_") + kOwn},
                {"bytes_per_second", "cpu_s_per_gib"});
  peers::MemoryCopy memory(options_.volume_bytes);
  for (unsigned round = 0; round < options_.rounds; ++round) {
    const double in_memory = memory.run();
    series.add(kMemcpy,
               {{"bytes_per_second", static_cast<double>(options_.volume_bytes) / in_memory}}, 1,
               in_memory * 1e9);
    for (const Contender& on : contenders_) {
      if (stopped()) return;
      const auto cpu = [&] { return load::cpu_seconds_of(on.process.process()); };
      if (has_qemu) {
        const double before = cpu();
        copy_once(series, "qemu-img_on_" + on.label, on, peers::copy_with_qemu(on, folder_->path()),
                  before);
      }
      for (const bool bypass : {false, true}) {
        if (bypass && (on.label != kOwn || !transport::bypass::are_calls_interposed())) continue;
        const double before = cpu();
        copy_once(series, "engine_on_" + (bypass ? std::string(kOwnBypass) : on.label), on,
                  peers::copy_with_engine(on, options_.volume_bytes, bypass), before);
      }
    }
  }
  for (const Contender& on : contenders_) {
    const auto equal = peers::luns_are_equal(on, options_.volume_bytes);
    if (!equal || !equal.value()) {
      series.fail("engine_on_" + on.label,
                  equal ? "the copy differs from its source" : equal.error().message);
    }
  }
  publish(series);
}

}  // namespace

std::vector<std::string> list_peer_cases() {
  std::vector<std::string> names;
  for (const PeerCase& one : traffic_cases()) names.push_back(one.name);
  names.emplace_back(kCopyName);
  return names;
}

Result<std::vector<report::BenchmarkRecord>> run_peers(const PeersOptions& options) {
  constexpr std::uint64_t kMiB = 1 << 20;
  if (options.volume_bytes < 8 * kMiB || options.volume_bytes % kMiB != 0 || options.rounds == 0 ||
      options.duration.count() <= 0) {
    return usage_error(
        "bench peers: expected a volume of whole MiB, at least 8, a duration and a round");
  }
  std::vector<PeerCase> cases = traffic_cases();
  bool copies = false;
  try {
    const std::regex pattern(options.filter);
    std::erase_if(cases,
                  [&](const PeerCase& one) { return !std::regex_search(one.name, pattern); });
    copies = std::regex_search(std::string(kCopyName), pattern);
  } catch (const std::regex_error& error) {
    return usage_error("bench peers: filter '" + options.filter +
                       "': expected a regular expression: " + error.what());
  }
  if (cases.empty() && !copies) {
    return usage_error("bench peers: filter '" + options.filter + "' selects nothing");
  }
  Comparison comparison(options);
  LOCKSTEP_TRY(comparison.prepare());
  comparison.run_traffic(cases);
  if (copies) comparison.run_copies();
  return comparison.take();
}

}  // namespace lockstep::bench
