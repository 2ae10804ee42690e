// What a provider said during one sequence, in the order in which the judge is told, so that the
// judge can be run on it again without the provider.
#pragma once

#include "model/core/judge.hpp"
#include "model/port/provider.hpp"

#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <variant>
#include <vector>

namespace lockstep::properties {

class JudgeTape {
 public:
  struct Called {
    Request request;
    Answer answer;
    model::Window window;
    model::SharedInventory after;
  };
  struct Looked {
    model::SharedInventory inventory;
    Instant at;
  };
  struct Written {
    ElementRef element;
    Lba first;
    BlockCount count;
    std::uint64_t sequence = 0;
    std::uint8_t scsi_status = 0;
    model::Window window;
    bool unmapped = false;
  };
  struct Read {
    ElementRef element;
    Lba first;
    BlockSize block_size;
    std::vector<std::byte> data;
    model::Window window;
  };
  using Entry = std::variant<Called, Looked, Written, Read>;

  void add(Entry entry) { entries_.push_back(std::move(entry)); }
  [[nodiscard]] const std::vector<Entry>& entries() const noexcept { return entries_; }

  // Tells a new judge everything, from the first look on, which it takes as given. True: it found
  // no violation.
  [[nodiscard]] bool judge(const std::shared_ptr<const Capabilities>& capabilities) const;
  // The same without what was read, whose cost is that of its bytes.
  [[nodiscard]] JudgeTape without_reads() const;
  [[nodiscard]] std::uint64_t bytes_read() const;

 private:
  std::vector<Entry> entries_;
};

// Passes every call on to a provider and notes it down. Faults are not offered. Borrows both; calls
// may come from several threads, as those of the fixture do.
class TapedProvider final : public Provider {
 public:
  // `sequence_numbers`: of the writes, as the fixture counts them.
  TapedProvider(Provider& provider, const std::uint64_t& sequence_numbers, JudgeTape& tape);
  ~TapedProvider() override;

  Result<ProviderIdentity> identity() override { return provider_.identity(); }
  Result<Capabilities> capabilities() override { return provider_.capabilities(); }
  Result<Answer> invoke(const Request& request) override;
  Result<Inventory> inventory() override;
  DataPath* data_path() noexcept override;
  FaultPort* fault_port() noexcept override { return nullptr; }

 private:
  class TapedData;
  void note(JudgeTape::Entry entry);

  Provider& provider_;
  JudgeTape& tape_;
  std::mutex mutex_;
  std::optional<JudgeTape::Called> called_;  // the look after it is still to come
  std::unique_ptr<TapedData> data_;
};

}  // namespace lockstep::properties
