#include "statemachine/machine.hpp"

#include "statemachine/backend/concern.hpp"

#include <algorithm>
#include <array>
#include <cstddef>

namespace lockstep::machine {
namespace {

constexpr std::size_t kKinds = 6;

Definition definition_of(MachineKind kind) {
  switch (kind) {
    case MachineKind::MirrorSync:
    case MachineKind::MirrorAsync:
    case MachineKind::MirrorAdaptive:
      return mirror_definition(kind);
    case MachineKind::Snapshot:
      return snapshot_definition();
    case MachineKind::Clone:
      return clone_definition();
    case MachineKind::TokenizedClone:
      return tokenized_clone_definition();
  }
  return {};
}

bool has_place(const Definition& definition, Place place) {
  return !place || std::ranges::find(definition.places, *place) != definition.places.end();
}

std::vector<Row> collect(MachineKind kind) {
  const Definition definition = definition_of(kind);
  std::vector<TableRow> found;
  for (const Concern* concern : definition.concerns) concern->append_rows(found);
  std::vector<Row> rows;
  for (const TableRow& row : found) {
    if (!has_place(definition, row.from) || !has_place(definition, row.to)) continue;
    rows.push_back({row.id, kind, row.from, row.event, row.to, row.certainty});
  }
  return rows;
}

class ConcernMachine final : public Machine {
 public:
  explicit ConcernMachine(MachineKind kind) : kind_(kind), definition_(definition_of(kind)) {}

  [[nodiscard]] MachineKind kind() const noexcept override { return kind_; }
  [[nodiscard]] Place place() const override { return place_; }
  void put(Place place) override { place_ = place; }

  std::string_view fire(Event event, Place arrival) override {
    if (!has_place(definition_, place_) || !has_place(definition_, arrival)) return {};
    for (const Concern* concern : definition_.concerns) {
      const Fired fired = concern->fire(place_, event, arrival);
      if (fired.id.empty()) continue;
      place_ = fired.reached;
      return fired.id;
    }
    return {};
  }

 private:
  MachineKind kind_;
  Definition definition_;
  Place place_ = kNowhere;
};

}  // namespace

const std::vector<Row>& rows(MachineKind machine) {
  static const auto all = [] {
    std::array<std::vector<Row>, kKinds> collected;
    for (std::size_t kind = 0; kind < kKinds; ++kind) {
      collected[kind] = collect(static_cast<MachineKind>(kind));
    }
    return collected;
  }();
  return all[static_cast<std::size_t>(machine)];
}

bool has_flag(MachineKind machine, Place place, Flag flag) {
  const Definition definition = definition_of(machine);
  return place && has_place(definition, place) && definition.has_flag(*place, flag);
}

std::unique_ptr<Machine> make_machine(MachineKind kind) {
  return std::make_unique<ConcernMachine>(kind);
}

}  // namespace lockstep::machine
