// A target as its configuration describes it: store, logical units, portals, metrics.
#pragma once

#include "model/vocab/error.hpp"
#include "target_impl/daemon/configuration/configuration.hpp"
#include "target_impl/daemon/log.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace lockstep::target {

struct ServedLun {
  std::string url;  // "iscsi://127.0.0.1:3260/iqn.../3", through the first portal
  std::uint64_t bytes = 0;
};

class ConfiguredTarget {
 public:
  // Opens the store, makes the volumes that are missing, listens, serves. Origin::Config for what
  // cannot be: a port in use, a volume of another size, a directory that is no store. The log must
  // outlive the target.
  [[nodiscard]] static Result<std::unique_ptr<ConfiguredTarget>> start(
      const Configuration& configuration, Log& log);
  ~ConfiguredTarget();
  ConfiguredTarget(const ConfiguredTarget&) = delete;
  ConfiguredTarget& operator=(const ConfiguredTarget&) = delete;

  // Initiators are told (asynchronous logout request), connections closed, the store flushed; an
  // error is what the store says. Once.
  [[nodiscard]] Status stop();

  // In the order of the configuration.
  [[nodiscard]] std::vector<ServedLun> luns() const;
  [[nodiscard]] std::optional<std::uint16_t> metrics_port() const;

 private:
  struct Inside;
  explicit ConfiguredTarget(std::unique_ptr<Inside> inside);
  std::unique_ptr<Inside> inside_;
};

}  // namespace lockstep::target
