// The messages between the harness and an adapter, a child process that stands for a provider: JSON
// lines, as plain values, both ways. No processes in here. docs/process-provider.md describes them
// for people, schema() for programs.
//
// Names in lower case are this protocol's own; names that begin with a capital are those of the
// method pages and of CIM 2.41, from the same table (fields.hpp) that CIM-XML is written by.
#pragma once

#include "model/port/fault_port.hpp"
#include "model/vocab/answers.hpp"
#include "model/vocab/capabilities.hpp"
#include "model/vocab/error.hpp"
#include "model/vocab/observations.hpp"
#include "model/vocab/requests.hpp"

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace lockstep::lines {

inline constexpr std::uint16_t kProtocol = 1;
// Without its newline. A longer line ends the conversation.
inline constexpr std::size_t kMostLineBytes = 16 * 1024 * 1024;

// --- what the harness asks

struct HelloCall {
  std::uint16_t protocol = kProtocol;
  std::string harness;  // "lockstep 0.1.0"
  friend bool operator==(const HelloCall&, const HelloCall&) = default;
};
struct CapabilitiesCall {
  friend bool operator==(const CapabilitiesCall&, const CapabilitiesCall&) = default;
};
struct InventoryCall {
  friend bool operator==(const InventoryCall&, const InventoryCall&) = default;
};
struct InvokeCall {
  Request request;
  friend bool operator==(const InvokeCall&, const InvokeCall&) = default;
};
struct InjectCall {
  Fault fault;
  friend bool operator==(const InjectCall&, const InjectCall&) = default;
};
using Call = std::variant<HelloCall, CapabilitiesCall, InventoryCall, InvokeCall, InjectCall>;

struct NumberedCall {
  std::uint64_t id = 0;
  Call call;
  friend bool operator==(const NumberedCall&, const NumberedCall&) = default;
};

// "hello", "capabilities", "inventory", "invoke CreateElementReplica", "inject LinkLost".
[[nodiscard]] std::string text_of(const Call& call);

// --- what the adapter answers

// What no inventory shows (conformance's KnownReferences).
struct Known {
  std::optional<AccessPointRef> local_access_point;
  std::optional<SettingRef> target_setting_goal;
  std::optional<PeerRef> local_peer;
  std::optional<std::string> username;
  std::optional<std::string> password;
  friend bool operator==(const Known&, const Known&) = default;
};
struct Hello {
  std::uint16_t protocol = kProtocol;
  ProviderIdentity identity;
  std::vector<std::string> portals;  // iSCSI targets: "iscsi://host:port/iqn"
  bool volume_urls = false;          // each volume says itself where its LUN is
  std::set<FaultKind> faults;
  Known known;
  friend bool operator==(const Hello&, const Hello&) = default;
};
struct Seen {
  Inventory inventory;
  std::map<ElementRef, std::string> urls;  // of volumes that say where their LUN is
  friend bool operator==(const Seen&, const Seen&) = default;
};
struct Done {  // of a fault that is in force
  friend bool operator==(const Done&, const Done&) = default;
};
// In the order of the calls.
using Told = std::variant<Hello, Capabilities, Seen, Answer, Done>;

// --- lines, without the newline

// A text that is no UTF-8: Origin::Usage.
[[nodiscard]] Result<std::string> write_call(const NumberedCall& call);
// The adapter's side. `id` is set as far as it could be read.
struct UnreadableCall {
  std::optional<std::uint64_t> id;
  std::string reason;
};
[[nodiscard]] std::variant<NumberedCall, UnreadableCall> read_call(std::string_view line);

// `told` answers `call`: what a method gives out depends on the method.
[[nodiscard]] std::string write_answer(std::uint64_t id, const Call& call, const Told& told);
[[nodiscard]] std::string write_failure(std::optional<std::uint64_t> id,
                                        const std::string& message);

// An answer that says why there is none: not the refusal of a method.
struct Failure {
  std::optional<std::uint64_t> id;
  std::string message;
};
// What is wrong with a line, as "result.return_value: expected …, found …": Origin::Provider. The
// id of a result is the call's.
[[nodiscard]] Result<std::variant<Told, Failure>> read_answer(std::string_view line,
                                                              const NumberedCall& call);

// JSON Schema (draft 2020-12) of every line, pretty-printed: {"$defs": {"request": …, "answer": …}}
// and one definition per kind of result.
[[nodiscard]] std::string schema();

}  // namespace lockstep::lines
