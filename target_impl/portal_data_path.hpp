// A door into this room for conformance: the bytes of an outside provider's volumes, reached as
// LUNs of iSCSI targets.
#pragma once

#include "model/port/data_path.hpp"
#include "model/vocab/error.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace lockstep {

// The NAA identifier (VPD page 83h, hex) of an element, or why there is none. Called from any
// thread.
using NaaOf = std::function<Result<std::string>(const ElementRef&)>;

// `portals` are iscsi://host[:port]/iqn, without a LUN: malformed ones are Origin::Usage. Nothing
// is connected before the first call. A volume is found by its identifier on whichever target shows
// it, and looked for again when it is no longer where it was.
[[nodiscard]] Result<std::unique_ptr<DataPath>> make_portal_data_path(
    const std::vector<std::string>& portals, NaaOf naa_of);

// The URL of an element's LUN, iscsi://host[:port]/iqn/lun, or why there is none. Called from any
// thread, before each command.
using UrlOf = std::function<Result<std::string>(const ElementRef&)>;

// For providers that say of each volume where it is. Nothing is connected before the first call.
[[nodiscard]] std::unique_ptr<DataPath> make_url_data_path(UrlOf url_of);

// By which page a LUN says who it is.
enum class LunIdentifier : std::uint8_t {
  Naa,     // VPD 83h, hex in lower case
  Serial,  // VPD 80h
};

// Finds LUNs by what they say they are, on whichever target shows them. Thread-safe.
class LunFinder {
 public:
  // As for make_portal_data_path. Nothing is connected before the first call.
  [[nodiscard]] static Result<std::unique_ptr<LunFinder>> make(
      const std::vector<std::string>& portals, LunIdentifier by);
  virtual ~LunFinder() = default;
  // iscsi://host:port/iqn/lun, asked anew each time. No such LUN: Origin::Config.
  [[nodiscard]] virtual Result<std::string> url_of(const std::string& identifier) = 0;
};

// Not iscsi://host[:port]/iqn/lun: Origin::Usage, naming the part at fault.
[[nodiscard]] Status check_lun_url(const std::string& url);
// As portals are given. Not iscsi://host[:port]/iqn: as above.
[[nodiscard]] Status check_target_url(const std::string& url);
// The NAA identifier that the LUN there shows; empty: it shows none. Nobody there, or no such LUN:
// an Error.
[[nodiscard]] Result<std::string> naa_at(const std::string& url);

}  // namespace lockstep
