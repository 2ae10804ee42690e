// What is measured instead of the target and the service that the suite starts itself.
#pragma once

#include "model/port/provider.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace lockstep::bench {

// A LUN for loads: iscsi://host[:port]/iqn/lun.
struct DataLun {
  std::string url;
  // Its first 128 MiB are overwritten. False: it is only read, and what is read is not verified.
  bool may_write = false;
};

struct Subject {
  std::optional<DataLun> lun;
  // A replication service whose volumes have LUNs (model/port/lun_urls.hpp). Null: none.
  std::shared_ptr<Provider> service;
  // Removes what a benchmark left there; called after each. May be empty.
  std::function<void()> tidy;
};

}  // namespace lockstep::bench
