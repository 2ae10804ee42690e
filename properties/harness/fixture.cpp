#include "properties/harness/fixture.hpp"

#include "model/vocab/names.hpp"
#include "properties/commands/plan.hpp"
#include "properties/harness/fixture_parts.hpp"
#include "properties/harness/requests.hpp"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <cstring>
#include <span>
#include <thread>
#include <utility>

namespace lockstep::properties {
namespace {

// Between two looks at something that goes on. Most of it ends soon; what does not is not worth
// many looks.
class Pause {
 public:
  void wait() {
    std::this_thread::sleep_for(next_);
    next_ = std::min(2 * next_, kLongest);
  }

 private:
  static constexpr std::chrono::microseconds kLongest{400};
  std::chrono::microseconds next_{100};
};

}  // namespace

Instant now() noexcept {
  const auto since = std::chrono::steady_clock::now().time_since_epoch();
  return Instant{std::chrono::duration_cast<std::chrono::nanoseconds>(since).count()};
}

Fixture::Fixture(Provider& provider, std::shared_ptr<const Capabilities> capabilities,
                 std::uint64_t& sequence_numbers, Tally* tally, History* history)
    : provider_(provider),
      judge_(std::move(capabilities), history),
      sequence_numbers_(sequence_numbers),
      tally_(tally) {}

std::string Fixture::readable(const std::string& text) const {
  const std::string named = bindings_.symbolic(text);
  std::string result;
  std::size_t at = 0;
  while (at < named.size()) {
    const char first = named[at];
    if (first != '-' && std::isdigit(static_cast<unsigned char>(first)) == 0) {
      result += named[at++];
      continue;
    }
    std::int64_t ns = 0;
    const char* const begin = named.data() + at;
    const auto [end, error] = std::from_chars(begin, named.data() + named.size(), ns);
    const auto length = static_cast<std::size_t>(end - begin);
    const bool inside_word = at > 0 && std::isalnum(static_cast<unsigned char>(named[at - 1])) != 0;
    if (error == std::errc{} && !inside_word && named.compare(at + length, 3, " ns") == 0) {
      result += std::to_string((ns - began_.ns) / 1000) + " us";
      at += length + 3;
    } else {
      result += named[at++];
    }
  }
  return result;
}

// The model column shows differences only: lines that came, and lines that went.
void Fixture::show_findings(Step& step) {
  for (model::Finding& finding : step.findings) {
    finding.subject = readable(finding.subject);
    finding.expected = readable(finding.expected);
    finding.observed = readable(finding.observed);
  }
  const std::vector<std::string> before = std::exchange(beliefs_, judge_.judge().describe());
  const auto without = [](const std::vector<std::string>& lines,
                          const std::vector<std::string>& others) {
    std::vector<std::string> rest;
    for (const std::string& line : lines) {
      if (std::find(others.begin(), others.end(), line) == others.end()) rest.push_back(line);
    }
    return rest;
  };
  std::string difference;
  const auto add = [&](const char* sign, const std::string& line) {
    difference += (difference.empty() ? "" : "; ") + std::string(sign) + line;
  };
  for (const std::string& line : without(beliefs_, before)) add("", readable(line));
  const std::vector<std::string> gone = without(before, beliefs_);
  if (!gone.empty()) {
    // A line that only changed its end is told by the new one.
    const auto subject = [](const std::string& line) {
      return line.substr(0, line.find_first_of(" :"));
    };
    std::set<std::string> subjects;
    for (const std::string& line : beliefs_) subjects.insert(subject(readable(line)));
    for (const std::string& line : gone) {
      const std::string named = readable(line);
      if (!subjects.contains(subject(named))) add("gone: ", named);
    }
  }
  step.shown.model = difference;
}

bool Fixture::conclude(Trace& trace, Step step) {
  if (step.carried_out) ++trace.carried_out;
  const auto violated = std::find_if(
      step.findings.begin(), step.findings.end(),
      [](const model::Finding& finding) { return finding.severity == model::Severity::Violation; });
  if (violated != step.findings.end()) {
    step.shown.differs = true;
    step.shown.expected = violated->expected;
    const std::string seen = violated->subject + ": " + violated->observed;
    if (step.shown.answered != violated->observed) {
      step.shown.answered += (step.shown.answered.empty() ? "" : "; ") + seen;
    }
    trace.violation = *violated;
  }
  trace.steps.push_back(std::move(step));
  return trace.violation.has_value();
}

Trace Fixture::run(const Sequence& sequence) {
  Trace trace;
  began_ = now();
  const auto inventory = provider_.inventory();
  if (inventory.has_error()) {
    trace.error = inventory.error();
    return trace;
  }
  seen_ = std::make_shared<const Inventory>(inventory.value());
  for (const ElementView& view : seen_->elements) given_.insert(view.ref);
  judge_.adopt(seen_);
  beliefs_ = judge_.judge().describe();
  if (tally_ != nullptr) tally_->new_sequence();

  for (const Command& command : sequence) {
    auto step = carry_out(command);
    if (step.has_error()) {
      trace.error = step.error();
      Step failed;
      failed.shown.operation = to_text(command);
      failed.shown.answered = step.error().message;
      failed.shown.expected = "an answer";
      failed.shown.differs = true;
      trace.steps.push_back(std::move(failed));
      return trace;
    }
    if (conclude(trace, std::move(step.value()))) break;
  }
  if (!trace.violation) {
    if (const Status settled = settle(trace); settled.has_error()) trace.error = settled.error();
  }
  if (tally_ != nullptr) tally_->transitions(judge_.judge().coverage());
  return trace;
}

Result<model::Findings> Fixture::observe() {
  LOCKSTEP_TRY(auto inventory, provider_.inventory());
  seen_ = std::make_shared<const Inventory>(std::move(inventory));
  model::Findings findings = judge_.observed(seen_, now());
  bindings_.look_again(*seen_);
  if (tally_ != nullptr) tally_->seen(*seen_);
  return findings;
}

Result<Step> Fixture::look(const std::string& operation) {
  Step step;
  step.shown.operation = operation;
  step.shown.expected = "as the model";
  LOCKSTEP_TRY(step.findings, observe());
  step.shown.answered = std::to_string(seen_->relationships.size()) + " relationships";
  show_findings(step);
  return step;
}

void Fixture::count(const Command& command, const Answer& answer) {
  if (tally_ == nullptr) return;
  if (const auto* op = std::get_if<Replicate>(&command)) tally_->created(*op, answer.accepted());
  const auto* modify = std::get_if<Modify>(&command);
  if (modify == nullptr || !modify->operation) return;
  for (const Handle handle : modify->relationships) {
    const auto ref = bindings_.relationship(handle);
    const RelationshipView* view = ref ? seen_->find(*ref) : nullptr;
    if (view == nullptr || !view->sync_type) continue;
    const auto kind =
        machine::machine_kind_of(*view->sync_type, view->mode.value_or(Mode::Unknown));
    if (kind) tally_->asked(*kind, static_cast<Operation>(*modify->operation), answer.accepted());
  }
}

Result<Step> Fixture::call(const Command& command, const Request& request) {
  Step step;
  step.shown.operation = to_text(command);
  step.shown.expected = judge_.judge().allowed(request).text();

  const Meanwhile* meanwhile = nullptr;
  if (const auto* op = std::get_if<Replicate>(&command)) {
    meanwhile = op->meanwhile ? &*op->meanwhile : nullptr;
  } else if (const auto* modify = std::get_if<Modify>(&command)) {
    meanwhile = modify->meanwhile ? &*modify->meanwhile : nullptr;
  }
  std::vector<Written> written;
  std::optional<Error> write_error;
  std::thread writer;
  const auto element = meanwhile == nullptr ? std::nullopt : bindings_.element(meanwhile->volume);
  if (element && provider_.data_path() != nullptr &&
      holds_range(*element, meanwhile->first, meanwhile->blocks)) {
    // The judge belongs to this thread: the writer only notes what it did and when.
    const std::uint64_t volume = judge_.volume_number(*element);
    writer = std::thread([this, element, volume, meanwhile, &written, &write_error] {
      for (std::uint32_t i = 0; i < meanwhile->times && !write_error; ++i) {
        auto result = write_range(*element, volume, meanwhile->first, meanwhile->blocks);
        if (result.has_error()) {
          write_error = result.error();
        } else {
          written.push_back(std::move(result.value()));
        }
      }
    });
  }
  const Instant issued = now();
  const Result<Answer> answer = provider_.invoke(request);
  const Instant answered = now();
  if (writer.joinable()) writer.join();
  if (answer.has_error()) return answer.error();
  LOCKSTEP_TRY(auto inventory, provider_.inventory());
  const auto after = std::make_shared<const Inventory>(std::move(inventory));
  // The call may have taken the volume away from under the write.
  if (write_error && after->find(*element) != nullptr) return *write_error;

  count(command, answer.value());
  for (const Written& one : written) tell(one, true, step.findings);
  const model::Findings judged =
      judge_.answered(request, answer.value(), model::Window{issued, answered}, after);
  step.findings.insert(step.findings.end(), judged.begin(), judged.end());
  bindings_.learn(command, answer.value(), *seen_, *after);
  seen_ = after;
  if (tally_ != nullptr) tally_->seen(*seen_);
  step.shown.answered = code_text(answer.value());
  show_findings(step);
  return step;
}

Result<Step> Fixture::await(const std::vector<JobRef>& jobs, const std::string& operation) {
  Step step;
  step.shown.operation = operation;
  step.shown.expected = "ended";
  const auto limit =
      std::chrono::steady_clock::now() + (faults_.empty() ? limits_.job : limits_.held_job);
  Pause pause;
  while (true) {
    LOCKSTEP_TRY(auto findings, observe());
    const bool bad = model::has_violation(findings);
    step.findings.insert(step.findings.end(), findings.begin(), findings.end());
    const JobView* running = nullptr;
    for (const JobRef& job : jobs) {
      const JobView* view = seen_->find(job);
      if (view != nullptr && !view->finished()) running = view;
    }
    if (running != nullptr) {
      step.shown.answered =
          to_text(running->state) + " at " + std::to_string(running->percent_complete) + " %";
    } else {
      const JobView* first = jobs.empty() ? nullptr : seen_->find(jobs.front());
      step.shown.answered = first == nullptr ? "ended" : to_text(first->state);
    }
    if (bad || running == nullptr || std::chrono::steady_clock::now() > limit) break;
    pause.wait();
  }
  show_findings(step);
  return step;
}

Result<Step> Fixture::carry_out(const Command& command) {
  if (tally_ != nullptr) tally_->step(name_of(command));
  const auto skipped = [&](const std::string& why) {
    Step step;
    step.shown.operation = to_text(command);
    step.shown.answered = "not carried out: " + why;
    step.carried_out = false;
    return step;
  };
  if (!bindings_.all_bound(handles_used(command))) return skipped("a handle was never bound");
  if (const auto request = request_of(command, bindings_, *seen_)) return call(command, *request);
  if (std::holds_alternative<Look>(command)) return look("look()");
  if (const auto* op = std::get_if<Disturb>(&command)) return disturb(*op);
  if (const auto* op = std::get_if<AwaitJob>(&command)) {
    return await({*bindings_.job(op->job)}, to_text(command));
  }
  if (provider_.data_path() == nullptr) return skipped("no access to the data");
  if (const auto* op = std::get_if<ReadVolume>(&command)) {
    const ElementRef element = *bindings_.element(op->volume);
    if (seen_->find(element) == nullptr) return skipped("the volume is gone");
    return read(element, to_text(command));
  }
  if (const auto* op = std::get_if<WriteBlocks>(&command)) {
    if (!holds_range(*bindings_.element(op->volume), op->first, op->blocks)) {
      return skipped("no such range");
    }
    return write(*op);
  }
  if (const auto* op = std::get_if<UnmapBlocks>(&command)) {
    if (!holds_range(*bindings_.element(op->volume), op->first, op->blocks)) {
      return skipped("no such range");
    }
    return unmap(*op);
  }
  return skipped("nothing to call");
}

Status Fixture::settle(Trace& trace) {
  std::set<FaultKind> repairs;
  for (const Fault& fault : faults_) repairs.insert(repair_of(fault.kind).value());
  for (const FaultKind repair : repairs) {
    LOCKSTEP_TRY(auto step, disturb(Disturb{repair, std::nullopt}));
    step.shown.operation = "at the end: " + step.shown.operation;
    step.carried_out = false;
    if (conclude(trace, std::move(step))) return ok();
  }
  std::vector<JobRef> running;
  for (const JobView& job : seen_->jobs) {
    if (!job.finished()) running.push_back(job.ref);
  }
  LOCKSTEP_TRY(auto waited, await(running, "at the end: every job"));
  waited.carried_out = false;
  if (conclude(trace, std::move(waited))) return ok();
  LOCKSTEP_TRY(auto rested, rest());
  if (conclude(trace, std::move(rested))) return ok();
  if (provider_.data_path() == nullptr) return ok();
  return read_everything(trace);
}

// Copies come to an end and lag runs out; from then on nothing has an excuse for being behind.
Result<Step> Fixture::rest() {
  Step step;
  step.shown.operation = "at the end: every copy at rest";
  step.shown.expected = "at rest";
  step.shown.answered = "at rest";
  step.carried_out = false;
  const auto limit = std::chrono::steady_clock::now() + limits_.rest;
  Pause pause;
  bool lagging = false;
  while (true) {
    bool copying = false;
    for (const RelationshipView& view : seen_->relationships) {
      copying = copying || view.copy_state == CopyState::Unsynchronized;
      lagging = lagging || (view.sync_type == SyncType::Mirror && view.mode != Mode::Synchronous);
    }
    if (!copying || std::chrono::steady_clock::now() > limit) break;
    pause.wait();
    LOCKSTEP_TRY(auto findings, observe());
    step.findings.insert(step.findings.end(), findings.begin(), findings.end());
    if (model::has_violation(step.findings)) break;
  }
  if (lagging && !model::has_violation(step.findings)) {
    catch_up();
    LOCKSTEP_TRY(auto findings, observe());
    step.findings.insert(step.findings.end(), findings.begin(), findings.end());
  }
  judge_.quiesced(now());
  show_findings(step);
  return step;
}

// How long a lag lasts depends on how busy the machine is, so nothing is read into a lag that ends
// in time; one that does not end is for the judge to see.
void Fixture::catch_up() {
  if (provider_.data_path() == nullptr) return;
  const auto limit = std::chrono::steady_clock::now() + limits_.lag;
  const auto content = [&](const ElementRef& element, ReadBuffer& into) -> std::span<std::byte> {
    const ElementView* view = seen_->find(element);
    if (view == nullptr || view->blocks.value == 0) return {};
    const std::span bytes =
        into.of(static_cast<std::size_t>(bytes_of(view->blocks, view->block_size).value));
    const auto answer = provider_.data_path()->read(element, Lba{0}, bytes);
    return answer && answer.value().good() ? bytes : std::span<std::byte>();
  };
  for (const RelationshipView& view : seen_->relationships) {
    const bool lags = view.sync_type == SyncType::Mirror && view.mode != Mode::Synchronous &&
                      view.copy_state == CopyState::Synchronized;
    if (!lags || !view.source_element || !view.target_element) continue;
    while (std::chrono::steady_clock::now() < limit) {
      const auto source = content(*view.source_element, image_);
      const auto target = content(*view.target_element, other_image_);
      if (source.size() == target.size() &&
          (source.empty() || std::memcmp(source.data(), target.data(), source.size()) == 0)) {
        break;
      }
      std::this_thread::sleep_for(std::chrono::milliseconds(2));
    }
  }
}

Status Fixture::read_everything(Trace& trace) {
  std::vector<ElementRef> volumes;
  for (const ElementView& view : seen_->elements) {
    const bool ours = !given_.contains(view.ref);
    if (ours && view.element_class == ElementClass::StorageVolume) volumes.push_back(view.ref);
  }
  for (const ElementRef& volume : volumes) {
    LOCKSTEP_TRY(auto step,
                 read(volume, "at the end: read(" + bindings_.symbolic(volume.path) + ")"));
    step.carried_out = false;
    if (conclude(trace, std::move(step))) return ok();
  }
  for (const RelationshipView& view : seen_->relationships) {
    if (view.relationship_class != RelationshipClass::GroupSynchronized) continue;
    const GroupView* targets = view.target_group ? seen_->find(*view.target_group) : nullptr;
    if (targets == nullptr || targets->members.size() < 2) continue;
    const std::string name = bindings_.symbolic(view.ref.path);
    LOCKSTEP_TRY(auto step,
                 read_group(targets->members, "at the end: read targets of " + name + " together"));
    step.carried_out = false;
    if (conclude(trace, std::move(step))) return ok();
  }
  return ok();
}

}  // namespace lockstep::properties
