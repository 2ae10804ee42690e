// Which reference of the provider each symbolic handle stands for, while a sequence runs.
//
// A method that answers 4096 may leave its out parameters NULL; the handles it makes then stay open
// and are bound as soon as the objects can be seen. A handle that never comes to be bound is no
// fault: the commands that need it are not carried out.
#pragma once

#include "model/vocab/answers.hpp"
#include "model/vocab/observations.hpp"
#include "properties/commands/command.hpp"

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace lockstep::properties {

class Bindings {
 public:
  // Binds what the answer and the inventory show of what the command makes. `before` is the
  // inventory of the moment before the call.
  void learn(const Command& command, const Answer& answer, const Inventory& before,
             const Inventory& after);
  // Another look at what is still open.
  void look_again(const Inventory& inventory);

  [[nodiscard]] std::optional<ElementRef> element(Handle handle) const;
  [[nodiscard]] std::optional<RelationshipRef> relationship(Handle handle) const;
  [[nodiscard]] std::optional<GroupRef> group(Handle handle) const;
  [[nodiscard]] std::optional<JobRef> job(Handle handle) const;
  [[nodiscard]] bool all_bound(const std::vector<Handle>& handles) const;

  // Replaces every reference in the text by its handle.
  [[nodiscard]] std::string symbolic(const std::string& text) const;

 private:
  // A pair or group relationship that was asked for and has not been seen yet.
  struct Open {
    std::optional<Handle> relationship;
    std::optional<Handle> target_volume;
    std::optional<Handle> source_group;
    std::optional<Handle> target_group;
    std::optional<ElementRef> source;
    std::optional<ElementRef> target;
    bool group = false;
    std::set<RelationshipRef> old;  // existed before the call
  };

  void bind(Handle handle, const std::string& path);
  void learn_replicate(const Replicate& op, const Answer& answer, const Inventory& before);
  void open_pairs(const Replicate& op, const std::set<RelationshipRef>& old);
  void bind_from_answer(const Replicate& op, const Answer& answer);
  [[nodiscard]] bool close(Open& open, const Inventory& inventory);
  [[nodiscard]] bool taken(HandleKind kind, const std::string& path) const;
  [[nodiscard]] std::optional<std::string> path_of(Handle handle) const;

  std::map<Handle, std::string> paths_;
  std::vector<Open> open_;
};

}  // namespace lockstep::properties
