// How the changed ranges of an image get onto a staging volume.
#pragma once

#include "target_impl/copy/copy_engine.hpp"
#include "target_impl/replication/devices.hpp"
#include "target_impl/replication/mailbox.hpp"
#include "target_impl/replication/ranges.hpp"
#include "target_impl/store/volume.hpp"

#include <cstdint>
#include <memory>

namespace lockstep::replication {

// One image on its way. Destroying it abandons the rest; nothing is posted for it afterwards that
// anybody still waits for.
class Shipment {
 public:
  virtual ~Shipment() = default;
  virtual void pause() = 0;
  virtual void resume() = 0;
  [[nodiscard]] virtual std::uint16_t percent() const = 0;
};

struct ShipmentOrder {
  Id number = 0;  // posted back as the event's subject, with ShipmentDone or ShipmentFailed
  store::Image image;
  std::shared_ptr<store::Volume> staging;
  Ranges ranges;  // all that may differ between the two
};

class Mover {
 public:
  virtual ~Mover() = default;
  [[nodiscard]] virtual std::unique_ptr<Shipment> ship(const ShipmentOrder& order) = 0;
};

// The staging volume takes the image's map root: constant time.
[[nodiscard]] std::unique_ptr<Mover> make_sharing_mover(Mailbox& mailbox);
// Pipelined READ and WRITE over iSCSI. Ranges that the image does not map are unmapped directly.
[[nodiscard]] std::unique_ptr<Mover> make_initiator_mover(Mailbox& mailbox, Devices& devices,
                                                          copy::CopyEngine& engine);

// Writes `ranges` of `image` onto `volume` here and now. False: the pool is full.
[[nodiscard]] bool apply_directly(const store::Image& image, const Ranges& ranges,
                                  store::Volume& volume);

}  // namespace lockstep::replication
