// A request that was accepted, followed until everything it promised can be judged: at once after
// 0, when its job has ended after 4096, never for certain after a lost or timed out answer.
#pragma once

#include "model/core/create_info.hpp"
#include "model/core/judge.hpp"
#include "model/vocab/methods.hpp"

#include <boost/container/small_vector.hpp>
#include <boost/iterator/indirect_iterator.hpp>

#include <algorithm>
#include <cstddef>
#include <memory>
#include <optional>
#include <vector>

namespace lockstep::model {

// Nearly always few.
using Views = boost::container::small_vector<const RelationshipView*, 4>;

// Borrowed while the look right after a call is judged, at which most tasks end; what goes on after
// it keeps its own.
template <class T>
class Borrowed {
 public:
  Borrowed() = default;
  // `given` must live until either keep() or the end of this.
  explicit Borrowed(const T& given) : given_(&given) {}
  [[nodiscard]] const T& operator*() const noexcept { return *given_; }
  // False: it was its own already.
  bool keep() {
    if (own_ != nullptr || given_ == nullptr) return false;
    own_ = std::make_shared<const T>(*given_);
    given_ = own_.get();
    return true;
  }
  // The same where `owner` holds what was given: no copy is made.
  void keep(const SharedInventory& owner) {
    if (own_ == nullptr && given_ != nullptr) own_ = std::shared_ptr<const T>(owner, given_);
  }

 private:
  const T* given_ = nullptr;
  std::shared_ptr<const T> own_;  // shared by copies of the judge
};

// Several of them.
template <class T>
class BorrowedList {
  using All = boost::container::small_vector<Borrowed<T>, 2>;

 public:
  using Iterator = boost::indirect_iterator<typename All::const_iterator, const T>;

  void push_back(const T& given) { all_.push_back(Borrowed<T>(given)); }
  void erase(const T& unwanted) {
    const auto is_that = [&](const Borrowed<T>& one) { return *one == unwanted; };
    all_.erase(std::remove_if(all_.begin(), all_.end(), is_that), all_.end());
  }
  void keep(const SharedInventory& owner) {
    for (Borrowed<T>& one : all_) one.keep(owner);
  }

  [[nodiscard]] Iterator begin() const noexcept { return Iterator(all_.begin()); }
  [[nodiscard]] Iterator end() const noexcept { return Iterator(all_.end()); }
  [[nodiscard]] std::size_t size() const noexcept { return all_.size(); }
  [[nodiscard]] bool contains(const T& wanted) const noexcept {
    return std::find(begin(), end(), wanted) != end();
  }

 private:
  All all_;
};

struct Task {
  Task(const Request& request, const Answer& answer, const Window& when)
      : window(when),
        method(method_of(request)),
        asked_(request),
        answered_(answer),
        info_(create_info(request)) {}

  [[nodiscard]] const Request& request() const noexcept { return *asked_; }
  [[nodiscard]] const Answer& answer() const noexcept { return *answered_; }
  // What it creates; nothing for a request that creates no relationship.
  [[nodiscard]] const std::optional<CreateInfo>& info() const noexcept { return info_; }
  [[nodiscard]] bool has_ended() const noexcept {
    return stage == Stage::Completed || stage == Stage::Failed;
  }
  // Before what it was made from goes away. `now`: the look at which objects were last given to it.
  void keep(const SharedInventory& now) {
    if (asked_.keep()) info_ = create_info(*asked_);
    answered_.keep();
    relationships.keep(now);
    elements.keep(now);
    groups.keep(now);
  }

  Window window;
  Method method;

  // Completed and Failed: judged by what is seen now. Running: a job works on it. Unknown: it may
  // have happened, may happen yet, or never will; all of it is allowed, nothing is demanded.
  enum class Stage : std::uint8_t { Completed, Running, Failed, Unknown };
  Stage stage = Stage::Running;

  // The look at which it was judged, of one that is remembered for what it made.
  std::optional<Instant> judged;

  // Objects that appeared and that this task explains.
  BorrowedList<RelationshipRef> relationships;
  BorrowedList<ElementRef> elements;
  BorrowedList<GroupRef> groups;

  // What was true before, where an effect is judged against it.
  SharedInventory looked;                         // right before the call
  std::vector<const ElementView*> given_targets;  // supplied targets in it (pool, setting, name)
  Views operated;                                 // in it, those an operation was asked for

  std::vector<std::size_t> suspects;  // entries of a list that may have been at fault

  // Relationships for which another operation was asked since: where that leads is its own
  // business.
  std::vector<RelationshipRef> overtaken;

 private:
  Borrowed<Request> asked_;
  Borrowed<Answer> answered_;
  std::optional<CreateInfo> info_;  // borrows from the request
};

}  // namespace lockstep::model
