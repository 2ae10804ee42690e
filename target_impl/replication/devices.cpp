#include "target_impl/replication/devices.hpp"

#include <atomic>
#include <charconv>
#include <random>
#include <utility>

namespace lockstep::replication {
namespace {

constexpr const char* kHostTarget = "iqn.2026-11.net.lockstep:reference";
constexpr const char* kCopyTarget = "iqn.2026-11.net.lockstep:reference-copy";

std::shared_ptr<scsi::LogicalUnit> make_copy_unit(std::shared_ptr<store::Volume> volume,
                                                  scsi::HostAccess access, std::uint64_t number) {
  scsi::LogicalUnitOptions options;
  options.naa_identifier = make_naa_identifier();
  options.serial_number = "copy-" + std::to_string(number);
  auto unit = std::make_shared<scsi::LogicalUnit>(std::move(volume), std::move(options));
  unit->set_host_access(access);
  return unit;
}

}  // namespace

LunSpace::LunSpace(std::string target_name)
    : device_(std::make_shared<scsi::DeviceServer>(std::move(target_name))) {
  taken_.set(0);
}

std::optional<std::uint16_t> LunSpace::publish(std::shared_ptr<scsi::LogicalUnit> unit) {
  std::uint16_t lun = 0;
  {
    const std::lock_guard lock(mutex_);
    if (taken_.all()) return std::nullopt;
    while (taken_.test(next_)) next_ = (next_ + 1) % kLuns;
    lun = static_cast<std::uint16_t>(next_);
    taken_.set(lun);
    next_ = (next_ + 1) % kLuns;
  }
  device_->add(lun, std::move(unit));
  return lun;
}

void LunSpace::publish_again(std::uint16_t lun, std::shared_ptr<scsi::LogicalUnit> unit) {
  {
    const std::lock_guard lock(mutex_);
    taken_.set(lun);
  }
  device_->add(lun, std::move(unit));
}

void LunSpace::withdraw(std::uint16_t lun) {
  device_->remove(lun);
  const std::lock_guard lock(mutex_);
  taken_.reset(lun);
}

std::size_t LunSpace::free_luns() const {
  const std::lock_guard lock(mutex_);
  return kLuns - taken_.count();
}

CopyEndpoint::CopyEndpoint(std::shared_ptr<LunSpace> space, std::uint16_t lun,
                           copy::Endpoint endpoint)
    : space_(std::move(space)), lun_(lun), endpoint_(std::move(endpoint)) {}

CopyEndpoint::~CopyEndpoint() { space_->withdraw(lun_); }

Result<std::unique_ptr<Devices>> Devices::start(const target::TargetServerOptions& options) {
  std::unique_ptr<Devices> devices(new Devices);
  LOCKSTEP_TRY(devices->server_, target::TargetServer::start(options));
  devices->hosts_ = std::make_shared<LunSpace>(kHostTarget);
  devices->copies_ = std::make_shared<LunSpace>(kCopyTarget);
  devices->server_->serve(devices->hosts_->device());
  devices->server_->serve(devices->copies_->device());
  return devices;
}

Devices::~Devices() = default;

std::shared_ptr<CopyEndpoint> Devices::expose(std::shared_ptr<store::Volume> volume,
                                              scsi::HostAccess access) {
  std::uint64_t number = 0;
  {
    const std::lock_guard lock(mutex_);
    number = ++exposed_;
  }
  const auto lun = copies_->publish(make_copy_unit(std::move(volume), access, number));
  if (!lun) return nullptr;
  return std::make_shared<CopyEndpoint>(
      copies_, *lun, copy::Endpoint{server_->portal(), copies_->device()->target_name(), *lun});
}

std::array<std::uint8_t, 16> make_naa_identifier() {
  static const std::uint64_t instance = [] {
    std::random_device entropy;
    return (std::uint64_t{entropy()} << 32) | entropy();
  }();
  static std::atomic<std::uint64_t> last{0};
  const std::uint64_t number = ++last;
  std::array<std::uint8_t, 16> identifier{};
  for (std::size_t i = 0; i < 8; ++i) {
    identifier[i] = static_cast<std::uint8_t>((instance >> (8 * (7 - i))) & 0xFF);
    identifier[8 + i] = static_cast<std::uint8_t>((number >> (8 * (7 - i))) & 0xFF);
  }
  identifier[0] = static_cast<std::uint8_t>(0x60 | (identifier[0] & 0x0F));
  return identifier;
}

std::string hex_text(const std::array<std::uint8_t, 16>& identifier) {
  constexpr const char* kDigits = "0123456789abcdef";
  std::string text;
  for (const std::uint8_t byte : identifier) {
    text += kDigits[byte >> 4];
    text += kDigits[byte & 0x0F];
  }
  return text;
}

std::optional<std::array<std::uint8_t, 16>> naa_identifier_of(const std::string& text) {
  std::array<std::uint8_t, 16> identifier{};
  if (text.size() != 2 * identifier.size()) return std::nullopt;
  for (std::size_t i = 0; i < identifier.size(); ++i) {
    const char* digits = text.data() + 2 * i;
    if (std::from_chars(digits, digits + 2, identifier[i], 16).ptr != digits + 2) {
      return std::nullopt;
    }
  }
  const bool type_6 = identifier[0] >> 4 == 6;
  return type_6 && hex_text(identifier) == text ? std::optional(identifier) : std::nullopt;
}

}  // namespace lockstep::replication
