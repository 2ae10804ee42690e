#include "bench/environment.hpp"

#include "bench/measure.hpp"
#include "target_impl/initiator/lun_data_path.hpp"
#include "target_impl/reference.hpp"
#include "target_impl/scsi/device_server.hpp"

#include <cstring>
#include <limits>
#include <sys/resource.h>
#include <utility>

namespace lockstep::bench {
namespace {

const std::string kTargetName = "iqn.2026-11.net.lockstep:bench";
constexpr std::size_t kLuns = 4;
constexpr std::size_t kFillBytes = 1 << 20;
constexpr std::uint32_t kMostSessions = 1100;
constexpr std::size_t kSmallestRequestBytes = 4096;
const ElementRef kOutsideLun{"the LUN"};

std::uint64_t word_of(std::uint64_t lba, std::uint64_t index) {
  // The finaliser of MurmurHash3: every bit of the address reaches every bit of the word.
  std::uint64_t x = lba * 64 + index + 1;
  x = (x ^ (x >> 33)) * 0xFF51AFD7ED558CCDULL;
  x = (x ^ (x >> 33)) * 0xC4CEB9FE1A85EC53ULL;
  return x ^ (x >> 33);
}

// The source's content, piece by piece.
template <class Write>
Status write_everywhere(Write write) {
  std::vector<std::byte> piece(kFillBytes);
  for (std::uint64_t at = 0; at < Environment::kVolumeBytes; at += piece.size()) {
    for (std::size_t offset = 0; offset < piece.size(); offset += kBlockSize.bytes) {
      fill_block(std::span(piece).subspan(offset, kBlockSize.bytes),
                 Lba{(at + offset) / kBlockSize.bytes});
    }
    LOCKSTEP_TRY(write(at, piece));
  }
  return ok();
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

Result<load::Address> address_at(const std::string& url) {
  LOCKSTEP_TRY(const auto place, initiator::parse_url(url));
  if (place.lun > std::numeric_limits<std::uint8_t>::max()) {
    return usage_error(url + ": expected a LUN below 256");
  }
  return load::Address{place.portal, place.target_name, static_cast<std::uint8_t>(place.lun)};
}

Result<std::unique_ptr<Environment>> Environment::start(const Subject& subject) {
  std::unique_ptr<Environment> made(new Environment);
  made->subject_ = subject;
  if (subject.lun) {
    LOCKSTEP_TRY(made->reach(*subject.lun));
  } else {
    LOCKSTEP_TRY(made->start_own_target());
  }
  return made;
}

Status Environment::start_own_target() {
  // Snapshots hold extents beside the volumes.
  pool_ = store::make_pool(ByteCount{4 * kLuns * kVolumeBytes});
  const auto device = std::make_shared<scsi::DeviceServer>(kTargetName);
  for (std::size_t lun = 0; lun < kLuns; ++lun) {
    volumes_.push_back(std::make_shared<store::Volume>(BlockCount{kVolumeBytes / kBlockSize.bytes},
                                                       kBlockSize, pool_));
    scsi::LogicalUnitOptions options;
    options.naa_identifier[0] = 0x60;
    options.naa_identifier[15] = static_cast<std::uint8_t>(lun + 1);
    options.serial_number = "bench-" + std::to_string(lun);
    device->add(static_cast<std::uint16_t>(lun),
                std::make_shared<scsi::LogicalUnit>(volumes_[lun], options));
  }
  LOCKSTEP_TRY(
      write_everywhere([&](std::uint64_t offset, std::span<const std::byte> piece) -> Status {
        const Lba first{offset / kBlockSize.bytes};
        if (volume(kSourceLun).write(first, piece) == store::WriteResult::Done) return ok();
        return internal_error("benchmark: cannot fill the source volume");
      }));
  target::TargetServerOptions options;
  options.limits.connections = kMostSessions;
  options.limits.sessions = kMostSessions;
  LOCKSTEP_TRY(server_, target::TargetServer::start(options));
  server_->serve(device);
  return ok();
}

Status Environment::reach(const DataLun& lun) {
  lun_.emplace();
  LOCKSTEP_TRY(lun_->address, address_at(lun.url));
  lun_->may_write = lun.may_write;
  lun_->path = initiator::make_lun_data_path(
      lun_->address.portal, lun_->address.target_name,
      [number = lun_->address.lun](const ElementRef&) -> std::optional<std::uint16_t> {
        return number;
      });
  LOCKSTEP_TRY(const auto geometry, lun_->path->geometry(kOutsideLun));
  block_size_ = geometry.block_size;
  const std::uint64_t bytes = geometry.blocks.value * block_size_.bytes;
  if (bytes < kVolumeBytes || kSmallestRequestBytes % block_size_.bytes != 0) {
    return config_error(lun.url + ": expected at least " + size_text(kVolumeBytes) +
                        " in blocks of at most 4 KiB, found " + size_text(bytes) +
                        " in blocks of " + size_text(block_size_.bytes));
  }
  return ok();
}

Status Environment::fill_outside_lun() {
  return write_everywhere([&](std::uint64_t offset, std::span<const std::byte> piece) -> Status {
    const Lba first{offset / block_size_.bytes};
    LOCKSTEP_TRY(const auto answer, lun_->path->write(kOutsideLun, first, piece));
    if (answer.good()) return ok();
    return target_error("benchmark: a write was refused with " + initiator::answer_text(answer));
  });
}

Result<load::Address> Environment::source() {
  if (!lun_) return own_address(kSourceLun);
  if (lun_->may_write && !lun_->is_filled) {
    LOCKSTEP_TRY(fill_outside_lun());
    lun_->is_filled = true;
  }
  return lun_->address;
}

Result<load::Address> Environment::scratch() {
  if (!lun_) return own_address(kScratchLun);
  if (!lun_->may_write) return usage_error("benchmark: the LUN is not to be written");
  lun_->is_filled = false;
  return lun_->address;
}

Status Environment::read_scratch(std::uint64_t offset, std::span<std::byte> out) {
  const Lba first{offset / block_size_.bytes};
  if (!lun_) {
    if (volume(kScratchLun).read(first, out)) return ok();
    return internal_error("benchmark: cannot read the scratch volume");
  }
  LOCKSTEP_TRY(const auto answer, lun_->path->read(kOutsideLun, first, out));
  if (answer.good()) return ok();
  return target_error("benchmark: a read was refused with " + initiator::answer_text(answer));
}

Result<std::shared_ptr<Provider>> Environment::service() const {
  if (subject_.service) return subject_.service;
  LOCKSTEP_TRY(auto made, make_reference());
  return std::shared_ptr<Provider>(std::move(made));
}

load::Address Environment::own_address(std::uint16_t lun) const {
  return {server_->portal(), kTargetName, static_cast<std::uint8_t>(lun)};
}

Result<std::unique_ptr<initiator::Session>> Environment::connect() const {
  if (lun_) return initiator::Session::connect(lun_->address.portal, lun_->address.target_name);
  return initiator::Session::connect(server_->portal(), kTargetName);
}

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
