#include "properties/speed/judge_tape.hpp"

#include "model/core/stamp.hpp"
#include "properties/harness/fixture_parts.hpp"

#include <utility>

namespace lockstep::properties {
namespace {

// Tells the judge one entry.
class Teller {
 public:
  explicit Teller(model::Judge& judge) : judge_(judge) {}

  bool operator()(const JudgeTape::Called& called) {
    return good(judge_.answered(called.request, called.answer, called.window, called.after));
  }
  bool operator()(const JudgeTape::Looked& looked) {
    return good(judge_.observed(looked.inventory, looked.at));
  }
  bool operator()(const JudgeTape::Written& written) {
    if (written.unmapped) {
      judge_.unmap_issued(written.element, written.first, written.count, written.sequence,
                          written.window.issued);
    } else {
      static_cast<void>(judge_.volume_number(written.element));
      judge_.write_issued(written.element, written.first, written.count, written.sequence,
                          written.window.issued);
    }
    return good(judge_.write_answered(written.element, written.sequence, written.scsi_status,
                                      written.window.answered));
  }
  bool operator()(const JudgeTape::Read& read) {
    return good(judge_.read(read.element, read.first, read.block_size, read.data, read.window));
  }

 private:
  static bool good(const model::Findings& findings) { return !model::has_violation(findings); }
  model::Judge& judge_;
};

}  // namespace

bool JudgeTape::judge(const std::shared_ptr<const Capabilities>& capabilities) const {
  model::Judge judge(capabilities);
  Teller tell(judge);
  bool is_first = true;
  for (const Entry& entry : entries_) {
    const auto* look = std::get_if<Looked>(&entry);
    if (std::exchange(is_first, false) && look != nullptr) {
      judge.adopt(look->inventory);
    } else if (!std::visit(tell, entry)) {
      return false;
    }
  }
  return true;
}

JudgeTape JudgeTape::without_reads() const {
  JudgeTape rest;
  for (const Entry& entry : entries_) {
    if (!std::holds_alternative<Read>(entry)) rest.add(entry);
  }
  return rest;
}

std::uint64_t JudgeTape::bytes_read() const {
  std::uint64_t bytes = 0;
  for (const Entry& entry : entries_) {
    if (const auto* read = std::get_if<Read>(&entry)) bytes += read->data.size();
  }
  return bytes;
}

class TapedProvider::TapedData final : public DataPath {
 public:
  TapedData(TapedProvider& owner, const std::uint64_t& sequence_numbers)
      : owner_(owner), sequence_numbers_(sequence_numbers) {}

  Result<VolumeGeometry> geometry(const ElementRef& element) override {
    return path().geometry(element);
  }
  Result<DataAnswer> read(const ElementRef& element, Lba first, std::span<std::byte> out) override {
    LOCKSTEP_TRY(const auto shape, path().geometry(element));
    const Instant issued = now();
    LOCKSTEP_TRY(const auto answer, path().read(element, first, out));
    if (answer.good()) {
      owner_.note(JudgeTape::Read{
          element, first, shape.block_size, {out.begin(), out.end()}, {issued, now()}});
    }
    return answer;
  }
  Result<DataAnswer> write(const ElementRef& element, Lba first,
                           std::span<const std::byte> data) override {
    LOCKSTEP_TRY(const auto shape, path().geometry(element));
    const auto content = model::read_stamp(data.first(shape.block_size.bytes));
    const auto* stamp = std::get_if<model::Stamp>(&content);
    const Instant issued = now();
    LOCKSTEP_TRY(const auto answer, path().write(element, first, data));
    owner_.note(JudgeTape::Written{element,
                                   first,
                                   BlockCount{data.size() / shape.block_size.bytes},
                                   stamp == nullptr ? 0 : stamp->sequence,
                                   answer.scsi_status,
                                   {issued, now()},
                                   false});
    return answer;
  }
  Result<DataAnswer> unmap(const ElementRef& element, Lba first, BlockCount count) override {
    const Instant issued = now();
    LOCKSTEP_TRY(const auto answer, path().unmap(element, first, count));
    owner_.note(JudgeTape::Written{
        element, first, count, sequence_numbers_, answer.scsi_status, {issued, now()}, true});
    return answer;
  }
  Result<DataAnswer> flush(const ElementRef& element) override { return path().flush(element); }

 private:
  [[nodiscard]] DataPath& path() const noexcept { return *owner_.provider_.data_path(); }
  TapedProvider& owner_;
  const std::uint64_t& sequence_numbers_;
};

TapedProvider::TapedProvider(Provider& provider, const std::uint64_t& sequence_numbers,
                             JudgeTape& tape)
    : provider_(provider), tape_(tape) {
  if (provider_.data_path() != nullptr) {
    data_ = std::make_unique<TapedData>(*this, sequence_numbers);
  }
}

TapedProvider::~TapedProvider() = default;

DataPath* TapedProvider::data_path() noexcept { return data_.get(); }

void TapedProvider::note(JudgeTape::Entry entry) {
  const std::lock_guard lock(mutex_);
  tape_.add(std::move(entry));
}

Result<Answer> TapedProvider::invoke(const Request& request) {
  const Instant issued = now();
  LOCKSTEP_TRY(auto answer, provider_.invoke(request));
  const std::lock_guard lock(mutex_);
  called_ = JudgeTape::Called{request, answer, {issued, now()}, {}};
  return answer;
}

Result<Inventory> TapedProvider::inventory() {
  LOCKSTEP_TRY(auto inventory, provider_.inventory());
  auto seen = std::make_shared<const Inventory>(inventory);
  const std::lock_guard lock(mutex_);
  if (called_) {
    called_->after = std::move(seen);
    tape_.add(std::exchange(called_, std::nullopt).value());
  } else {
    tape_.add(JudgeTape::Looked{std::move(seen), now()});
  }
  return inventory;
}

}  // namespace lockstep::properties
