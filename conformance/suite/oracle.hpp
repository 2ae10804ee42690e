// What a session asks of the oracle. A seam: the suite is proved with a scripted one, the cases run
// with the model's judge (make_judge).
#pragma once

#include "model/core/judge.hpp"

#include <memory>

namespace lockstep::conformance {

// See model/core/judge.hpp for the contract of each function.
class Oracle {
 public:
  virtual ~Oracle() = default;
  virtual void adopt(const Inventory& inventory) = 0;
  [[nodiscard]] virtual model::AllowedCodes allowed(const Request& request) = 0;
  [[nodiscard]] virtual model::Findings answered(const Request& request, const Answer& answer,
                                                 const model::Window& window,
                                                 const Inventory& after) = 0;
  [[nodiscard]] virtual model::Findings observed(const Inventory& inventory, Instant at) = 0;
  virtual void disturbed(model::Disturbance kind,
                         const std::optional<RelationshipRef>& relationship,
                         const model::Window& window) = 0;
  virtual void write_issued(const ElementRef& element, Lba first, BlockCount count,
                            std::uint64_t sequence, Instant at) = 0;
  [[nodiscard]] virtual model::Findings write_answered(const ElementRef& element,
                                                       std::uint64_t sequence,
                                                       std::uint8_t scsi_status, Instant at) = 0;
  virtual void unmap_issued(const ElementRef& element, Lba first, BlockCount count,
                            std::uint64_t sequence, Instant at) = 0;
  [[nodiscard]] virtual model::Findings read(const ElementRef& element, Lba first,
                                             BlockSize block_size, std::span<const std::byte> data,
                                             const model::Window& window) = 0;
  [[nodiscard]] virtual model::Findings read_group(const std::vector<model::Judge::Image>& images,
                                                   BlockSize block_size,
                                                   const model::Window& window) = 0;
  [[nodiscard]] virtual std::uint64_t volume_number(const ElementRef& element) = 0;
  [[nodiscard]] virtual std::vector<std::string> describe() = 0;
};

[[nodiscard]] std::unique_ptr<Oracle> make_judge(Capabilities capabilities);

}  // namespace lockstep::conformance
