// The same objects in the classes of the storage service (MSFT_SM*), for CreateReplica. Internal.
#pragma once

#include "conformance/providers/cimxml/operations.hpp"
#include "conformance/providers/cimxml/path_book.hpp"

#include <map>
#include <string>

namespace lockstep::conformance {

// Each MSFT_SM object names the provider's own object in its PassThrough properties; that is how
// the two families are joined. Not thread-safe: one per call.
class StorageFamily final : public wire::References {
 public:
  StorageFamily(CimOperations& operations, PathBook& book, std::string name_space)
      : operations_(operations), book_(book), name_space_(std::move(name_space)) {}

  // Reads the instances of a class and remembers which object each is.
  [[nodiscard]] Status learn(const char* class_name);

  wire::ObjectPath to_wire(const std::string& reference, std::string_view class_name) override;
  std::string from_wire(const wire::ObjectPath& path) override;

 private:
  CimOperations& operations_;
  PathBook& book_;
  const std::string name_space_;
  std::map<std::string, wire::ObjectPath> path_by_reference_;
  std::map<std::string, std::string> reference_by_identity_;
};

}  // namespace lockstep::conformance
