// CIM operations in the words that a replication client thinks in. Internal.
#pragma once

#include "conformance/providers/cimxml/client.hpp"
#include "model/wire/value.hpp"

#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace lockstep::conformance {

// Why a server did not do what was asked, and whether that is its right.
struct Refusal {
  std::uint32_t code = 0;
  std::string description;
};

// What a server answers: instances, or a refusal in CIM's own terms.
template <class T>
struct Told {
  T value{};
  std::optional<Refusal> refusal;
};

using Instances = std::vector<wire::PathInstance>;
using ObjectPaths = std::vector<wire::ObjectPath>;

// Thread-safe, as the client is. An answer that is too large for the client, or for the server, is
// pulled piece by piece where the server offers that.
class CimOperations {
 public:
  explicit CimOperations(CimClient& client) : client_(client) {}

  [[nodiscard]] Result<Told<Instances>> enumerate(const std::string& name_space,
                                                  const char* class_name);
  [[nodiscard]] Result<Told<ObjectPaths>> enumerate_names(const std::string& name_space,
                                                          const char* class_name);
  [[nodiscard]] Result<Told<Instances>> associators(const wire::ObjectPath& object,
                                                    const char* association,
                                                    const char* result_class);
  [[nodiscard]] Result<Told<ObjectPaths>> associator_names(const wire::ObjectPath& object,
                                                           const char* association,
                                                           const char* result_class);
  [[nodiscard]] Result<Told<Instances>> references(const wire::ObjectPath& object,
                                                   const char* result_class);

  // The same where a class that the server does not have is as good as one without instances, and
  // any other refusal is an error.
  [[nodiscard]] Result<Instances> all(const std::string& name_space, const char* class_name);

  // A method: its return value and its out parameters, or a refusal.
  struct Outcome {
    std::uint32_t code = 0;
    wire::Parameters out;
  };
  [[nodiscard]] Result<Told<Outcome>> invoke(const wire::ObjectPath& target, const char* method,
                                             wire::Parameters parameters);

  [[nodiscard]] CimClient& client() noexcept { return client_; }

 private:
  [[nodiscard]] Result<wire::Reply> call_or_pull(wire::Call call);
  [[nodiscard]] bool is_pulled(const std::string& key);
  [[nodiscard]] Result<Told<wire::Reply>> ask(const std::string& name_space, const char* operation,
                                              wire::Parameters parameters);
  [[nodiscard]] Result<Told<Instances>> instances(const std::string& name_space,
                                                  const char* operation,
                                                  wire::Parameters parameters);
  [[nodiscard]] Result<Told<ObjectPaths>> paths(const std::string& name_space,
                                                const char* operation, wire::Parameters parameters);
  CimClient& client_;
  std::mutex mutex_;
  std::set<std::string> pulled_;  // operations and classes
};

// INVALID_CLASS, NOT_SUPPORTED and, as some servers say it, INVALID_PARAMETER or NOT_FOUND: the
// class is not there.
[[nodiscard]] bool means_absent(const Refusal& refusal) noexcept;

}  // namespace lockstep::conformance
