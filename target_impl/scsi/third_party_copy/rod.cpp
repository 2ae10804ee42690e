#include "target_impl/scsi/third_party_copy/rod.hpp"

#include <algorithm>

namespace lockstep::scsi {

void Rod::append(std::uint64_t offset, std::uint64_t bytes) {
  parts_.push_back({bytes_, offset, bytes});
  bytes_ += bytes;
}

bool Rod::is_unmapped() const noexcept {
  return std::all_of(parts_.begin(), parts_.end(), [this](const Part& part) {
    return image_.is_unmapped(part.source, part.bytes);
  });
}

Rod::Run Rod::run_at(std::uint64_t offset) const noexcept {
  const auto after = std::upper_bound(parts_.begin(), parts_.end(), offset,
                                      [](std::uint64_t at, const Part& p) { return at < p.at; });
  const Part& part = *(after - 1);
  const std::uint64_t inside = offset - part.at;
  return {part.source + inside, part.bytes - inside};
}

bool Rod::read(std::uint64_t offset, std::span<std::byte> out) const {
  while (!out.empty()) {
    const Run run = run_at(offset);
    const auto bytes = static_cast<std::size_t>(std::min<std::uint64_t>(run.bytes, out.size()));
    if (!image_.read_bytes(run.source, out.first(bytes))) {
      return false;
    }
    out = out.subspan(bytes);
    offset += bytes;
  }
  return true;
}

}  // namespace lockstep::scsi
