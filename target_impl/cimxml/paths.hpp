// The object paths under which the provider's objects are served, in both families of classes, and
// the way back. Internal.
#pragma once

#include "model/vocab/observations.hpp"
#include "model/wire/field_visitors.hpp"
#include "target_impl/cimxml/classes.hpp"

#include <map>
#include <optional>
#include <string>

namespace lockstep::cimxml {

// Of one moment: made from an inventory, valid as long as that is.
class Paths {
 public:
  // `host` stands in every path that leaves the server.
  Paths(const Inventory& inventory, std::string host);

  [[nodiscard]] wire::ObjectPath computer() const;
  [[nodiscard]] wire::ObjectPath service(const char* class_name) const;
  [[nodiscard]] wire::ObjectPath instance(Space space, const char* class_name, const char* key,
                                          const std::string& value) const;
  // An object of the inventory, or nothing.
  [[nodiscard]] std::optional<wire::ObjectPath> find(Space space, const std::string& ref) const;
  // Any reference of the provider: an object path of its own is served as it stands, another text
  // as the InstanceID of `class_name`.
  [[nodiscard]] wire::ObjectPath any(Space space, const std::string& ref,
                                     std::string_view class_name) const;
  // The provider's reference for a path that a client sent; `sent_to` is the request's namespace. A
  // path of no known object becomes text that the provider will not know either.
  [[nodiscard]] std::string reference_of(const wire::ObjectPath& path,
                                         std::string_view sent_to) const;

 private:
  void add(const std::string& ref, wire::ObjectPath target,
           std::optional<wire::ObjectPath> storage);

  std::string host_;
  std::map<std::string, wire::ObjectPath> target_;
  std::map<std::string, wire::ObjectPath> storage_;
  std::map<std::string, std::string> by_identity_;
};

// The value of the only key of a reference that is an object path, else the whole text.
[[nodiscard]] std::string key_text(const std::string& ref);

// Paths as the visitors of fields want them.
class ServedReferences final : public wire::References {
 public:
  ServedReferences(const Paths& paths, Space space, std::string sent_to)
      : paths_(paths), space_(space), sent_to_(std::move(sent_to)) {}
  wire::ObjectPath to_wire(const std::string& reference, std::string_view class_name) override {
    return paths_.any(space_, reference, class_name);
  }
  std::string from_wire(const wire::ObjectPath& path) override {
    return paths_.reference_of(path, sent_to_);
  }

 private:
  const Paths& paths_;
  Space space_;
  std::string sent_to_;
};

}  // namespace lockstep::cimxml
