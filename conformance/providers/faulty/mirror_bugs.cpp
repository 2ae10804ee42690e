// Bugs in the bytes of mirrors and of plain volumes.
#include "conformance/providers/faulty/bug.hpp"

#include <algorithm>

namespace lockstep::conformance {
namespace {

// Keeps, for mirror targets, the old content of blocks whose new content a bug loses.
class LosesMirrorWrites : public Bug {
 public:
  Result<DataAnswer> write(Provider& inner, const ElementRef& element, Lba first,
                           std::span<const std::byte> data) override {
    for (const Pair& pair : pairs_of(inner)) {
      if (pair.source != element || pair.sync_type != SyncType::Mirror || !loses(pair)) continue;
      std::vector<std::byte> old(data.size());
      LOCKSTEP_TRY(const auto answer, inner.data_path()->read(pair.target, first, old));
      const std::lock_guard lock(mutex_);
      if (answer.good()) lost_.put(pair.target, first, old);
    }
    return inner.data_path()->write(element, first, data);
  }
  Result<DataAnswer> read(Provider& inner, const ElementRef& element, Lba first,
                          std::span<std::byte> out) override {
    LOCKSTEP_TRY(auto answer, inner.data_path()->read(element, first, out));
    const std::lock_guard lock(mutex_);
    lost_.apply(element, first, out);
    return answer;
  }

 protected:
  [[nodiscard]] virtual bool loses(const Pair& pair) = 0;

 private:
  Overlay lost_;
};

class LosesWritesWhileCopying : public LosesMirrorWrites {
  bool loses(const Pair& pair) override { return pair.copy_state == CopyState::Unsynchronized; }
};

class LosesEveryThirdWrite : public LosesMirrorWrites {
  bool loses(const Pair& pair) override {
    const std::lock_guard lock(mutex_);
    return pair.copy_state == CopyState::Synchronized && ++seen_ % 3 == 0;
  }
  unsigned seen_ = 0;
};

// The second half of the last block of a longer write keeps what was there.
class TornWrite : public Bug {
  Result<DataAnswer> write(Provider& inner, const ElementRef& element, Lba first,
                           std::span<const std::byte> data) override {
    if (data.size() < 2 * kBlockBytes) return inner.data_path()->write(element, first, data);
    const Lba last{first.value + data.size() / kBlockBytes - 1};
    std::vector<std::byte> old(kBlockBytes);
    LOCKSTEP_TRY(inner.data_path()->read(element, last, old));
    std::vector<std::byte> torn(data.begin(), data.end());
    std::copy_n(old.begin() + kBlockBytes / 2, kBlockBytes / 2, torn.end() - kBlockBytes / 2);
    return inner.data_path()->write(element, first, torn);
  }
};

class WriteLost : public Bug {
  Result<DataAnswer> write(Provider& inner, const ElementRef& element, Lba first,
                           std::span<const std::byte> data) override {
    {
      const std::lock_guard lock(mutex_);
      if (++seen_ % 5 == 0) return DataAnswer{};
    }
    return inner.data_path()->write(element, first, data);
  }
  unsigned seen_ = 0;
};

// The first block of a source is zeroed when a replica of it is made.
class SourceChangedByCopy : public Bug {
  Result<Answer> invoke(Provider& inner, const Request& request) override {
    LOCKSTEP_TRY(auto answer, inner.invoke(request));
    if (!is_replica_creation(request) || !answer.accepted()) return answer;
    const std::vector<std::byte> zeros(kBlockBytes);
    const auto pairs = pairs_of(inner);
    const std::lock_guard lock(mutex_);
    for (const Pair& pair : pairs) {
      if (made_.insert(pair.relationship).second) zeroed_.put(pair.source, Lba{0}, zeros);
    }
    return answer;
  }
  Result<DataAnswer> read(Provider& inner, const ElementRef& element, Lba first,
                          std::span<std::byte> out) override {
    LOCKSTEP_TRY(auto answer, inner.data_path()->read(element, first, out));
    const std::lock_guard lock(mutex_);
    zeroed_.apply(element, first, out);
    return answer;
  }
  Result<DataAnswer> write(Provider& inner, const ElementRef& element, Lba first,
                           std::span<const std::byte> data) override {
    {
      const std::lock_guard lock(mutex_);
      zeroed_.forget(element, first, data.size() / kBlockBytes);
    }
    return inner.data_path()->write(element, first, data);
  }
  std::set<RelationshipRef> made_;
  Overlay zeroed_;
};

}  // namespace

std::vector<BugEntry> mirror_bugs() {
  return {
      {{"mirror-loses-write-while-copying",
        "a write to the source during the first copy never reaches the target",
        {"DS-MS-01", "DS-MA-01", "DS-MS-02", "DS-MA-02", "DS-MS-06", "DS-MS-10", "DS-MS-11",
         "DS-MS-13", "DS-MS-14", "CER-40"}},
       make_bug<LosesWritesWhileCopying>},
      {{"mirror-loses-third-write",
        "every third write to a synchronized mirror's source stays off the target",
        {"DS-MS-01", "DS-MS-02", "DS-MA-01", "DS-MA-02"}},
       make_bug<LosesEveryThirdWrite>},
      {{"torn-write",
        "the last block of a longer write is only half written",
        {"DS-MS-18", "DS-IO-01", "DS-SN-01", "DS-CL-01", "DS-MS-01", "DS-MA-01", "DS-TK-01",
         "CER-43"}},
       make_bug<TornWrite>},
      {{"write-lost",
        "every fifth write is acknowledged and forgotten",
        {"DS-MS-18", "DS-IO-01", "DS-SN-01", "DS-CL-01", "DS-MS-01", "DS-MA-01", "CER-43"}},
       make_bug<WriteLost>},
      {{"source-changed-by-copy",
        "making a replica zeroes the first block of the source",
        {"DS-MS-18", "CER-43", "DS-IO-01"}},
       make_bug<SourceChangedByCopy>},
  };
}

}  // namespace lockstep::conformance
