// The object manager: one CIM operation in, one answer out. No HTTP, no XML. Internal.
#pragma once

#include "model/port/provider.hpp"
#include "model/wire/message.hpp"
#include "target_impl/cimxml/cimxml_server.hpp"
#include "target_impl/cimxml/model.hpp"
#include "target_impl/cimxml/pull_contexts.hpp"

#include <memory>
#include <mutex>
#include <string>

namespace lockstep::cimxml {

// The paths of the last inventory. Clients that poll see the same one over and over, and making its
// paths costs more than everything else about an answer. Thread-safe.
class World {
 public:
  explicit World(Provider& provider) noexcept : provider_(provider) {}
  struct Seen {
    std::shared_ptr<const Inventory> inventory;
    std::shared_ptr<const Paths> paths;
  };
  [[nodiscard]] Result<Seen> look(const std::string& host);

 private:
  Provider& provider_;
  std::mutex mutex_;
  std::string host_;
  Seen last_;
};

struct Answered {
  wire::Reply reply;
  wire::ReturnShape shape = wire::ReturnShape::Nothing;
};

// Thread-safe as far as the provider is.
class ObjectManager {
 public:
  // Borrows both. `host` stands in the paths that are returned.
  ObjectManager(Provider& provider, const ServerOptions& options) noexcept
      : provider_(provider), options_(options), world_(provider) {}
  [[nodiscard]] Answered answer(const wire::Call& call, const std::string& host);

 private:
  Provider& provider_;
  const ServerOptions& options_;
  World world_;
  PullContexts pulls_;
};

// --- the parts of it. A refusal is thrown as wire::CimError and becomes the reply's ERROR.
namespace status {
inline constexpr std::uint32_t kFailed = 1;
inline constexpr std::uint32_t kInvalidNamespace = 3;
inline constexpr std::uint32_t kInvalidParameter = 4;
inline constexpr std::uint32_t kInvalidClass = 5;
inline constexpr std::uint32_t kNotFound = 6;
inline constexpr std::uint32_t kNotSupported = 7;
inline constexpr std::uint32_t kMethodNotFound = 17;
inline constexpr std::uint32_t kInvalidEnumerationContext = 21;
inline constexpr std::uint32_t kServerLimitsExceeded = 27;
}  // namespace status

// Everything a call needs of its surroundings.
struct Asked {
  const wire::Call& call;
  Space space;
  Provider& provider;
  World& world;
  const ServerOptions& options;
  const std::string& host;
  [[nodiscard]] Model look() const;
};

[[nodiscard]] Answered intrinsic(const Asked& request, PullContexts& pulls);
[[nodiscard]] Answered extrinsic(const Asked& request);
[[nodiscard]] wire::Reply invoke_method(const Asked& request, Method method, bool must_exist);
[[nodiscard]] wire::Reply capability_method(const Asked& request);

}  // namespace lockstep::cimxml
