// A conformance case: what it proves, what it needs, and the function that does it.
#pragma once

#include "conformance/clauses/catalogue.hpp"
#include "model/port/fault_port.hpp"
#include "model/vocab/enums.hpp"
#include "model/vocab/methods.hpp"

#include <functional>
#include <set>
#include <string>
#include <vector>

namespace lockstep::conformance {

class Session;

// What a provider must offer so that the case can be carried out. What is missing decides the kind
// of skip: an undeclared ability gives NotSupported, a missing access of the harness NotTestable.
struct Needs {
  std::set<Method> methods;
  std::set<SyncType> kinds;       // each of them, in whatever mode
  std::set<CopyType> copy_types;  // for AttachReplica
  std::set<Operation>
      operations;  // each of them, for each of `kinds`; undeclared lists count as yes
  std::set<Feature> features;
  std::set<GroupFeature> group_features;
  std::set<FaultKind> faults;
  bool data = false;  // the bytes of the volumes
};

struct Case {
  std::string id;                    // "CER/sync-type-null"
  std::vector<std::string> clauses;  // of the catalogue; at least one
  Level level = Level::Shall;        // the strongest of them
  std::string does;                  // "calls the method without a SyncType"
  std::string requires_text;         // "the call is refused"
  Needs needs;
  std::vector<std::string> tags;  // "wait", "sweep": what the case is about, for selecting it
  // Touches the provider only through the session. Called on a thread of its own.
  std::function<void(Session&)> run;

  // "CER"
  [[nodiscard]] std::string method() const { return id.substr(0, id.find('/')); }
};

}  // namespace lockstep::conformance
