// What a link carries: commands on the logical units of a peer.
#pragma once

#include "target_impl/initiator/initiator.hpp"
#include "target_impl/peer/change_record.hpp"
#include "target_impl/store/volume.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <vector>

namespace lockstep::peer {

using Bytes = std::shared_ptr<const std::vector<std::byte>>;

// Of the changes of one mirror: told of all that have ended together.
class ChangeEnds {
 public:
  struct End {
    std::uint64_t number = 0;  // which one
    store::BlockRange range;
    initiator::Completion completion;
  };
  virtual ~ChangeEnds() = default;
  // On the link's thread or that of its loop; neither blocks nor throws.
  virtual void ended(std::span<const End> ends) = 0;
};

struct Operation {
  std::uint16_t lun = 0;
  store::BlockRange range;  // the blocks that it changes; no blocks: none
  // Where that is noted before it goes out; null: nowhere. Cancelled if it cannot be.
  std::shared_ptr<ChangeRecord> record;
  // What the blocks become, with FUA if `fua`; null: `send` says what goes out.
  Bytes bytes;
  bool fua = false;
  // Queues the command; whatever the command refers to must live until `done` has been called.
  std::function<void(initiator::Session&, initiator::Done)> send;
  // Called exactly once, on the link's thread or that of its loop; neither blocks nor throws. Not
  // if there are `ends`, which is told instead.
  initiator::Done done;
  std::shared_ptr<ChangeEnds> ends;
  std::uint64_t number = 0;
};

// Where bulk operations come from, one at a time and only as fast as the link wants them. Called on
// the link's thread.
class BulkSource {
 public:
  virtual ~BulkSource() = default;
  enum class More : std::uint8_t { No, NotNow };
  // Nothing: `more` says whether it is worth asking again after Link::wake().
  [[nodiscard]] virtual std::optional<Operation> next(More& more) = 0;
  // What it gave is of no use any more, if it has not been sent.
  [[nodiscard]] virtual bool is_abandoned() const = 0;
  // The connection was lost: next() is not called again.
  virtual void cut_off() = 0;
};

[[nodiscard]] inline bool is_good(const initiator::Completion& ended) noexcept {
  return ended.outcome == initiator::Outcome::Answered && ended.answer.good();
}
// The command may or may not have reached the peer: the connection was lost meanwhile.
[[nodiscard]] inline bool was_cut_off(const initiator::Completion& ended) noexcept {
  return ended.outcome != initiator::Outcome::Answered;
}

}  // namespace lockstep::peer
