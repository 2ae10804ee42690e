#include "target_impl/scsi/third_party_copy/copy_parameters.hpp"

#include "target_impl/scsi/block_range.hpp"

#include <algorithm>

namespace lockstep::scsi {

namespace {

constexpr std::size_t kDescriptorBytes = 16;

// The span that shares a block with one before it in the list; spans.size() if there is none.
[[nodiscard]] std::size_t first_overlap(const std::vector<BlockSpan>& spans) {
  std::vector<std::size_t> order(spans.size());
  for (std::size_t i = 0; i != order.size(); ++i) {
    order[i] = i;
  }
  std::sort(order.begin(), order.end(),
            [&spans](std::size_t a, std::size_t b) { return spans[a].first < spans[b].first; });
  std::size_t found = spans.size();
  for (std::size_t i = 1; i < order.size(); ++i) {
    const BlockSpan& before = spans[order[i - 1]];
    if (spans[order[i]].first - before.first < before.count) {
      found = std::min(found, std::max(order[i - 1], order[i]));
    }
  }
  return found;
}

}  // namespace

std::optional<std::span<const std::byte>> copy_parameters(Task& task, std::size_t least) {
  const std::uint64_t bytes = task.cdb(10, 4);
  task.response.data_out_wanted = bytes;
  if (bytes == 0) {
    return std::nullopt;
  }
  if (bytes < least) {
    task.refuse_list_length();
    return std::nullopt;
  }
  if (task.command.data_out.size() < bytes) {
    task.refuse_data_length();
    return std::nullopt;
  }
  return task.command.data_out.first(static_cast<std::size_t>(bytes));
}

void refuse_copy(Task& task, bool in_progress) noexcept {
  if (in_progress) {
    task.fail(SenseKey::IllegalRequest, AdditionalSense::OperationInProgress);
  } else {
    task.response.status = Status::Busy;
  }
}

std::optional<BlockSpans> block_spans(Task& task, std::span<const std::byte> list,
                                      std::size_t length_at, const CopyLimits& limits) {
  const std::size_t first_at = length_at + 2;
  const auto announced = static_cast<std::size_t>(get_big_endian(list, length_at, 2));
  if (announced < kDescriptorBytes) {
    task.refuse_parameter(static_cast<std::uint16_t>(length_at));
    return std::nullopt;
  }
  // Less than a descriptor at the end means nothing.
  const std::size_t count = announced / kDescriptorBytes;
  if (count > limits.max_ranges) {
    task.fail(Sense{SenseKey::IllegalRequest,
                    AdditionalSense::TooManySegmentDescriptors,
                    FieldPointer{false, static_cast<std::uint16_t>(length_at), {}},
                    {}});
    return std::nullopt;
  }
  if (list.size() - first_at < count * kDescriptorBytes) {
    task.refuse_list_length();
    return std::nullopt;
  }
  const std::uint64_t most = limits.max_transfer_bytes / task.block_bytes();
  BlockSpans result;
  std::vector<std::uint16_t> where;  // each span's descriptor in the list
  for (std::size_t i = 0; i != count; ++i) {
    const auto at = static_cast<std::uint16_t>(first_at + i * kDescriptorBytes);
    const BlockSpan span{get_big_endian(list, at, 8), get_big_endian(list, at + 8U, 4)};
    if (span.count == 0) {
      continue;
    }
    if (!inside_volume(task, {span.first, span.count})) {
      return std::nullopt;
    }
    result.blocks += span.count;
    if (result.blocks > most) {
      task.refuse_parameter(static_cast<std::uint16_t>(at + 8));
      return std::nullopt;
    }
    result.spans.push_back(span);
    where.push_back(at);
  }
  if (const std::size_t overlap = first_overlap(result.spans); overlap != result.spans.size()) {
    task.refuse_parameter(where[overlap]);
    return std::nullopt;
  }
  return result;
}

}  // namespace lockstep::scsi
