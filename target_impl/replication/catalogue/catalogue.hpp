// What the service knows, in a durable store: every record under a key of its own, every volume and
// image under a name that follows from its record's number.
//
//   key     replication/format              "lockstep-replication 2"
//           replication/service             numbers given out, injected troubles
//           replication/KIND/NUMBER         element, group, pair, group pair, job, copy
//           replication/peer/NAME           who its claims on that peer system are made by
//   volume  element/NUMBER                  what hosts see
//           copy/COPY/PAIR                  what a copy is being written to
//   image   pair/NUMBER/source, /target     equal contents of both sides at some moment
//           pair/NUMBER/point               the point in time
//           pair/NUMBER/entered             the target when the state was entered, if it is another
//           copy/COPY/PAIR                  what is being copied
//
// save() compares the world with what was saved before, so nobody who changes the world has to say
// what has changed. Between two saves of one hold of commits (DurableStore::hold_commits) nothing
// is published: what one method or one event changed is on disk together with the content of all
// volumes at that moment, or it is not there at all.
#pragma once

#include "model/vocab/error.hpp"
#include "target_impl/replication/catalogue/record_bytes.hpp"
#include "target_impl/replication/world.hpp"
#include "target_impl/store/durable_store.hpp"

#include <map>
#include <memory>
#include <string>
#include <vector>

namespace lockstep::replication {

// What a catalogue held when it was opened, checked: every reference leads somewhere.
struct SavedWorld {
  ServiceRecord service;
  std::map<Id, ElementRecord> elements;  // with volumes, without logical units
  std::map<Id, GroupRecord> groups;
  std::map<Id, PairRecord> pairs;  // with images, without observers
  std::map<Id, GroupPairRecord> group_pairs;
  std::map<Id, JobRecord> jobs;
  std::map<Id, CopyRecord> copies;
  std::map<std::string, PeerRecord> peers;  // by name
};

// Not thread-safe; the service's mutex guards it.
class Catalogue {
 public:
  // `store` outlives the catalogue. `directory` is for messages. Refused with a reason
  // (Origin::Config): a store of something else, of another format version, a damaged one. A store
  // in which there is nothing becomes a catalogue with the first save.
  [[nodiscard]] static Result<std::unique_ptr<Catalogue>> open(store::DurableStore& store,
                                                               const std::string& directory,
                                                               SavedWorld& found);

  enum class Saved : std::uint8_t {
    Nothing,  // had changed
    Content,  // images and volumes only
    Records,
  };
  // Whatever of the world differs from what was saved goes to the store; commits are held.
  [[nodiscard]] Result<Saved> save(World& world);

 private:
  template <class Thing>
  using Named = std::map<std::string, Thing>;
  struct Contents {
    Named<RecordBytes> values;
    Named<store::Image> images;
    Named<std::shared_ptr<store::Volume>> volumes;
  };

  explicit Catalogue(store::DurableStore& store) : store_(store) {}
  [[nodiscard]] Contents contents_of(World& world);
  [[nodiscard]] Status put(const Contents& now);
  void take_away(const Contents& now);

  store::DurableStore& store_;
  Id ids_below_ = 0;
  Contents saved_;
};

}  // namespace lockstep::replication
