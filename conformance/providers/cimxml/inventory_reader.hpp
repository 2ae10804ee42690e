// Everything that can be seen of an SMI-S provider, as an Inventory. Internal.
#pragma once

#include "conformance/providers/cimxml/discovery.hpp"
#include "conformance/providers/cimxml/path_book.hpp"
#include "model/vocab/observations.hpp"

#include <map>
#include <mutex>
#include <optional>
#include <vector>

namespace lockstep::conformance {

// What finished jobs have affected does not change any more and is asked once. Thread-safe.
class JobMemory {
 public:
  struct Affected {
    std::vector<ElementRef> elements;
    std::vector<RelationshipRef> relationships;
    std::vector<GroupRef> groups;
  };
  [[nodiscard]] std::optional<Affected> find(const JobRef& job) const;
  void remember(const JobRef& job, Affected affected);

 private:
  mutable std::mutex mutex_;
  std::map<JobRef, Affected> affected_;
};

// Of VPD page 80h, of the volumes that have one.
using SerialNumbers = std::map<ElementRef, std::string>;

[[nodiscard]] Result<Inventory> read_inventory(CimOperations& operations, PathBook& book,
                                               JobMemory& memory, SerialNumbers& serials);

}  // namespace lockstep::conformance
