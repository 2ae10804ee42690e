// CIM-XML messages (DSP0201, DSP0203) as plain values, both ways.
//
// Writing is strict: what the document type asks for and nothing else. Reading is tolerant of
// everything that the specification leaves open and of what older servers are known to do; it is
// not tolerant of what cannot be understood. No entity is ever expanded but the five that XML
// itself defines; depth and number of elements are bounded.
#pragma once

#include "model/vocab/error.hpp"
#include "model/wire/schema.hpp"
#include "model/wire/value.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace lockstep::wire {

// One operation asked for: a method of an object (METHODCALL), or an operation of the object
// manager itself (IMETHODCALL). Parameters of the latter use these shapes: a class name is a
// reference without keys, an instance name a reference with keys.
struct Call {
  std::string message_id;
  bool intrinsic = false;
  std::string name;
  // Extrinsic: the instance or class that the method belongs to. Intrinsic: only name_space counts.
  ObjectPath target;
  Parameters parameters;
  friend bool operator==(const Call&, const Call&) = default;
};

struct CimError {
  std::uint32_t code = 0;
  std::string description;
  friend bool operator==(const CimError&, const CimError&) = default;
};

struct Reply {
  std::string message_id;
  bool intrinsic = false;
  std::string name;
  std::optional<CimError> error;
  // Extrinsic.
  std::optional<Value> return_value;
  Parameters out;  // of pull operations, too
  // Intrinsic: what IRETURNVALUE holds, by shape. A bare INSTANCE has an empty path.
  std::vector<PathInstance> instances;
  std::vector<ObjectPath> paths;
  std::vector<ClassDeclaration> classes;
  friend bool operator==(const Reply&, const Reply&) = default;
};

// How an intrinsic operation returns its instances and paths (DSP0200): the elements differ.
enum class ReturnShape : std::uint8_t {
  Instance,           // GetInstance
  NamedInstances,     // EnumerateInstances
  ObjectsWithPath,    // Associators, References
  InstancesWithPath,  // the pull operations on instances
  InstanceNames,      // EnumerateInstanceNames
  ObjectPaths,        // AssociatorNames, ReferenceNames
  InstancePaths,      // the pull operations on paths
  Classes,            // GetClass, EnumerateClasses
  ClassNames,         // EnumerateClassNames
  Nothing,
};

// A text that XML cannot carry (control characters, broken UTF-8): Origin::Usage.
[[nodiscard]] Result<std::string> write_call(const Call& call);
[[nodiscard]] Result<std::string> write_reply(const Reply& reply, ReturnShape shape);

struct ReadLimits {
  std::size_t elements = 2'000'000;
  int depth = 64;
};

// Why a message could not be read; the second is what HTTP's CIMError header says of it.
enum class Unreadable : std::uint8_t { NotWellFormed, NotValid, UnsupportedVersion };
struct ReadFailure {
  Unreadable kind = Unreadable::NotWellFormed;
  std::string reason;
};
template <class T>
using ReadResult =
    BOOST_OUTCOME_V2_NAMESPACE::basic_result<T, ReadFailure,
                                             BOOST_OUTCOME_V2_NAMESPACE::policy::terminate>;

[[nodiscard]] ReadResult<Call> read_call(std::string_view xml, const ReadLimits& limits = {});
[[nodiscard]] ReadResult<Reply> read_reply(std::string_view xml, const ReadLimits& limits = {});

// An embedded instance: INSTANCE (or VALUE.NAMEDINSTANCE, as some servers send it) as text.
[[nodiscard]] Result<std::string> write_embedded(const Instance& instance);
[[nodiscard]] ReadResult<Instance> read_embedded(std::string_view xml);

}  // namespace lockstep::wire
