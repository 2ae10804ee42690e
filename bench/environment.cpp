#include "bench/environment.hpp"

#include "target_impl/scsi/device_server.hpp"

#include <cstring>
#include <sys/resource.h>
#include <utility>

namespace lockstep::bench {
namespace {

const std::string kTargetName = "iqn.2026-11.net.lockstep:bench";
constexpr std::size_t kLuns = 4;
constexpr std::size_t kFillBytes = 1 << 20;
constexpr std::uint32_t kMostSessions = 1100;

std::uint64_t word_of(std::uint64_t lba, std::uint64_t index) {
  // The finaliser of MurmurHash3: every bit of the address reaches every bit of the word.
  std::uint64_t x = lba * 64 + index + 1;
  x = (x ^ (x >> 33)) * 0xFF51AFD7ED558CCDULL;
  x = (x ^ (x >> 33)) * 0xC4CEB9FE1A85EC53ULL;
  return x ^ (x >> 33);
}

}  // namespace

void fill_block(std::span<std::byte> block, Lba lba) {
  for (std::size_t at = 0; at + 8 <= block.size(); at += 8) {
    const std::uint64_t word = word_of(lba.value, at / 8);
    std::memcpy(block.data() + at, &word, sizeof(word));
  }
}

bool is_block(std::span<const std::byte> block, Lba lba) {
  for (std::size_t at = 0; at + 8 <= block.size(); at += 8) {
    const std::uint64_t word = word_of(lba.value, at / 8);
    if (std::memcmp(block.data() + at, &word, sizeof(word)) != 0) return false;
  }
  return true;
}

Result<std::unique_ptr<Environment>> Environment::start() {
  std::unique_ptr<Environment> made(new Environment);
  // Snapshots hold extents beside the volumes.
  made->pool_ = store::make_pool(ByteCount{4 * kLuns * kVolumeBytes});
  const auto device = std::make_shared<scsi::DeviceServer>(kTargetName);
  for (std::size_t lun = 0; lun < kLuns; ++lun) {
    made->volumes_.push_back(std::make_shared<store::Volume>(
        BlockCount{kVolumeBytes / kBlockSize.bytes}, kBlockSize, made->pool_));
    scsi::LogicalUnitOptions options;
    options.naa_identifier[0] = 0x60;
    options.naa_identifier[15] = static_cast<std::uint8_t>(lun + 1);
    options.serial_number = "bench-" + std::to_string(lun);
    device->add(static_cast<std::uint16_t>(lun),
                std::make_shared<scsi::LogicalUnit>(made->volumes_[lun], options));
  }
  std::vector<std::byte> piece(kFillBytes);
  for (std::uint64_t at = 0; at < kVolumeBytes; at += piece.size()) {
    const Lba first{at / kBlockSize.bytes};
    for (std::size_t offset = 0; offset < piece.size(); offset += kBlockSize.bytes) {
      fill_block(std::span(piece).subspan(offset, kBlockSize.bytes),
                 first + BlockCount{offset / kBlockSize.bytes});
    }
    if (made->volume(kSourceLun).write(first, piece) != store::WriteResult::Done) {
      return internal_error("benchmark: cannot fill the source volume");
    }
  }
  target::TargetServerOptions options;
  options.limits.connections = kMostSessions;
  options.limits.sessions = kMostSessions;
  LOCKSTEP_TRY(made->server_, target::TargetServer::start(options));
  made->server_->serve(device);
  return made;
}

Result<std::unique_ptr<initiator::Session>> Environment::connect() const {
  return initiator::Session::connect(server_->portal(), kTargetName);
}

const std::string& Environment::target_name() const noexcept { return kTargetName; }

Status Environment::keep_idle_sessions(std::size_t count) {
  // Each takes a descriptor at either end.
  rlimit files{};
  if (::getrlimit(RLIMIT_NOFILE, &files) == 0 && files.rlim_cur < files.rlim_max) {
    files.rlim_cur = files.rlim_max;
    ::setrlimit(RLIMIT_NOFILE, &files);
  }
  if (idle_.size() > count) idle_.resize(count);
  while (idle_.size() < count) {
    LOCKSTEP_TRY(auto session, connect());
    idle_.push_back(std::move(session));
  }
  return ok();
}

copy::Endpoint Environment::endpoint(std::uint16_t lun) const {
  return {server_->portal(), kTargetName, lun};
}

}  // namespace lockstep::bench
