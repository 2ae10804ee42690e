#include "target_impl/daemon/command_counters.hpp"

#include <utility>

namespace lockstep::target {
namespace {

using Families = std::array<CommandFamily, 256>;

constexpr Families make_families() {
  Families families{};
  families.fill(CommandFamily::Other);
  constexpr std::pair<CommandFamily, std::array<int, 16>> kCodes[] = {
      {CommandFamily::Read, {0x08, 0x28, 0xa8, 0x88, 0x34, 0x90, 0x2f, 0xaf, 0x8f, 0, 0, 0, 0, 0}},
      {CommandFamily::Write,
       {0x0a, 0x2a, 0xaa, 0x8a, 0x2e, 0xae, 0x8e, 0x41, 0x93, 0x89, 0x8b, 0x9c, 0, 0}},
      {CommandFamily::Flush, {0x35, 0x91}},
      {CommandFamily::Provisioning, {0x42, 0x48, 0x04}},
      {CommandFamily::Copy, {0x83, 0x84}},
      {CommandFamily::Reservation, {0x16, 0x17, 0x56, 0x57, 0x5e, 0x5f}},
      {CommandFamily::Inquiry,
       {0x03, 0x12, 0x1a, 0x5a, 0x15, 0x55, 0x25, 0x9e, 0xa0, 0xa3, 0x4d, 0, 0, 0}},
  };
  for (const auto& [family, codes] : kCodes) {
    for (const int code : codes) {
      if (code != 0) {
        families[static_cast<std::size_t>(code)] = family;
      }
    }
  }
  return families;
}

constexpr Families kFamilies = make_families();

std::atomic<std::uint64_t> g_last_id{0};

// Relaxed reads of counters that their threads go on counting.
template <std::size_t N>
void sum(std::array<std::uint64_t, N>& into,
         const std::array<std::atomic<std::uint64_t>, N>& from) noexcept {
  for (std::size_t i = 0; i != N; ++i) {
    into[i] += from[i].load(std::memory_order_relaxed);
  }
}
void sum(std::uint64_t& into, const std::atomic<std::uint64_t>& from) noexcept {
  into += from.load(std::memory_order_relaxed);
}

}  // namespace

CommandFamily family_of(std::uint8_t operation_code) noexcept { return kFamilies[operation_code]; }

std::string_view family_text(CommandFamily family) noexcept {
  constexpr std::array<std::string_view, kCommandFamilies> kTexts{
      "read", "write", "flush", "provisioning", "copy", "reservation", "inquiry", "other"};
  return kTexts.at(static_cast<std::size_t>(family));
}

CommandCounters::CommandCounters() : id_(++g_last_id) {}

CommandCounters::Slot& CommandCounters::mine() {
  struct Last {
    std::uint64_t id = 0;
    Slot* slot = nullptr;
  };
  thread_local Last last;
  if (last.id != id_) {
    const std::lock_guard lock(mutex_);
    auto& slot = slots_[std::this_thread::get_id()];
    if (!slot) {
      slot = std::make_unique<Slot>();
    }
    last = {id_, slot.get()};
  }
  return *last.slot;
}

CommandTotals CommandCounters::totals() const {
  CommandTotals totals;
  const std::lock_guard lock(mutex_);
  for (const auto& [thread, slot] : slots_) {
    sum(totals.commands, slot->commands);
    sum(totals.bytes_in, slot->bytes_in);
    sum(totals.bytes_out, slot->bytes_out);
    sum(totals.sense_keys, slot->sense_keys);
    sum(totals.other_statuses, slot->other_statuses);
    sum(totals.sessions_started, slot->sessions_started);
    sum(totals.sessions_ended, slot->sessions_ended);
    sum(totals.logins_refused, slot->logins_refused);
    sum(totals.times, slot->times);
    sum(totals.time_ns, slot->time_ns);
  }
  return totals;
}

}  // namespace lockstep::target
