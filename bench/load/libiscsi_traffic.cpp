#include "bench/load/libiscsi_traffic.hpp"

#include "bench/load/measurement.hpp"
#include "target_impl/initiator/initiator.hpp"

namespace lockstep::bench::load {
namespace {

using Clock = std::chrono::steady_clock;

// Keeps commands under way on one session, whenever one ends the next.
class LibiscsiTraffic {
 public:
  LibiscsiTraffic(initiator::Session& session, std::uint16_t lun, VolumeGeometry geometry,
                  const Work& work)
      : session_(session), lun_(lun), geometry_(geometry), work_(work), measurement_(work) {
    slots_.resize(work.depth);
    for (Slot& slot : slots_) slot.data.resize(work.block_bytes, std::byte{0x5a});
  }

  [[nodiscard]] Result<Sample> run() {
    for (Slot& slot : slots_) submit(slot);
    auto now = Clock::now();
    while (!measurement_.is_over(now) && !refused_) {
      LOCKSTEP_TRY(session_.run_once(kTurn));
      now = Clock::now();
      measurement_.begin_if_due(now);
    }
    stopping_ = true;
    const Sample sample = measurement_.finish();
    LOCKSTEP_TRY(session_.run_until_idle());
    if (refused_) return target_error("load: expected every command to end with GOOD");
    return sample;
  }

 private:
  static constexpr std::chrono::milliseconds kTurn{10};

  struct Slot {
    std::vector<std::byte> data;
    Clock::time_point submitted;
  };

  [[nodiscard]] Lba next_place() {
    const std::uint64_t blocks = work_.block_bytes / geometry_.block_size.bytes;
    const std::uint64_t places = geometry_.blocks.value / blocks;
    at_ = work_.random ? at_ * 6364136223846793005ULL + 1442695040888963407ULL : at_ + 1;
    return Lba{(work_.random ? at_ >> 33 : at_) % places * blocks};
  }

  void submit(Slot& slot) {
    slot.submitted = Clock::now();
    auto done = [this, &slot](const initiator::Completion& ended) {
      refused_ = refused_ || ended.outcome != initiator::Outcome::Answered || !ended.answer.good();
      if (stopping_ || refused_) return;
      if (measurement_.has_begun()) measurement_.add(slot.submitted, Clock::now());
      submit(slot);
    };
    if (work_.writes) {
      session_.write(lun_, next_place(), geometry_.block_size, slot.data, std::move(done));
    } else {
      session_.read(lun_, next_place(), geometry_.block_size, slot.data, std::move(done));
    }
  }

  initiator::Session& session_;
  const std::uint16_t lun_;
  const VolumeGeometry geometry_;
  const Work& work_;
  Measurement measurement_;
  std::vector<Slot> slots_;
  std::uint64_t at_ = 1;
  bool stopping_ = false;
  bool refused_ = false;
};

}  // namespace

Result<Sample> run_through_libiscsi(const Address& address, const Work& work) {
  initiator::SessionOptions options;
  options.bypass = address.bypass;
  LOCKSTEP_TRY(const auto session,
               initiator::Session::connect(address.portal, address.target_name, options));
  LOCKSTEP_TRY(const auto geometry, session->capacity(address.lun));
  const std::uint32_t block_bytes = geometry.block_size.bytes;
  if (work.depth == 0 || work.block_bytes == 0 || work.block_bytes % block_bytes != 0 ||
      work.block_bytes / block_bytes > geometry.blocks.value) {
    return usage_error("load: expected whole blocks, fewer than the volume has, and a depth");
  }
  LibiscsiTraffic traffic(*session, address.lun, geometry, work);
  return traffic.run();
}

}  // namespace lockstep::bench::load
