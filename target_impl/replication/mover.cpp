#include "target_impl/replication/mover.hpp"

#include <algorithm>
#include <utility>
#include <vector>

namespace lockstep::replication {
namespace {

using store::WriteResult;

class FinishedShipment final : public Shipment {
 public:
  void pause() override {}
  void resume() override {}
  [[nodiscard]] std::uint16_t percent() const override { return 100; }
};

class SharingMover final : public Mover {
 public:
  explicit SharingMover(Mailbox& mailbox) : mailbox_(mailbox) {}
  std::unique_ptr<Shipment> ship(const ShipmentOrder& order) override {
    const bool done = order.staging->assign(order.image) == WriteResult::Done;
    mailbox_.post({done ? Event::Kind::ShipmentDone : Event::Kind::ShipmentFailed, order.number,
                   done ? "" : "the target's pool is full"});
    return std::make_unique<FinishedShipment>();
  }

 private:
  Mailbox& mailbox_;
};

class EngineShipment final : public Shipment {
 public:
  EngineShipment(copy::CopyEngine& engine, copy::CopyId id) : engine_(engine), id_(id) {}
  ~EngineShipment() override { engine_.abort(id_); }
  EngineShipment(const EngineShipment&) = delete;
  EngineShipment& operator=(const EngineShipment&) = delete;
  void pause() override { engine_.pause(id_); }
  void resume() override { engine_.resume(id_); }
  [[nodiscard]] std::uint16_t percent() const override { return engine_.percent(id_); }

 private:
  copy::CopyEngine& engine_;
  const copy::CopyId id_;
};

bool unmap_all(const Ranges& ranges, store::Volume& volume) {
  return std::all_of(ranges.begin(), ranges.end(), [&](const store::BlockRange& range) {
    return volume.unmap(range.first, range.count) == WriteResult::Done;
  });
}

// Small ranges make small requests, of which more are needed for as many bytes under way.
std::uint32_t requests_for(const Ranges& ranges, const copy::CopyRequest& request) {
  constexpr std::uint64_t kMost = 32;
  const std::uint64_t bytes_each =
      bytes_of(blocks_in(ranges), request.block_size).value / ranges.size();
  const std::uint64_t wanted =
      request.requests_in_flight * request.transfer_bytes / std::max<std::uint64_t>(bytes_each, 1);
  return static_cast<std::uint32_t>(
      std::clamp<std::uint64_t>(wanted, request.requests_in_flight, kMost));
}

class InitiatorMover final : public Mover {
 public:
  InitiatorMover(Mailbox& mailbox, Devices& devices, copy::CopyEngine& engine)
      : mailbox_(mailbox), devices_(devices), engine_(engine) {}

  std::unique_ptr<Shipment> ship(const ShipmentOrder& order) override {
    const Ranges mapped = order.image.mapped();
    const Ranges copied = intersected(order.ranges, mapped);
    if (!unmap_all(subtracted(order.ranges, mapped), *order.staging)) {
      return over(order.number, "the target's pool is full");
    }
    if (copied.empty()) return over(order.number, {});

    auto original = std::make_shared<store::Volume>(order.image.blocks(), order.image.block_size(),
                                                    order.staging->pool());
    if (original->assign(order.image) != WriteResult::Done) {
      return over(order.number, "the source's image could not be opened");
    }
    const auto source = devices_.expose(std::move(original), scsi::HostAccess::ReadOnly);
    const auto target = devices_.expose(order.staging, scsi::HostAccess::ReadWrite);
    if (!source || !target) return over(order.number, "too many copies run at once");
    return std::make_unique<EngineShipment>(engine_, submit(order, copied, source, target));
  }

 private:
  std::unique_ptr<Shipment> over(Id number, const std::string& trouble) {
    mailbox_.post({trouble.empty() ? Event::Kind::ShipmentDone : Event::Kind::ShipmentFailed,
                   number, trouble});
    return std::make_unique<FinishedShipment>();
  }

  copy::CopyId submit(const ShipmentOrder& order, const Ranges& ranges,
                      const std::shared_ptr<CopyEndpoint>& source,
                      const std::shared_ptr<CopyEndpoint>& target) {
    copy::CopyRequest request;
    request.source = source->endpoint();
    request.target = target->endpoint();
    request.block_size = order.image.block_size();
    for (const auto& range : ranges) request.ranges.push_back({range.first, range.count});
    request.requests_in_flight = requests_for(ranges, request);
    request.finished = [&mailbox = mailbox_, number = order.number, source, target](
                           copy::CopyResult result, const std::optional<Error>& error) {
      if (result == copy::CopyResult::Done) {
        mailbox.post({Event::Kind::ShipmentDone, number, {}});
      } else {
        mailbox.post(
            {Event::Kind::ShipmentFailed, number, error ? error->message : "the copy was aborted"});
      }
    };
    return engine_.submit(std::move(request));
  }

  Mailbox& mailbox_;
  Devices& devices_;
  copy::CopyEngine& engine_;
};

}  // namespace

std::unique_ptr<Mover> make_sharing_mover(Mailbox& mailbox) {
  return std::make_unique<SharingMover>(mailbox);
}

std::unique_ptr<Mover> make_initiator_mover(Mailbox& mailbox, Devices& devices,
                                            copy::CopyEngine& engine) {
  return std::make_unique<InitiatorMover>(mailbox, devices, engine);
}

bool apply_directly(const store::Image& image, const Ranges& ranges, store::Volume& volume) {
  constexpr std::uint64_t kStepBytes = 1024 * 1024;
  const std::uint64_t step = kStepBytes / image.block_size().bytes;
  const Ranges mapped = image.mapped();
  if (!unmap_all(subtracted(ranges, mapped), volume)) return false;
  std::vector<std::byte> buffer;
  for (const auto& range : intersected(ranges, mapped)) {
    for (std::uint64_t done = 0; done < range.count.value; done += step) {
      const Lba first{range.first.value + done};
      const BlockCount count{std::min(step, range.count.value - done)};
      buffer.resize(bytes_of(count, image.block_size()).value);
      if (!image.read(first, buffer)) return false;
      if (volume.write(first, buffer) != WriteResult::Done) return false;
    }
  }
  return true;
}

}  // namespace lockstep::replication
