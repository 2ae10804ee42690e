#include "target_impl/scsi/mode_pages.hpp"

#include "target_impl/scsi/mode_parameters.hpp"

#include <algorithm>
#include <initializer_list>

namespace lockstep::scsi {

namespace {

enum : std::uint8_t { kCaching = 0x08, kControl = 0x0a, kInformationalExceptions = 0x1c };

// Where in which page a changeable bit stands.
struct Place {
  ModeParameter parameter;
  std::uint8_t page;
  std::size_t byte;
  std::uint8_t bit;
};

constexpr std::array<Place, 3> kPlaces{{
    {ModeParameter::WriteCache, kCaching, 2, 0x04},
    {ModeParameter::DescriptorSense, kControl, 2, 0x04},
    {ModeParameter::SoftwareWriteProtect, kControl, 4, 0x08},
}};

constexpr ModePage page_of(std::initializer_list<std::uint8_t> front, std::size_t size) {
  ModePage page;
  page.size = size;
  std::copy(front.begin(), front.end(), page.bytes.begin());
  return page;
}

// SBC-3 6.5.6; SPC-4 7.5.8: one task set for all, unrestricted reordering, no limit known for BUSY;
// SPC-4 7.5.11: exceptions are not reported (DEXCPT).
constexpr std::array<ModePage, kModePages> kPages{
    page_of({kCaching, 18}, 20),
    page_of({kControl, 10, 0, 0x10, 0, 0, 0, 0, 0xff, 0xff}, 12),
    page_of({kInformationalExceptions, 10, 0x08}, 12),
};

void put_bits(std::array<ModePage, kModePages>& pages, std::uint8_t parameters) noexcept {
  for (const Place& place : kPlaces) {
    if ((parameters & static_cast<std::uint8_t>(place.parameter)) == 0) {
      continue;
    }
    for (ModePage& page : pages) {
      if (page.code() == place.page) {
        page.bytes[place.byte] = static_cast<std::uint8_t>(page.bytes[place.byte] | place.bit);
      }
    }
  }
}

}  // namespace

std::array<ModePage, kModePages> mode_pages(std::uint8_t parameters) noexcept {
  auto pages = kPages;
  put_bits(pages, parameters);
  return pages;
}

std::array<ModePage, kModePages> changeable_mode_pages(const LogicalUnit& unit) noexcept {
  auto pages = kPages;
  for (ModePage& page : pages) {
    std::fill(page.bytes.begin() + 2, page.bytes.end(), std::uint8_t{0});
  }
  constexpr auto kAlways = static_cast<std::uint8_t>(ModeParameter::DescriptorSense) |
                           static_cast<std::uint8_t>(ModeParameter::SoftwareWriteProtect);
  // There is nothing to turn off where there is no cache.
  const auto cache = unit.options().write_cache
                         ? static_cast<std::uint8_t>(ModeParameter::WriteCache)
                         : std::uint8_t{0};
  put_bits(pages, static_cast<std::uint8_t>(kAlways | cache));
  return pages;
}

std::uint8_t parameters_in(std::span<const std::byte> page, std::uint8_t parameters) noexcept {
  const auto code = static_cast<std::uint8_t>(page[0]) & 0x3fU;
  for (const Place& place : kPlaces) {
    if (place.page != code) {
      continue;
    }
    const auto bit = static_cast<std::uint8_t>(place.parameter);
    const bool on = (static_cast<std::uint8_t>(page[place.byte]) & place.bit) != 0;
    parameters = static_cast<std::uint8_t>(on ? parameters | bit : parameters & ~bit);
  }
  return parameters;
}

}  // namespace lockstep::scsi
