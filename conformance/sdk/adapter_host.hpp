// The adapter's side of docs/process-provider.md for C++: any Provider, served in JSON lines. With
// it the program of a vendor becomes `lockstep conform --provider exec:./program`.
#pragma once

#include "model/port/provider.hpp"
#include "model/vocab/error.hpp"
#include "model/wire/lines/messages.hpp"

#include <functional>
#include <iosfwd>
#include <optional>
#include <string>
#include <vector>

namespace lockstep::conformance {

// What a Provider does not say of itself.
struct AdapterFacts {
  std::vector<std::string> portals;  // iSCSI targets under which the volumes are LUNs, by their
                                     // device_id: "iscsi://host:port/iqn"
  lines::Known known;
  // Instead of portals: the URL of a volume's LUN. May be empty.
  std::function<std::optional<std::string>(const ElementRef&)> url_of;
};

// Answers one line after the other until the input ends. A line that cannot be understood gets an
// error for an answer; one that is longer than the protocol allows ends the conversation with an
// Error (Origin::Usage), as does an output that takes no more (Origin::Transport).
[[nodiscard]] Status serve_adapter(Provider& provider, const AdapterFacts& facts,
                                   std::istream& input, std::ostream& output);

}  // namespace lockstep::conformance
