#include "conformance/suite/oracle.hpp"

#include <utility>

namespace lockstep::conformance {
namespace {

class JudgeOracle : public Oracle {
 public:
  explicit JudgeOracle(Capabilities capabilities) : judge_(std::move(capabilities)) {}

  void adopt(const Inventory& inventory) override { judge_.adopt(inventory); }
  model::AllowedCodes allowed(const Request& request) override { return judge_.allowed(request); }
  model::Findings answered(const Request& request, const Answer& answer,
                           const model::Window& window, const Inventory& after) override {
    return judge_.answered(request, answer, window, after);
  }
  model::Findings observed(const Inventory& inventory, Instant at) override {
    return judge_.observed(inventory, at);
  }
  void disturbed(model::Disturbance kind, const std::optional<RelationshipRef>& relationship,
                 const model::Window& window) override {
    judge_.disturbed(kind, relationship, window);
  }
  void write_issued(const ElementRef& element, Lba first, BlockCount count, std::uint64_t sequence,
                    Instant at) override {
    judge_.write_issued(element, first, count, sequence, at);
  }
  model::Findings write_answered(const ElementRef& element, std::uint64_t sequence,
                                 std::uint8_t scsi_status, Instant at) override {
    return judge_.write_answered(element, sequence, scsi_status, at);
  }
  void unmap_issued(const ElementRef& element, Lba first, BlockCount count, std::uint64_t sequence,
                    Instant at) override {
    judge_.unmap_issued(element, first, count, sequence, at);
  }
  model::Findings read(const ElementRef& element, Lba first, BlockSize block_size,
                       std::span<const std::byte> data, const model::Window& window) override {
    return judge_.read(element, first, block_size, data, window);
  }
  model::Findings read_group(const std::vector<model::Judge::Image>& images, BlockSize block_size,
                             const model::Window& window) override {
    return judge_.read_group(images, block_size, window);
  }
  std::uint64_t volume_number(const ElementRef& element) override {
    return judge_.volume_number(element);
  }
  std::vector<std::string> describe() override { return judge_.describe(); }

 private:
  model::Judge judge_;
};

}  // namespace

std::unique_ptr<Oracle> make_judge(Capabilities capabilities) {
  return std::make_unique<JudgeOracle>(std::move(capabilities));
}

}  // namespace lockstep::conformance
