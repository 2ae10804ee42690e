// Persistent reservations as bytes: magic, version, type, count, and for each registration the key,
// whether it holds the reservation, and its two port names, each with a length of two bytes.
#include "target_impl/scsi/big_endian.hpp"
#include "target_impl/scsi/persistent_reservations.hpp"

#include <algorithm>

namespace lockstep::scsi {

namespace {

constexpr std::uint64_t kMagic = 0x4c53'5052'0000'0001;  // "LSPR", version 1
constexpr std::size_t kHeaderBytes = 8 + 1 + 2;

void append_number(std::vector<std::byte>& blob, std::size_t bytes, std::uint64_t value) {
  blob.resize(blob.size() + bytes);
  put_big_endian(std::span<std::byte>(blob), blob.size() - bytes, bytes, value);
}

void append_name(std::vector<std::byte>& blob, const std::string& name) {
  append_number(blob, 2, name.size());
  const auto bytes = std::as_bytes(std::span(name));
  blob.insert(blob.end(), bytes.begin(), bytes.end());
}

class Reader {
 public:
  explicit Reader(std::span<const std::byte> blob) : rest_(blob) {}

  [[nodiscard]] bool number(std::size_t bytes, std::uint64_t& value) {
    if (rest_.size() < bytes) {
      return false;
    }
    value = get_big_endian(rest_, 0, bytes);
    rest_ = rest_.subspan(bytes);
    return true;
  }
  [[nodiscard]] bool name(std::string& text) {
    std::uint64_t bytes = 0;
    if (!number(2, bytes) || bytes > PersistentReservations::kMaxPortNameBytes ||
        rest_.size() < bytes) {
      return false;
    }
    text.assign(reinterpret_cast<const char*>(rest_.data()), static_cast<std::size_t>(bytes));
    rest_ = rest_.subspan(static_cast<std::size_t>(bytes));
    return true;
  }
  [[nodiscard]] bool at_end() const { return rest_.empty(); }

 private:
  std::span<const std::byte> rest_;
};

[[nodiscard]] bool read_registration(Reader& reader, Registration& registration) {
  std::uint64_t holds = 0;
  if (!reader.number(8, registration.key) || !reader.number(1, holds) ||
      !reader.name(registration.ports.initiator) || !reader.name(registration.ports.target)) {
    return false;
  }
  registration.holds = holds != 0;
  return holds <= 1 && registration.key != 0;
}

// What the service actions keep true.
[[nodiscard]] bool is_sound(const PersistentReservations& state) {
  const auto holders = std::count_if(state.registrations.begin(), state.registrations.end(),
                                     [](const Registration& r) { return r.holds; });
  if (!state.type) {
    return holders == 0;
  }
  return is_for_all_registrants(*state.type) ? holders == 0 && !state.registrations.empty()
                                             : holders == 1;
}

}  // namespace

std::vector<std::byte> to_blob(const PersistentReservations& state) {
  std::vector<std::byte> blob;
  if (!state.persists || state.registrations.empty()) {
    return blob;
  }
  append_number(blob, 8, kMagic);
  append_number(blob, 1, state.type ? static_cast<std::uint64_t>(*state.type) : 0);
  append_number(blob, 2, state.registrations.size());
  for (const Registration& registration : state.registrations) {
    append_number(blob, 8, registration.key);
    append_number(blob, 1, registration.holds ? 1 : 0);
    append_name(blob, registration.ports.initiator);
    append_name(blob, registration.ports.target);
  }
  return blob;
}

std::optional<PersistentReservations> from_blob(std::span<const std::byte> blob) {
  PersistentReservations state;
  if (blob.empty()) {
    return state;
  }
  Reader reader(blob);
  std::uint64_t magic = 0;
  std::uint64_t type = 0;
  std::uint64_t count = 0;
  if (blob.size() < kHeaderBytes || !reader.number(8, magic) || !reader.number(1, type) ||
      !reader.number(2, count) || magic != kMagic || (type != 0 && !is_reservation_type(type)) ||
      count > PersistentReservations::kMaxRegistrations) {
    return std::nullopt;
  }
  state.persists = true;
  if (type != 0) {
    state.type = static_cast<ReservationType>(type);
  }
  for (std::uint64_t i = 0; i != count; ++i) {
    Registration registration;
    if (!read_registration(reader, registration) || state.find(registration.ports) != nullptr) {
      return std::nullopt;
    }
    state.registrations.push_back(std::move(registration));
  }
  return reader.at_end() && is_sound(state) ? std::optional(std::move(state)) : std::nullopt;
}

}  // namespace lockstep::scsi
