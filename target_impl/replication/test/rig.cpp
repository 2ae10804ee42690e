#include "target_impl/replication/test/rig.hpp"

#include "model/vocab/names.hpp"

#include <thread>

namespace lockstep::replication::test {

Rig::Rig(CopyStrategy strategy) {
  options_.copy_strategy = strategy;
  start();
}

Rig::Rig(ReferenceOptions options) : options_(std::move(options)) { start(); }

void Rig::start() {
  auto made = make_reference(options_);
  if (made) provider_ = std::move(made).value();
  EXPECT_TRUE(provider_) << made.error().message;
}

Answer Rig::call(const Request& request) { return provider_->invoke(request).value(); }

Inventory Rig::look() { return provider_->inventory().value(); }

void Rig::inject(FaultKind kind, std::optional<RelationshipRef> relationship) {
  const auto status = provider_->fault_port()->inject({kind, std::move(relationship)});
  EXPECT_TRUE(status) << status.error().message;
}

ElementRef Rig::volume(std::uint64_t blocks) {
  CreateVolumeRequest request;
  request.blocks = BlockCount{blocks};
  const Answer answer = call(request);
  EXPECT_TRUE(answer.completed()) << code_text(answer);
  return answer.target_element.value_or(ElementRef{});
}

Answer Rig::replica(SyncType sync_type, const ElementRef& source, std::optional<Mode> mode,
                    std::optional<CopyState> wait) {
  CreateElementReplicaRequest request;
  request.sync_type = sync_type;
  request.mode = mode;
  request.source_element = source;
  request.wait_for_copy_state = wait;
  Answer answer = call(request);
  EXPECT_TRUE(answer.accepted()) << code_text(answer);
  return answer;
}

Answer Rig::modify(Operation operation, const RelationshipRef& relationship, bool force) {
  ModifyReplicaSynchronizationRequest request;
  request.operation = operation;
  request.synchronization = relationship;
  request.force = force;
  return call(request);
}

std::uint8_t Rig::write(const ElementRef& element, std::uint64_t lba, char fill,
                        std::uint64_t blocks) {
  const std::vector<std::byte> data(blocks * 512, static_cast<std::byte>(fill));
  const auto answer = provider_->data_path()->write(element, Lba{lba}, data);
  EXPECT_TRUE(answer) << answer.error().message;
  return answer ? answer.value().scsi_status : 0xFF;
}

std::string Rig::read(const ElementRef& element, std::uint64_t lba, std::uint64_t blocks) {
  std::string data(blocks * 512, '?');
  const auto answer = provider_->data_path()->read(
      element, Lba{lba}, std::as_writable_bytes(std::span(data.data(), data.size())));
  EXPECT_TRUE(answer) << answer.error().message;
  EXPECT_TRUE(answer && answer.value().good());
  return data;
}

::testing::AssertionResult Rig::eventually(const std::function<bool(const Inventory&)>& holds) {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  while (std::chrono::steady_clock::now() < deadline) {
    if (holds(look())) return ::testing::AssertionSuccess();
    // Who waits leaves the processor to what is waited for.
    std::this_thread::sleep_for(std::chrono::microseconds{200});
  }
  return ::testing::AssertionFailure() << "it did not come to hold within ten seconds";
}

::testing::AssertionResult Rig::job_ends(const Answer& answer, JobState end) {
  if (!answer.job) return ::testing::AssertionFailure() << "no job: " << code_text(answer);
  JobView last;
  const auto ended = eventually([&](const Inventory& inventory) {
    const JobView* job = inventory.find(*answer.job);
    if (job == nullptr) return false;
    last = *job;
    return job->finished();
  });
  if (!ended) return ended;
  if (last.state == end) return ::testing::AssertionSuccess();
  return ::testing::AssertionFailure()
         << "ended " << to_text(last.state) << ": " << last.error_text.value_or("");
}

std::optional<CopyState> Rig::state(const RelationshipRef& relationship) {
  const Inventory inventory = look();
  const RelationshipView* view = inventory.find(relationship);
  return view == nullptr ? std::nullopt : view->copy_state;
}

}  // namespace lockstep::replication::test
