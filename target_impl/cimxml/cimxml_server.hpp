// A CIM-XML server (DSP0200, DSP0203) for any Provider: its whole model and its methods, for real
// clients. Three namespaces: interop, the SMI-S one with MSISCSITARGET_* classes, and the storage
// service's with MSFT_SM* classes.
#pragma once

#include "model/port/provider.hpp"
#include "model/vocab/error.hpp"
#include "target_impl/transport/tls/tls.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace lockstep::cimxml {

inline constexpr const char* kTargetNamespace = "root/cimv2/storage/iscsitarget";
inline constexpr const char* kStorageNamespace = "root/microsoft/windows/storage/sm";
inline constexpr const char* kInteropNamespace = "interop";

struct ServerOptions {
  std::string address = "127.0.0.1";
  std::uint16_t port = 0;  // 0: any free port
  // Basic authentication; without a user nobody is asked who they are.
  std::string user;
  std::string password;
  std::optional<tls::ServerOptions> tls;  // nothing: without TLS
  std::chrono::milliseconds longest_handshake{10'000};
  std::size_t most_connections = 64;
  std::size_t most_request_bytes = 16 * 1024 * 1024;

  // What no inventory shows and clients need to be told of; empty texts are left out.
  std::string access_point;
  std::string setting_goal;
  std::string replica_peer;  // this system
  std::vector<std::string> other_peers;
  std::string portal;       // iSCSI, "127.0.0.1:3260"
  std::string target_name;  // iqn
  // The LUN of an element, for the protocol controller; may be empty.
  std::function<std::optional<std::uint16_t>(const ElementRef&)> lun_of;
};

// Answers from its own threads until it is destroyed; a method that is under way then is waited
// for.
class Server {
 public:
  // Borrows the provider, which must outlive the server. Address not free, or TLS files that cannot
  // be used: Origin::Config.
  [[nodiscard]] static Result<std::unique_ptr<Server>> start(Provider& provider,
                                                             const ServerOptions& options);
  virtual ~Server() = default;
  [[nodiscard]] virtual std::uint16_t port() const noexcept = 0;
};

}  // namespace lockstep::cimxml
