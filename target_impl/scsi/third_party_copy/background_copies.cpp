#include "target_impl/scsi/third_party_copy/background_copies.hpp"

#include <algorithm>
#include <utility>

namespace lockstep::scsi {

BackgroundCopies::~BackgroundCopies() {
  terminate_unit({});
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  if (thread_.joinable()) {
    thread_.join();
  }
}

bool BackgroundCopies::add(std::unique_ptr<TokenWrite>& copy) {
  {
    const std::lock_guard lock(mutex_);
    if (queue_.size() + (stepping_ != nullptr ? 1 : 0) >= most_) {
      return false;
    }
    queue_.push_back(std::move(copy));
    if (!thread_.joinable()) {
      thread_ = std::thread([this] { run(); });
    }
  }
  changed_.notify_all();
  return true;
}

bool BackgroundCopies::terminate_if(const Chosen& chosen) {
  std::unique_lock lock(mutex_);
  bool any = false;
  for (auto& copy : queue_) {
    if (chosen(*copy)) {
      copy->terminate();
      copy.reset();
      any = true;
    }
  }
  std::erase(queue_, nullptr);
  if (stepping_ != nullptr && chosen(*stepping_)) {
    const TokenWrite* const copy = stepping_;
    terminate_stepping_ = true;
    changed_.wait(lock, [&] { return stepping_ != copy || !terminate_stepping_; });
    any = true;
  }
  return any;
}

bool BackgroundCopies::terminate(const CopyRecord& record) {
  return terminate_if([&record](const TokenWrite& copy) { return &copy.record() == &record; });
}

void BackgroundCopies::terminate_unit(std::optional<std::uint16_t> lun) {
  terminate_if([lun](const TokenWrite& copy) { return !lun || copy.lun() == *lun; });
}

void BackgroundCopies::pause(bool paused) {
  {
    const std::lock_guard lock(mutex_);
    paused_ = paused;
  }
  changed_.notify_all();
}

void BackgroundCopies::run() {
  std::unique_lock lock(mutex_);
  for (;;) {
    changed_.wait(lock, [this] { return stopping_ || (!queue_.empty() && !paused_); });
    if (stopping_) {
      return;
    }
    std::unique_ptr<TokenWrite> copy = std::move(queue_.front());
    queue_.pop_front();
    stepping_ = copy.get();
    lock.unlock();
    const TokenWrite::Step step = copy->step();
    lock.lock();
    const bool ends = step == TokenWrite::Step::Ended;
    if (terminate_stepping_ && !ends) {
      copy->terminate();
    } else if (!ends) {
      queue_.push_back(std::move(copy));
    }
    stepping_ = nullptr;
    terminate_stepping_ = false;
    changed_.notify_all();
  }
}

}  // namespace lockstep::scsi
