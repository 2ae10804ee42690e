#include "target_impl/scsi/logical_unit.hpp"

#include <utility>

namespace lockstep::scsi {

struct LogicalUnit::Inside {
  std::shared_ptr<store::Volume> volume;
  LogicalUnitOptions options;
  std::atomic<HostAccess> access{HostAccess::ReadWrite};
  std::atomic<std::uint64_t> medium_changes{0};
};

LogicalUnit::LogicalUnit(std::shared_ptr<store::Volume> volume, LogicalUnitOptions options)
    : inside_(std::make_unique<Inside>()) {
  inside_->volume = std::move(volume);
  inside_->options = std::move(options);
}

LogicalUnit::~LogicalUnit() = default;

store::Volume& LogicalUnit::volume() const noexcept { return *inside_->volume; }

const LogicalUnitOptions& LogicalUnit::options() const noexcept { return inside_->options; }

void LogicalUnit::set_host_access(HostAccess access) noexcept { inside_->access = access; }

HostAccess LogicalUnit::host_access() const noexcept { return inside_->access; }

std::uint64_t LogicalUnit::medium_changes() const noexcept { return inside_->medium_changes; }

void LogicalUnit::count_medium_change() noexcept {
  inside_->medium_changes.fetch_add(1, std::memory_order_relaxed);
}

}  // namespace lockstep::scsi
