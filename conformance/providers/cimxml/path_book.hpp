// The references of the vocabulary and the object paths of one server, both ways. Internal.
#pragma once

#include "model/wire/field_visitors.hpp"

#include <map>
#include <mutex>
#include <string>

namespace lockstep::conformance {

// One object has one text, however the server spells its path in different answers: host, letter
// case of names and order of keys do not count. Thread-safe.
class PathBook final : public wire::References {
 public:
  // Objects of this namespace go without it in their texts.
  explicit PathBook(std::string default_namespace)
      : default_namespace_(std::move(default_namespace)) {}

  // A text that is no object path becomes the InstanceID of `class_name`, so that a reference to
  // nothing can be sent, too.
  wire::ObjectPath to_wire(const std::string& reference, std::string_view class_name) override;
  std::string from_wire(const wire::ObjectPath& path) override;

  [[nodiscard]] const std::string& default_namespace() const noexcept { return default_namespace_; }

 private:
  const std::string default_namespace_;
  std::mutex mutex_;
  std::map<std::string, std::string> text_by_identity_;
  std::map<std::string, wire::ObjectPath> path_by_text_;
};

}  // namespace lockstep::conformance
