#include "properties/generators/simplify.hpp"

#include <utility>

namespace lockstep::properties {
namespace {

// Collects variants that differ from the original.
template <class Kind>
class Variants {
 public:
  explicit Variants(const Kind& original) : original_(original) {}

  template <class Change>
  void add(const Change& change) {
    found_.emplace_back(original_);
    change(std::get<Kind>(found_.back()));
    if (std::get<Kind>(found_.back()) == original_) found_.pop_back();
  }
  [[nodiscard]] std::vector<Command> take() { return std::move(found_); }

 private:
  const Kind& original_;
  std::vector<Command> found_;
};

constexpr std::uint64_t kSmallVolume = 128;

void drop_source(Replicate& op, std::size_t index) {
  const auto at = static_cast<std::ptrdiff_t>(index);
  op.sources.erase(op.sources.begin() + at);
  if (op.targets && index < op.targets->size()) op.targets->erase(op.targets->begin() + at);
  if (index < op.made_relationships.size()) {
    op.made_relationships.erase(op.made_relationships.begin() + at);
  }
  if (index < op.made_volumes.size()) op.made_volumes.erase(op.made_volumes.begin() + at);
}

template <class Kind>
void simpler_meanwhile(Variants<Kind>& variants, const Kind& op) {
  if (!op.meanwhile) return;
  variants.add([](Kind& v) { v.meanwhile.reset(); });
  variants.add([](Kind& v) { v.meanwhile->times = 1; });
  variants.add([](Kind& v) { v.meanwhile->blocks = 1; });
}

std::vector<Command> simpler(const Replicate& op) {
  Variants<Replicate> variants(op);
  if (op.sources.size() > 1) {
    for (std::size_t i = op.sources.size(); i > 0; --i) {
      variants.add([&](Replicate& v) { drop_source(v, i - 1); });
    }
  }
  simpler_meanwhile(variants, op);
  variants.add([](Replicate& v) { v.name.reset(); });
  variants.add([](Replicate& v) { v.names.reset(); });
  variants.add([](Replicate& v) { v.source_group_name.reset(); });
  variants.add([](Replicate& v) { v.settings.reset(); });
  variants.add([](Replicate& v) { v.recovery_point_objective.reset(); });
  variants.add([](Replicate& v) { v.pool = false; });
  variants.add([](Replicate& v) { v.goal = false; });
  variants.add([](Replicate& v) { v.consistency.reset(); });
  variants.add([](Replicate& v) { v.wait.reset(); });
  variants.add([](Replicate& v) { v.mode.reset(); });
  return variants.take();
}

std::vector<Command> simpler(const Modify& op) {
  Variants<Modify> variants(op);
  if (op.relationships.size() > 1) {
    for (std::size_t i = op.relationships.size(); i > 0; --i) {
      variants.add([&](Modify& v) {
        v.relationships.erase(v.relationships.begin() + static_cast<std::ptrdiff_t>(i - 1));
      });
    }
  }
  simpler_meanwhile(variants, op);
  variants.add([](Modify& v) { v.force.reset(); });
  variants.add([](Modify& v) { v.wait.reset(); });
  return variants.take();
}

std::vector<Command> simpler(const CreateVolume& op) {
  Variants<CreateVolume> variants(op);
  variants.add([](CreateVolume& v) { v.name.reset(); });
  if (op.blocks > kSmallVolume) variants.add([](CreateVolume& v) { v.blocks = kSmallVolume; });
  return variants.take();
}

std::vector<Command> simpler(const MakeGroup& op) {
  Variants<MakeGroup> variants(op);
  if (op.members.size() > 1) variants.add([](MakeGroup& v) { v.members.pop_back(); });
  variants.add([](MakeGroup& v) { v.name.reset(); });
  variants.add([](MakeGroup& v) { v.persistent.reset(); });
  variants.add([](MakeGroup& v) { v.delete_on_empty_element.reset(); });
  variants.add([](MakeGroup& v) { v.delete_on_unassociated.reset(); });
  return variants.take();
}

template <class Ranged>
std::vector<Command> simpler_range(const Ranged& op) {
  Variants<Ranged> variants(op);
  variants.add([](Ranged& v) { v.first = 0; });
  variants.add([](Ranged& v) { v.blocks = 1; });
  // Only the last block of it.
  variants.add([](Ranged& v) {
    v.first += v.blocks - 1;
    v.blocks = 1;
  });
  variants.add([](Ranged& v) { v.blocks = (v.blocks + 1) / 2; });
  return variants.take();
}

struct Simpler {
  std::vector<Command> operator()(const Replicate& op) const { return simpler(op); }
  std::vector<Command> operator()(const Modify& op) const { return simpler(op); }
  std::vector<Command> operator()(const CreateVolume& op) const { return simpler(op); }
  std::vector<Command> operator()(const MakeGroup& op) const { return simpler(op); }
  std::vector<Command> operator()(const WriteBlocks& op) const { return simpler_range(op); }
  std::vector<Command> operator()(const UnmapBlocks& op) const { return simpler_range(op); }
  template <class Other>
  std::vector<Command> operator()(const Other&) const {
    return {};
  }
};

}  // namespace

std::vector<Command> simpler_commands(const Command& command) {
  return std::visit(Simpler{}, command);
}

}  // namespace lockstep::properties
