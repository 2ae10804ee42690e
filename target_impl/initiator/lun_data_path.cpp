#include "target_impl/initiator/lun_data_path.hpp"

#include "model/port/lun_urls.hpp"
#include "target_impl/initiator/session_pool.hpp"

#include <algorithm>
#include <array>
#include <unordered_map>

namespace lockstep::initiator {
namespace {

constexpr std::size_t kPieceBytes = 1024 * 1024;  // longer transfers are cut
constexpr std::size_t kPiecesInFlight = 16;

class LunDataPath final : public DataPath, public LunUrls {
 public:
  LunDataPath(std::string portal, std::string target_name, LunOf lun_of, SessionOptions options,
              std::size_t max_sessions)
      : lun_of_(std::move(lun_of)),
        sessions_(std::move(portal), std::move(target_name), std::move(options), max_sessions) {}

  Result<VolumeGeometry> geometry(const ElementRef& element) override {
    LOCKSTEP_TRY(const auto lun, lun_of(element));
    LOCKSTEP_TRY(auto session, sessions_.borrow());
    return geometry(*session, element, lun);
  }

  Result<DataAnswer> read(const ElementRef& element, Lba first, std::span<std::byte> out) override {
    LOCKSTEP_TRY(const auto lun, lun_of(element));
    // Reading twice does no harm, so that a connection lost meanwhile is no reason to give up.
    for (bool again : {true, false}) {
      LOCKSTEP_TRY(auto session, sessions_.borrow());
      auto answer = read(*session, element, lun, first, out);
      if (answer || !again || session->connected()) return answer;
    }
    return internal_error("a read ended without an answer");
  }

  Result<DataAnswer> write(const ElementRef& element, Lba first,
                           std::span<const std::byte> data) override {
    LOCKSTEP_TRY(const auto lun, lun_of(element));
    LOCKSTEP_TRY(auto session, sessions_.borrow());
    LOCKSTEP_TRY(const auto block_size, block_size(*session, element, lun, data.size()));
    return transfer(*session, lun, block_size, data.size(),
                    [&](std::size_t offset, std::size_t bytes, Done done) {
                      session->write(lun, first + BlockCount{offset / block_size.bytes}, block_size,
                                     data.subspan(offset, bytes), std::move(done));
                      return std::size_t{0};
                    });
  }

  Result<DataAnswer> unmap(const ElementRef& element, Lba first, BlockCount count) override {
    if (count.value == 0) return usage_error("unmap of " + element.path + ": no blocks");
    return simple(element, [&](Session& session, std::uint16_t lun, Done done) {
      session.unmap(lun, first, count, std::move(done));
    });
  }

  Result<DataAnswer> flush(const ElementRef& element) override {
    return simple(element, [](Session& session, std::uint16_t lun, Done done) {
      session.synchronize_cache(lun, std::move(done));
    });
  }

  Result<std::string> url_of(const ElementRef& element) override {
    LOCKSTEP_TRY(const auto lun, lun_of(element));
    return sessions_.url_of_lun(lun);
  }

 private:
  struct Known {
    std::uint16_t lun = 0;
    BlockSize block_size;
  };

  Result<std::uint16_t> lun_of(const ElementRef& element) const {
    const auto lun = lun_of_(element);
    if (lun) return *lun;
    return config_error("element " + element.path + ": expected a LUN on target " +
                        sessions_.target_name() + " at " + sessions_.portal() +
                        ", it is mapped to none");
  }

  Result<VolumeGeometry> geometry(Session& session, const ElementRef& element, std::uint16_t lun) {
    LOCKSTEP_TRY(const auto found, session.capacity(lun));
    const std::lock_guard lock(mutex_);
    known_[element] = Known{lun, found.block_size};
    return found;
  }

  // Of the element, asked once; `bytes` must be a whole number of its blocks, at least one.
  Result<BlockSize> block_size(Session& session, const ElementRef& element, std::uint16_t lun,
                               std::size_t bytes) {
    std::optional<BlockSize> size;
    {
      const std::lock_guard lock(mutex_);
      const auto found = known_.find(element);
      if (found != known_.end() && found->second.lun == lun) size = found->second.block_size;
    }
    if (!size) {
      LOCKSTEP_TRY(const auto found, geometry(session, element, lun));
      size = found.block_size;
    }
    if (bytes == 0 || bytes % size->bytes != 0) {
      return usage_error("transfer to or from " + element.path + ": expected whole blocks of " +
                         std::to_string(size->bytes) + " bytes, found " + std::to_string(bytes) +
                         " bytes");
    }
    return *size;
  }

  Result<DataAnswer> read(Session& session, const ElementRef& element, std::uint16_t lun, Lba first,
                          std::span<std::byte> out) {
    LOCKSTEP_TRY(const auto size, block_size(session, element, lun, out.size()));
    return transfer(session, lun, size, out.size(),
                    [&](std::size_t offset, std::size_t bytes, Done done) {
                      session.read(lun, first + BlockCount{offset / size.bytes}, size,
                                   out.subspan(offset, bytes), std::move(done));
                      return bytes;
                    });
  }

  // `start(offset, bytes, done)` submits one piece and says how much data-in it expects. The first
  // refusal, in order of address, is the answer.
  template <class Start>
  Result<DataAnswer> transfer(Session& session, std::uint16_t lun, BlockSize block_size,
                              std::size_t bytes, Start start) {
    const std::size_t piece =
        std::max<std::size_t>(kPieceBytes / block_size.bytes * block_size.bytes, block_size.bytes);
    for (std::size_t offset = 0; offset < bytes;) {
      std::array<Completion, kPiecesInFlight> done;
      std::array<std::size_t, kPiecesInFlight> expected{};
      std::size_t count = 0;
      for (; offset < bytes && count < kPiecesInFlight; ++count) {
        const std::size_t length = std::min(piece, bytes - offset);
        Completion& into = done[count];
        expected[count] = start(offset, length, [&into](const Completion& c) { into = c; });
        offset += length;
      }
      LOCKSTEP_TRY(session.run_until_idle());
      for (std::size_t i = 0; i < count; ++i) {
        LOCKSTEP_TRY(const auto answer, judge(done[i], lun, expected[i]));
        if (!answer.good()) return answer;
      }
    }
    return DataAnswer{};
  }

  Result<DataAnswer> judge(const Completion& completion, std::uint16_t lun,
                           std::size_t bytes_expected) {
    const std::string where = "target " + sessions_.target_name() + " LUN " + std::to_string(lun);
    if (completion.outcome != Outcome::Answered) {
      return internal_error(where + ": a command ended without an answer");
    }
    const bool short_of_data = completion.answer.good() && completion.bytes_in < bytes_expected;
    if (completion.overflow || short_of_data) {
      forget(lun);
      return target_error(where + ": expected " + std::to_string(bytes_expected) +
                          " bytes of data-in, found " +
                          (completion.overflow ? "more" : std::to_string(completion.bytes_in)) +
                          "; the block size may have changed");
    }
    return completion.answer;
  }

  // The next transfer asks for the block size again.
  void forget(std::uint16_t lun) {
    const std::lock_guard lock(mutex_);
    std::erase_if(known_, [lun](const auto& entry) { return entry.second.lun == lun; });
  }

  template <class Start>
  Result<DataAnswer> simple(const ElementRef& element, Start start) {
    LOCKSTEP_TRY(const auto lun, lun_of(element));
    LOCKSTEP_TRY(auto session, sessions_.borrow());
    Completion done;
    start(*session, lun, [&done](const Completion& c) { done = c; });
    LOCKSTEP_TRY(session->run_until_idle());
    return judge(done, lun, 0);
  }

  const LunOf lun_of_;
  SessionPool sessions_;
  std::mutex mutex_;
  std::unordered_map<ElementRef, Known> known_;
};

}  // namespace

std::unique_ptr<DataPath> make_lun_data_path(std::string portal, std::string target_name,
                                             LunOf lun_of, SessionOptions options,
                                             std::size_t max_sessions) {
  return std::make_unique<LunDataPath>(std::move(portal), std::move(target_name), std::move(lun_of),
                                       std::move(options), max_sessions);
}

}  // namespace lockstep::initiator
