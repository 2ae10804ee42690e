#include "bench/service_client.hpp"

#include "bench/environment.hpp"
#include "model/port/lun_urls.hpp"

#include <algorithm>
#include <chrono>
#include <string>
#include <thread>
#include <utility>

namespace lockstep::bench {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t kPieceBytes = 1 << 20;
constexpr std::chrono::seconds kPatience{60};
constexpr std::chrono::microseconds kLookAgain{100};

void fill_piece(std::span<std::byte> piece, std::uint64_t at) {
  for (std::size_t offset = 0; offset < piece.size(); offset += kBlockSize.bytes) {
    fill_block(piece.subspan(offset, kBlockSize.bytes), Lba{(at + offset) / kBlockSize.bytes});
  }
}

}  // namespace

Result<Answer> Client::call(const Request& request) {
  LOCKSTEP_TRY(auto answer, provider_.invoke(request));
  if (!answer.accepted()) return provider_error("the service answered " + code_text(answer));
  return answer;
}

Result<ElementRef> Client::thin_volume(std::uint64_t bytes) {
  CreateVolumeRequest request;
  request.blocks = BlockCount{bytes / kBlockSize.bytes};
  LOCKSTEP_TRY(const auto made, call(request));
  if (!made.target_element) return provider_error("the service made a volume without a name");
  return *made.target_element;
}

Result<ElementRef> Client::filled_volume(std::uint64_t bytes) {
  LOCKSTEP_TRY(auto volume, thin_volume(bytes));
  std::vector<std::byte> piece(kPieceBytes);
  for (std::uint64_t at = 0; at < bytes; at += piece.size()) {
    fill_piece(piece, at);
    LOCKSTEP_TRY(write(volume, at, piece));
  }
  return volume;
}

Result<load::Address> Client::address_of(const ElementRef& element) const {
  LOCKSTEP_TRY(const auto url, lun_url_of(*provider_.data_path(), element));
  return address_at(url);
}

Status Client::eventually(const std::function<Result<bool>(const Inventory&)>& holds,
                          const char* what) {
  const auto until = Clock::now() + kPatience;
  while (true) {
    LOCKSTEP_TRY(const auto seen, provider_.inventory());
    LOCKSTEP_TRY(const bool done, holds(seen));
    if (done) return ok();
    if (Clock::now() > until) return provider_error(std::string(what) + " within a minute");
    std::this_thread::sleep_for(kLookAgain);
  }
}

Status Client::job_ends(const Answer& answer) {
  if (!answer.started_job() || !answer.job) return ok();
  return eventually(
      [&](const Inventory& seen) -> Result<bool> {
        const JobView* job = seen.find(*answer.job);
        if (job == nullptr || job->state == JobState::Completed) return true;
        if (job->finished()) return provider_error("the job failed");
        return false;
      },
      "expected the job to end");
}

Status Client::becomes(const RelationshipRef& relationship, CopyState state) {
  return eventually(
      [&](const Inventory& seen) -> Result<bool> {
        const RelationshipView* view = seen.find(relationship);
        return view != nullptr && view->copy_state == state;
      },
      "expected the relationship to change its state");
}

Result<Answer> Client::replicate(SyncType sync_type, const ElementRef& source,
                                 std::optional<Mode> mode) {
  CreateElementReplicaRequest request;
  request.sync_type = sync_type;
  request.mode = mode;
  request.source_element = source;
  LOCKSTEP_TRY(auto answer, call(request));
  LOCKSTEP_TRY(job_ends(answer));
  if (!answer.target_element || !answer.synchronization) {
    return provider_error("the service made no replica");
  }
  return answer;
}

Result<Answer> Client::modify(Operation operation, const RelationshipRef& relationship) {
  ModifyReplicaSynchronizationRequest request;
  request.operation = operation;
  request.synchronization = relationship;
  LOCKSTEP_TRY(auto answer, call(request));
  LOCKSTEP_TRY(job_ends(answer));
  return answer;
}

Status Client::remove(const Answer& replica, Operation how) {
  LOCKSTEP_TRY(modify(how, *replica.synchronization));
  if (how != Operation::ReturnToResourcePool) {
    LOCKSTEP_TRY(call(ReturnToStoragePoolRequest{*replica.target_element}));
  }
  return ok();
}

Status Client::verify(const ElementRef& replica, std::uint64_t bytes) {
  std::vector<std::byte> held(kPieceBytes);
  std::vector<std::byte> expected(kPieceBytes);
  for (std::uint64_t at = 0; at < bytes; at += held.size()) {
    LOCKSTEP_TRY(const auto answer,
                 provider_.data_path()->read(replica, Lba{at / kBlockSize.bytes}, held));
    fill_piece(expected, at);
    if (!answer.good() || held != expected) {
      return provider_error("the replica differs from its source in the MiB at byte " +
                            std::to_string(at));
    }
  }
  return ok();
}

Status Client::expect_equal(const ElementRef& left, const ElementRef& right, std::uint64_t bytes) {
  std::vector<std::byte> one(kPieceBytes);
  std::vector<std::byte> other(kPieceBytes);
  for (std::uint64_t at = 0; at < bytes; at += one.size()) {
    const Lba first{at / kBlockSize.bytes};
    LOCKSTEP_TRY(const auto from_left, provider_.data_path()->read(left, first, one));
    LOCKSTEP_TRY(const auto from_right, provider_.data_path()->read(right, first, other));
    if (!from_left.good() || !from_right.good() || one != other) {
      return provider_error("source and target differ in the MiB at byte " + std::to_string(at));
    }
  }
  return ok();
}

Status Client::write(const ElementRef& element, std::uint64_t offset,
                     std::span<const std::byte> data) {
  LOCKSTEP_TRY(const auto written,
               provider_.data_path()->write(element, Lba{offset / kBlockSize.bytes}, data));
  if (!written.good()) return provider_error("the volume refused a write");
  return ok();
}

}  // namespace lockstep::bench
