// VPD pages 00h, 80h, 83h, 8Fh, B0h, B1h and B2h (SPC-4 7.8, SBC-3 6.6).
#include "target_impl/scsi/vital_product_data.hpp"

#include "target_impl/scsi/device_identification.hpp"
#include "target_impl/scsi/limits.hpp"
#include "target_impl/scsi/third_party_copy/third_party_page.hpp"

#include <algorithm>
#include <array>
#include <vector>

namespace lockstep::scsi {

namespace {

using Page = std::vector<std::byte>;

// Everything after the four bytes of header.
using Fill = void (*)(const Task&, Page&);

void unit_serial_number(const Task& task, Page& page) {
  const std::string& serial = task.unit().options().serial_number;
  page.resize(std::min<std::size_t>(serial.size(), 252));
  put_text(page, serial);
}

void block_limits(const Task& task, Page& page) {
  const std::uint64_t block = task.block_bytes();
  const std::uint64_t per_extent = store::kExtentBytes / block;
  page.resize(0x3c);
  // Offsets as in SBC-3 table 176, which count the header.
  const auto put = [&page](std::size_t at, std::size_t bytes, std::uint64_t value) {
    put_big_endian(std::span<std::byte>(page), at - 4, bytes, value);
  };
  constexpr std::uint64_t kGranularityBytes = 4096;
  constexpr std::uint64_t kAlignmentValid = 0x80000000;
  put(5, 1, kMaxCompareAndWriteBlocks);
  put(6, 2,
      std::max(
          {std::uint64_t{1}, kGranularityBytes / block, blocks_per_physical_block(task.unit())}));
  put(8, 4, kMaxTransferBytes / block);
  put(12, 4, kOptimalTransferBytes / block);
  put(20, 4, kMaxUnmapBlocks);
  put(24, 4, kMaxUnmapDescriptors);
  put(28, 4, per_extent);
  put(32, 4, kAlignmentValid);
  put(36, 8, kMaxWriteSameBytes / block);
  // A write is atomic at any place; where physical blocks are larger, in whole ones.
  const std::uint64_t physical = blocks_per_physical_block(task.unit());
  put(44, 4, kMaxAtomicBlocks);
  put(48, 4, physical > 1 ? physical : 0);
  put(52, 4, physical > 1 ? physical : 0);
}

void block_device_characteristics(const Task& /*task*/, Page& page) {
  page.resize(0x3c);
  page[1] = std::byte{1};  // medium rotation rate: does not rotate
  // WABEREQ and WACEREQ 01b: blocks can be read after they were erased.
  constexpr std::byte kReadsAfterErase{0x50};
  page[3] = kReadsAfterErase;
}

void logical_block_provisioning(const Task& /*task*/, Page& page) {
  // LBPU, LBPWS, LBPWS10 and LBPRZ 001b: UNMAP and both WRITE SAME unmap, and zeros are read then.
  constexpr std::byte kUnmapsAndReadsZeros{0xe4};
  constexpr std::byte kThin{0x02};
  page.resize(4);
  page[1] = kUnmapsAndReadsZeros;
  page[2] = kThin;
}

struct PageEntry {
  std::uint8_t code;
  Fill fill;
};

void supported_pages(const Task& task, Page& page);

// Ascending, as page 00h has to list them.
constexpr std::array<PageEntry, 7> kPages{{
    {0x00, supported_pages},
    {0x80, unit_serial_number},
    {0x83, device_identification},
    {0x8f, third_party_page},
    {0xb0, block_limits},
    {0xb1, block_device_characteristics},
    {0xb2, logical_block_provisioning},
}};

void supported_pages(const Task& task, Page& page) {
  for (const PageEntry& entry : kPages) {
    if (entry.code == 0 || task.logical_unit != nullptr) {
      page.push_back(static_cast<std::byte>(entry.code));
    }
  }
}

}  // namespace

void vital_product_data(Task& task, std::uint8_t page, std::uint64_t allocation_length) {
  const auto entry = std::find_if(kPages.begin(), kPages.end(),
                                  [page](const PageEntry& e) { return e.code == page; });
  if (entry == kPages.end() || (task.logical_unit == nullptr && page != 0)) {
    task.refuse_cdb(2);
    return;
  }
  Page body;
  entry->fill(task, body);
  Page data(4);
  data[0] = peripheral_of(task);
  data[1] = static_cast<std::byte>(page);
  put_big_endian(std::span<std::byte>(data), 2, 2, body.size());
  data.insert(data.end(), body.begin(), body.end());
  task.reply(data, allocation_length);
}

}  // namespace lockstep::scsi
