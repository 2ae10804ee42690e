// Everything that is served, as instances of its classes. Internal.
#pragma once

#include "model/port/provider.hpp"
#include "target_impl/cimxml/cimxml_server.hpp"
#include "target_impl/cimxml/paths.hpp"

#include <functional>
#include <memory>
#include <vector>

namespace lockstep::cimxml {

// The world at one moment. Building is lazy: only the classes asked for are made.
class Model {
 public:
  // `paths` are those of the inventory.
  Model(Provider& provider, const ServerOptions& options,
        std::shared_ptr<const Inventory> inventory, std::shared_ptr<const Paths> paths);
  Model(const Model&) = delete;  // its entries point into it
  Model& operator=(const Model&) = delete;

  [[nodiscard]] const Inventory& inventory() const noexcept { return inventory_; }
  [[nodiscard]] const Paths& paths() const noexcept { return paths_; }

  // Instances of `class_name` and of what derives from it.
  [[nodiscard]] std::vector<wire::PathInstance> instances(Space space, std::string_view class_name);
  // The instance of that path, or nothing.
  [[nodiscard]] std::optional<wire::PathInstance> find(Space space, const wire::ObjectPath& path);
  // Every association of the namespaces that an object may be in.
  [[nodiscard]] std::vector<wire::PathInstance> associations(Space space);

 private:
  using Made = std::vector<wire::PathInstance>;
  using Maker = std::function<void(Made&)>;
  struct Entry {
    Space space;
    const char* class_name;
    Maker make;
  };
  // What the entries are made of (model_*.cpp).
  void add_interop();
  void add_services();
  void add_capabilities();
  void add_storage();
  void add_access();
  void add_relationships();
  void add_jobs();
  void add_storage_service();
  void add(Space space, const char* class_name, Maker make);

  [[nodiscard]] wire::PathInstance object(const wire::ObjectPath& path,
                                          wire::Properties properties) const;
  [[nodiscard]] wire::PathInstance association(Space space, const char* class_name,
                                               const char* first, const wire::ObjectPath& one,
                                               const char* second, const wire::ObjectPath& two,
                                               wire::Properties properties = {}) const;
  // The properties of a view, as its fields name them.
  template <class View>
  [[nodiscard]] wire::Properties properties_of(View view) const {
    ServedReferences references(paths_, Space::Target, kTargetNamespace);
    wire::FieldWriter writer(references);
    wire::properties(writer, view);
    return std::move(writer.written());
  }
  [[nodiscard]] std::optional<Capabilities> capabilities();

  Provider& provider_;
  const ServerOptions& options_;
  std::shared_ptr<const Inventory> held_inventory_;
  std::shared_ptr<const Paths> held_paths_;
  const Inventory& inventory_;
  const Paths& paths_;
  std::vector<Entry> entries_;
};

// Numbers of SupportedSynchronousActions and the like; 0 for a method that has none.
[[nodiscard]] std::uint16_t action_number(Method method) noexcept;
[[nodiscard]] wire::Value numbers_value(const std::vector<std::uint64_t>& numbers);

}  // namespace lockstep::cimxml
