// What a judge was told during one sequence, word for word, so that a judge of today can be told
// it again without the provider.
#pragma once

#include "model/core/judge.hpp"
#include "model/vocab/error.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace lockstep::properties {

struct History {
  // One member function of model::Judge each, with what it was called with. No inventory is
  // missing.
  struct Adopted {
    model::SharedInventory inventory;
  };
  struct Answered {
    Request request;
    Answer answer;
    model::Window window;
    model::SharedInventory after;
  };
  struct Observed {
    model::SharedInventory inventory;
    Instant at;
  };
  struct Disturbed {
    model::Disturbance kind = model::Disturbance::Fault;
    std::optional<RelationshipRef> relationship;
    model::Window window;
  };
  struct Quiesced {
    Instant at;
  };
  struct Numbered {  // a volume got its number
    ElementRef element;
  };
  struct WriteIssued {
    ElementRef element;
    Lba first;
    BlockCount count;
    std::uint64_t sequence = 0;
    Instant at;
    bool unmap = false;
  };
  struct WriteAnswered {
    ElementRef element;
    std::uint64_t sequence = 0;
    std::uint8_t scsi_status = 0;
    Instant at;
    bool raced = false;  // with an operation: a refusal says nothing
  };
  struct Read {  // of one volume, or of several together, whole and from block 0
    std::vector<model::Judge::Image> images;
    BlockSize block_size;
    model::Window window;
    bool group = false;
  };
  using Entry = std::variant<Adopted, Answered, Observed, Disturbed, Quiesced, Numbered,
                             WriteIssued, WriteAnswered, Read>;

  std::shared_ptr<const Capabilities> capabilities = std::make_shared<const Capabilities>();
  std::vector<Entry> entries;
};

// What it says without what was read, whose judgement costs what its bytes cost.
[[nodiscard]] History without_reads(const History& history);
// The same in memory of its own, as if all of it had been received just now.
[[nodiscard]] History received_anew(const History& history);
[[nodiscard]] std::uint64_t bytes_read(const History& history);
// Entries that a verdict can follow: answers, looks, writes and reads.
[[nodiscard]] std::uint64_t judgements(const History& history);

// What a judge finds that is told a history.
struct Judgement {
  std::size_t told = 0;                     // entries, that of the violation included
  std::optional<model::Finding> violation;  // the first; nothing is told after it
};
[[nodiscard]] Judgement judge(const History& history);

}  // namespace lockstep::properties
