// What the model believes, one line per relationship, group and running job.
#include "model/core/follow.hpp"
#include "model/core/judge_inside.hpp"
#include "model/vocab/names.hpp"

namespace lockstep::model {
namespace {

std::string kind_text(const RelationshipView& view) {
  std::string text = view.sync_type ? to_text(*view.sync_type) : "copy of unknown kind";
  if (view.sync_type == SyncType::Mirror && view.mode && *view.mode != Mode::Unknown) {
    text += " " + to_text(*view.mode);
  }
  return text;
}

std::string ends_text(const RelationshipView& view) {
  const auto side = [](const std::optional<ElementRef>& element,
                       const std::optional<GroupRef>& group) {
    if (element) return element->path;
    return group ? group->path : std::string("?");
  };
  return side(view.source_element, view.source_group) + "->" +
         side(view.target_element, view.target_group);
}

std::string relation_line(const World& world, const Content& content, const Relation& relation) {
  const RelationshipView& view = *relation.view;
  std::string line = view.ref.path + " " + kind_text(view) + " " + ends_text(view) + ": ";
  if (!relation.states.known()) {
    line += view.copy_state ? to_text(*view.copy_state) : "state not shown";
    return line;
  }
  line += text_of(relation.states.places());
  const PlaceSet next = world.now(relation).places() - relation.states.places();
  if (!next.empty()) line += "; may move to " + text_of(next);
  if (view.target_element) {
    const std::string held = content.describe(*view.target_element);
    if (!held.empty()) line += "; " + held;
  }
  return line;
}

std::string stage_text(const Task& task) {
  if (task.stage == Task::Stage::Unknown) return "outcome not known";
  return task.answer().job ? "job " + task.answer().job->path : "running";
}

}  // namespace

std::vector<std::string> Judge::describe() const {
  const World& world = inside_->world;
  std::vector<std::string> lines;
  for (const Relation& relation : world.relations) {
    lines.push_back(relation_line(world, inside_->content, relation));
  }
  for (const GroupView& group : world.inventory().groups) {
    lines.push_back("group " + group.ref.path + ": " + std::to_string(group.members.size()) +
                    " members" + (group.consistent_point_in_time ? ", one point in time" : ""));
  }
  for (const Task& task : world.tasks) {
    lines.push_back(subject_of(task.request()) + ": " + stage_text(task));
  }
  return lines;
}

}  // namespace lockstep::model
