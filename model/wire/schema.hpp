// Declarations of classes, as GetClass returns them.
#pragma once

#include <string>
#include <vector>

namespace lockstep::wire {

struct PropertyDeclaration {
  std::string name;
  std::string type;  // "uint16", ..., "reference"
  bool array = false;
  bool key = false;
  std::string reference_class;  // with type "reference"
  friend bool operator==(const PropertyDeclaration&, const PropertyDeclaration&) = default;
};

struct ParameterDeclaration {
  std::string name;
  std::string type;
  bool array = false;
  bool in = true;
  bool out = false;
  std::string reference_class;
  std::string embedded;  // class of an embedded instance
  friend bool operator==(const ParameterDeclaration&, const ParameterDeclaration&) = default;
};

struct MethodDeclaration {
  std::string name;
  std::vector<ParameterDeclaration> parameters;
  friend bool operator==(const MethodDeclaration&, const MethodDeclaration&) = default;
};

struct ClassDeclaration {
  std::string name;
  std::string superclass;  // empty: none
  bool association = false;
  std::vector<PropertyDeclaration> properties;  // inherited ones included
  std::vector<MethodDeclaration> methods;       // each returns uint32
  friend bool operator==(const ClassDeclaration&, const ClassDeclaration&) = default;
};

}  // namespace lockstep::wire
