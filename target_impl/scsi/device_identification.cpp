// The designators of SPC-4 7.8.6. The only one of type NAA is the logical unit's: initiators of
// third-party copies take the last designator of that type, whatever it is associated with.
#include "target_impl/scsi/device_identification.hpp"

#include "target_impl/scsi/vital_product_data.hpp"

#include <string>
#include <string_view>

namespace lockstep::scsi {

namespace {

enum class Association : std::uint8_t { LogicalUnit = 0, TargetPort = 1, TargetDevice = 2 };
enum class Type : std::uint8_t {
  T10VendorId = 1,
  Naa = 3,
  RelativeTargetPort = 4,
  TargetPortGroup = 5,
  ScsiName = 8,
};
enum class CodeSet : std::uint8_t { Binary = 1, Ascii = 2, Utf8 = 3 };

void append(std::vector<std::byte>& page, Association association, Type type, CodeSet code_set,
            std::span<const std::byte> designator) {
  constexpr std::uint8_t kIscsi = 0x50;  // protocol identifier 5h
  constexpr std::uint8_t kProtocolValid = 0x80;
  const bool of_port_or_device = association != Association::LogicalUnit;
  page.push_back(static_cast<std::byte>((of_port_or_device ? kIscsi : 0) |
                                        static_cast<std::uint8_t>(code_set)));
  page.push_back(static_cast<std::byte>((of_port_or_device ? kProtocolValid : 0) |
                                        static_cast<std::uint8_t>(association) << 4 |
                                        static_cast<std::uint8_t>(type)));
  page.push_back(std::byte{0});
  page.push_back(static_cast<std::byte>(designator.size()));
  page.insert(page.end(), designator.begin(), designator.end());
}

// SPC-4 7.8.6.11: ended by NUL, padded to a multiple of four, at most 252 bytes here.
void append_scsi_name(std::vector<std::byte>& page, Association association,
                      std::string_view name) {
  std::string text(name.substr(0, 251));
  text.resize((text.size() + 4) / 4 * 4, '\0');
  append(page, association, Type::ScsiName, CodeSet::Utf8, std::as_bytes(std::span(text)));
}

}  // namespace

void device_identification(const Task& task, std::vector<std::byte>& page) {
  const LogicalUnitOptions& options = task.unit().options();

  std::vector<std::byte> vendor_specific(8);
  put_text(vendor_specific, options.vendor);
  const auto serial = std::string_view(options.serial_number).substr(0, 200);
  vendor_specific.resize(8 + serial.size());
  put_text(std::span(vendor_specific).subspan(8), serial);
  append(page, Association::LogicalUnit, Type::T10VendorId, CodeSet::Ascii, vendor_specific);
  append(page, Association::LogicalUnit, Type::Naa, CodeSet::Binary,
         std::as_bytes(std::span(options.naa_identifier)));

  std::vector<std::byte> number(4);
  put_big_endian(std::span<std::byte>(number), 2, 2, task.nexus.port_group);
  append(page, Association::TargetPort, Type::RelativeTargetPort, CodeSet::Binary, number);
  append(page, Association::TargetPort, Type::TargetPortGroup, CodeSet::Binary, number);
  append_scsi_name(page, Association::TargetPort, task.nexus.target_port);
  append_scsi_name(page, Association::TargetDevice, task.device.target_name());
}

}  // namespace lockstep::scsi
