// Requests to a replication service for benchmarks: whatever is not an acceptance is an Error.
// Internal.
#pragma once

#include "bench/load/wire.hpp"
#include "model/port/provider.hpp"
#include "model/vocab/error.hpp"
#include "target_impl/reference.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

namespace lockstep::bench {

class Client {
 public:
  // `provider` outlives this and has a data path, of which the volumes are LUNs.
  explicit Client(Provider& provider) : provider_(provider) {}

  [[nodiscard]] Result<Answer> call(const Request& request);
  // Nothing is written yet.
  [[nodiscard]] Result<ElementRef> thin_volume(std::uint64_t bytes);
  // Every block tells its own address.
  [[nodiscard]] Result<ElementRef> filled_volume(std::uint64_t bytes);
  [[nodiscard]] Result<load::Address> address_of(const ElementRef& element) const;

  // Returns once the job of the answer, if any, has ended well.
  [[nodiscard]] Status job_ends(const Answer& answer);
  [[nodiscard]] Status becomes(const RelationshipRef& relationship, CopyState state);
  // Returns once the copy is done.
  [[nodiscard]] Result<Answer> replicate(SyncType sync_type, const ElementRef& source,
                                         std::optional<Mode> mode = std::nullopt);
  [[nodiscard]] Result<Answer> modify(Operation operation, const RelationshipRef& relationship);
  // Target and relationship are gone afterwards.
  [[nodiscard]] Status remove(const Answer& replica, Operation how);
  // That it holds what filled_volume() wrote.
  [[nodiscard]] Status verify(const ElementRef& replica, std::uint64_t bytes);
  [[nodiscard]] Status expect_equal(const ElementRef& left, const ElementRef& right,
                                    std::uint64_t bytes);
  // `data` of whole blocks; the answer must be good.
  [[nodiscard]] Status write(const ElementRef& element, std::uint64_t offset,
                             std::span<const std::byte> data);

 private:
  [[nodiscard]] Status eventually(const std::function<Result<bool>(const Inventory&)>& holds,
                                  const char* what);

  Provider& provider_;
};

}  // namespace lockstep::bench
