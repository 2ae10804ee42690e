// The service's records as bytes, and back: what a durable catalogue keeps of each.
//
// A record begins with its kind; then its fields follow in order, numbers little-endian, texts and
// lists after their length. Whoever changes a field changes kCatalogueFormat: what an older or a
// newer service has written is refused by its number and never guessed at. Not kept, because it
// follows from the rest or means nothing to another process: references, volumes, images (the store
// keeps those by name), logical units, observers, and the moment at which a job ended.
#pragma once

#include "model/vocab/error.hpp"
#include "target_impl/replication/world.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace lockstep::replication {

inline constexpr std::uint32_t kCatalogueFormat = 2;
// Longer texts and lists are refused when they are read.
inline constexpr std::size_t kLongestText = 4096;
inline constexpr std::size_t kLongestList = 4096;

using RecordBytes = std::vector<std::byte>;

// Of the service as a whole.
struct ServiceRecord {
  Id ids_below = 0;  // no number from here on has been given out
  Troubles troubles;
};

// A copy under way. Shipping epochs are not kept: a mirror goes on with them by itself.
struct CopyRecord {
  Id id = 0;
  Purpose purpose = Purpose::Synchronize;
  std::vector<Id> pairs;
};

// Who claims logical units of a peer system. No password: those come with every start.
struct PeerRecord {
  std::string name;
  peer::Claimant claimant;
};

// Of ServiceRecord, CopyRecord, PeerRecord, ElementRecord, GroupRecord, PairRecord, GroupPairRecord
// and JobRecord.
template <class Record>
[[nodiscard]] RecordBytes encode(const Record& record);
// Any bytes: a record of that kind, whole and with nothing behind it, whose enumerations are known;
// or an error that says which field is wrong.
template <class Record>
[[nodiscard]] Result<Record> decode(std::span<const std::byte> bytes);

}  // namespace lockstep::replication
