#include "model/core/makers.hpp"

#include "model/core/effects.hpp"

#include <boost/container/small_vector.hpp>

#include <algorithm>
#include <utility>

namespace lockstep::model {
namespace {

template <class List, class T>
bool has(const List& list, const T& wanted) {
  return std::ranges::find(list, wanted) != list.end();
}

// The request's own kind of copy. A mirror may act, and show, synchronously where it was asked to
// be adaptive (T-014).
bool is_of_kind(const CreateInfo& info, const RelationshipView& view) {
  if (info.sync_type && view.sync_type && info.sync_type != view.sync_type) return false;
  if (info.copy_type && view.copy_type && info.copy_type != view.copy_type) return false;
  // What an attach leaves to the service is a snapshot or a clone (ATT-11, ATT-12).
  if (info.copy_type && !info.sync_type && view.sync_type == SyncType::Mirror) return false;
  const bool said = info.mode && view.mode && view.mode != Mode::Unknown;
  return !said || info.mode == view.mode || info.mode == Mode::Adaptive;
}

// Each entry of a list makes one pair, so that two requests for the same sources share them out.
// One source to a group of many targets makes more pairs than sources.
bool entry_by_entry(const CreateInfo& info) {
  return info.target_group == nullptr && info.targets.size() <= info.sources.size();
}

// As it is shown or, if it is no more, as it was last; null: it ended before.
const RelationshipView* last_seen(const Look& look, const RelationshipRef& ref) {
  if (const RelationshipView* view = look.now.find(ref)) return view;
  const Relation* relation = look.world.relation(ref);
  return relation == nullptr ? nullptr : relation->view;
}

// Whether the task wants one more relationship like this. `loosely`: any ends will do, so that
// wrong ends are reported as such and not as a relationship out of nowhere.
bool wants(const Look& look, const Task& task, const RelationshipView& view, bool loosely) {
  const auto& info = task.info();
  if (!info) return false;
  std::size_t groups = 0;
  for (const RelationshipRef& ref : task.relationships) {
    const RelationshipView* claimed = last_seen(look, ref);
    if (claimed != nullptr && is_group(*claimed)) ++groups;
  }
  if (is_group(view)) {
    return info->method == Method::CreateGroupReplicaFromElements && groups == 0;
  }
  if (!loosely && entry_by_entry(*info) && view.source_element) {
    const auto same_source = [&](const RelationshipRef& ref) {
      const RelationshipView* pair = last_seen(look, ref);
      return pair != nullptr && pair->source_element == view.source_element;
    };
    const auto made =
        std::count_if(task.relationships.begin(), task.relationships.end(), same_source);
    if (made >= std::ranges::count(info->sources, *view.source_element)) return false;
  }
  const std::size_t claimed = task.relationships.size() - groups;
  const std::size_t wanted = std::max(info->sources.size(), info->targets.size());
  const bool room = claimed < wanted || info->target_group != nullptr;
  return room && (loosely || joins(*info, view));
}

// Of several requests that may have made it, first one of its kind whose job has ended: some
// services show a relationship only then (CER-50).
Makers first_choices(Look& look, std::span<const RelationshipView* const> fresh) {
  enum class Choice : std::uint8_t { Ended, OfItsKind, Fitting, Any };
  Makers makers(fresh.size(), nullptr);
  for (const Choice choice : {Choice::Ended, Choice::OfItsKind, Choice::Fitting, Choice::Any}) {
    for (std::size_t i = 0; i < fresh.size(); ++i) {
      if (makers[i] != nullptr) continue;
      const auto maker = std::ranges::find_if(look.world.tasks, [&](const Task& task) {
        const auto& info = task.info();
        if (!info || (choice <= Choice::OfItsKind && !is_of_kind(*info, *fresh[i]))) return false;
        if (choice == Choice::Ended && !task.has_ended()) return false;
        return wants(look, task, *fresh[i], choice == Choice::Any);
      });
      if (maker == look.world.tasks.end()) continue;
      makers[i] = &*maker;
      maker->relationships.push_back(fresh[i]->ref);
    }
  }
  return makers;
}

// What speaks against one way to share the relationships out among the requests, in points; only
// their order of size matters.
constexpr int kNotedIfIts = 1;        // a warning would be due if it was this request's
constexpr int kNotEnded = 2;          // the request's job has not ended
constexpr int kBreachIfIts = 8;       // a violation would be
constexpr int kNotItsGroup = 16;      // its target is, or is not, a member of the group made
constexpr int kMissing = 32;          // a request has ended without it
constexpr int kWrongEnds = 64;        // the request named others
constexpr int kNobody = 256;          // nobody asked for it
constexpr int kImpossible = 100'000;  // not there at its time, or there is no room

class Sharing {
 public:
  Sharing(Look& look, std::span<const RelationshipView* const> fresh, const Makers& makers)
      : look_(look) {
    for (Task& task : look.world.tasks) {
      if (task.info()) tasks_.push_back(&task);
    }
    for (Task& task : look.world.judged_creates) tasks_.push_back(&task);
    for (std::size_t i = 0; i < fresh.size(); ++i) add(*fresh[i], makers[i], look.at);
    for (std::size_t task = 0; task != tasks_.size(); ++task) {
      for (const RelationshipRef& ref : tasks_[task]->relationships) {
        const RelationshipView* view = look.now.find(ref);
        const Relation* relation = look.world.relation(ref);
        if (relation == nullptr || has(fresh, view)) continue;
        if (view == nullptr) {
          gone_.push_back({relation->view, task});
        } else {
          add(*view, tasks_[task], relation->appeared);
        }
      }
    }
  }

  // Moves and exchanges relationships for as long as that leaves less to speak against.
  void improve() {
    if (shares_.empty()) return;
    // What is too much to be tried stays as it was first shared out.
    constexpr std::size_t kMost = 24;
    if (shares_.size() > kMost || tasks_.size() > kMost || is_best()) return;
    for (bool again = true; again;) {
      again = false;
      for (Share& share : shares_) {
        for (std::size_t task = 0; task <= tasks_.size(); ++task) {
          const std::size_t was = std::exchange(share.maker, task);
          const bool better =
              was != task && is_better(was, task, against(share, task) - against(share, was));
          if (!better) share.maker = was;
          again = again || better;
        }
        for (Share& other : shares_) {
          const std::size_t was = share.maker;
          const std::size_t others = other.maker;
          if (was == others) continue;
          std::swap(share.maker, other.maker);
          const int more = against(share, others) - against(share, was) + against(other, was) -
                           against(other, others);
          const bool better = is_better(was, others, more);
          if (!better) std::swap(share.maker, other.maker);
          again = again || better;
        }
      }
    }
  }

  // Enters the outcome in the tasks and, as far as they are fresh, in `makers`.
  void settle(Makers& makers) {
    for (std::size_t i = 0; i < shares_.size(); ++i) {
      Share& share = shares_[i];
      if (share.maker != share.first) {
        const RelationshipRef& ref = share.view->ref;
        if (share.first < tasks_.size()) tasks_[share.first]->relationships.erase(ref);
        if (share.maker < tasks_.size()) tasks_[share.maker]->relationships.push_back(ref);
      }
      if (i < makers.size())
        makers[i] = share.maker < tasks_.size() ? tasks_[share.maker] : nullptr;
    }
  }

 private:
  // Nearly always few.
  template <class T>
  using Few = boost::container::small_vector<T, 6>;

  struct Share {
    const RelationshipView* view;
    Instant appeared;
    std::size_t maker;  // of tasks_; its size: nobody
    std::size_t first;  // before it was improved
    Few<int> against;   // each of tasks_ as its maker, whatever the others made; as asked
  };
  static constexpr int kNotAsked = -1;
  struct Gone {
    const RelationshipView* view;
    std::size_t maker;
  };

  void add(const RelationshipView& view, const Task* maker, Instant appeared) {
    const auto found = std::ranges::find(tasks_, maker);
    const auto first = static_cast<std::size_t>(found - tasks_.begin());
    shares_.push_back({&view, appeared, first, first, Few<int>(tasks_.size(), kNotAsked)});
  }

  // Nearly always: nothing speaks against what each of the tasks has made, and against no
  // relationship's maker more than against another.
  bool is_best() {
    all_of_each_.reserve(tasks_.size() + 1);
    for (std::size_t task = 0; task < tasks_.size(); ++task) {
      all_of_each_.push_back(points_of_all(task));
    }
    all_of_each_.push_back(0);  // nobody
    if (std::ranges::any_of(all_of_each_, [](int points) { return points > 0; })) return false;
    return std::ranges::all_of(shares_, [&](Share& share) {
      const int least = against(share, share.maker);
      if (least == 0) return true;
      for (std::size_t task = 0; task < tasks_.size(); ++task) {
        // Most is told without a look at all that was asked for.
        if (points_at_first_sight(*tasks_[task], share) < least && against(share, task) < least) {
          return false;
        }
      }
      return least <= kNobody;
    });
  }

  // What two makers have made has changed, and `more` speaks against its parts: is there less now
  // in all?
  bool is_better(std::size_t one, std::size_t other, int more) {
    // Nothing speaks for what a maker has made; at best nothing speaks against it.
    if (more >= all_of_each_[one] + all_of_each_[other]) return false;
    const int all_of_one = points_of_all(one);
    const int all_of_other = points_of_all(other);
    more += all_of_one - all_of_each_[one] + all_of_other - all_of_each_[other];
    if (more >= 0) return false;
    all_of_each_[one] = all_of_one;
    all_of_each_[other] = all_of_other;
    return true;
  }

  int against(Share& share, std::size_t task) {
    if (task == tasks_.size()) return kNobody;
    int& points = share.against[task];
    if (points == kNotAsked) points = points_of(*tasks_[task], share);
    return points;
  }

  // No more than there are.
  int points_at_first_sight(const Task& task, const Share& share) const {
    const CreateInfo& info = *task.info();
    const RelationshipView& view = *share.view;
    const bool of_groups = info.method == Method::CreateGroupReplicaFromElements;
    const bool in_time =
        task.window.issued <= share.appeared && (!task.judged || share.appeared <= *task.judged);
    if (!in_time || (is_group(view) && !of_groups)) return kImpossible;
    int points = task.has_ended() ? 0 : kNotEnded;
    if (is_group(view)) {
      const GroupView* sources = view.source_group ? look_.now.find(*view.source_group) : nullptr;
      if (sources != nullptr && !std::ranges::equal(sources->members, info.sources)) {
        points += kBreachIfIts;
      }
    } else if (!joins(info, view)) {
      points += kWrongEnds;
    }
    if (!is_of_kind(info, view)) points += kBreachIfIts;
    return points;
  }

  int points_of(const Task& task, const Share& share) {
    int points = points_at_first_sight(task, share);
    if (points == kImpossible) return points;
    if (misses_its_state(task, *share.view)) points += kBreachIfIts;
    for (const Finding& finding : findings_if_its(task, *share.view)) {
      points += finding.severity == Severity::Violation ? kBreachIfIts : kNotedIfIts;
    }
    return points;
  }

  // CER-34 and its like: what has ended well shows the state that was to be waited for.
  bool misses_its_state(const Task& task, const RelationshipView& view) const {
    const auto& wait = task.info()->wait;
    const bool due = wait && task.stage == Task::Stage::Completed && !task.judged;
    if (!due || !view.copy_state || is_group(view) || overtaken(task, view.ref)) return false;
    const Relation* relation = look_.world.relation(view.ref);
    Trouble trouble = relation != nullptr ? look_.world.trouble_of(*relation) : kNoTrouble;
    trouble.faults = trouble.faults || look_.world.in_trouble();
    const StateSet reached = reached_after(view, *wait, trouble);
    return reached.known() && !reached.places().contains(view.copy_state);
  }

  Findings findings_if_its(const Task& task, const RelationshipView& view) {
    Findings findings;
    Reporter aside(findings);
    std::swap(look_.report, aside);
    check_shown_kind(look_, task, *task.info(), view);
    if (view.source_element && view.target_element) {
      const auto& sources = task.info()->sources;
      const auto entry = std::ranges::find(sources, *view.source_element) - sources.begin();
      check_target(look_, task, *task.info(), *view.target_element,
                   static_cast<std::size_t>(entry));
    }
    std::swap(look_.report, aside);
    return findings;
  }

  // What speaks against all that one task is said to have made.
  int points_of_all(std::size_t task) const {
    if (task == tasks_.size()) return 0;
    const CreateInfo& info = *tasks_[task]->info();
    std::size_t pairs = 0;
    int groups = 0;
    const GroupView* targets = nullptr;
    for (const Share& share : shares_) {
      if (share.maker != task) continue;
      if (!is_group(*share.view)) {
        ++pairs;
        continue;
      }
      ++groups;
      if (share.view->target_group) targets = look_.now.find(*share.view->target_group);
    }
    for (const Gone& one : gone_) {
      if (one.maker != task) continue;
      if (is_group(*one.view)) {
        ++groups;
      } else {
        ++pairs;
      }
    }
    int points = groups > 1 ? kImpossible : 0;
    const bool all_due = tasks_[task]->stage == Task::Stage::Completed && !tasks_[task]->judged &&
                         !may_be_gone(look_, info);
    if (all_due && groups == 0 && info.method == Method::CreateGroupReplicaFromElements) {
      points += kMissing;
    }
    if (targets != nullptr) {
      for (const Share& share : shares_) {
        if (is_group(*share.view) || !share.view->target_element) continue;
        const bool member = has(targets->members, *share.view->target_element);
        if (member != (share.maker == task)) points += kNotItsGroup;
      }
    }
    if (!entry_by_entry(info)) return points;
    if (pairs > std::max(info.sources.size(), info.targets.size())) points += kImpossible;
    for (std::size_t i = 0; i < info.sources.size(); ++i) {
      const ElementRef& source = info.sources[i];
      if (has(info.sources.first(i), source)) continue;
      const auto made = count(task, source, &Share::maker);
      const auto asked = static_cast<int>(std::ranges::count(info.sources, source));
      if (made < asked && all_due) points += kMissing * (asked - made);
      if (made > asked) points += kWrongEnds * (made - asked);
      // What has been judged can only have been taken for another's.
      if (tasks_[task]->judged && made != count(task, source, &Share::first)) {
        points += kImpossible;
      }
    }
    return points;
  }

  int count(std::size_t task, const ElementRef& source, std::size_t Share::*maker) const {
    const auto shown = std::ranges::count_if(shares_, [&](const Share& share) {
      return share.*maker == task && share.view->source_element == source;
    });
    const auto gone = std::ranges::count_if(gone_, [&](const Gone& one) {
      return one.maker == task && one.view->source_element == source;
    });
    return static_cast<int>(shown + gone);
  }

  Look& look_;
  Few<Task*> tasks_;
  Few<Share> shares_;     // first those that are fresh
  Few<Gone> gone_;        // made, and ended by this look
  Few<int> all_of_each_;  // against all that each of tasks_ has made, and nobody
};

}  // namespace

bool is_group(const RelationshipView& view) {
  return view.relationship_class == RelationshipClass::GroupSynchronized;
}

bool joins(const CreateInfo& info, const RelationshipView& view) {
  if (!view.source_element || !has(info.sources, *view.source_element)) return false;
  if (info.targets.empty() || !view.target_element) return true;
  return has(info.targets, *view.target_element);
}

bool awaits(const Look& look, const Task& task, const RelationshipView& view) {
  return task.info() && is_of_kind(*task.info(), view) && wants(look, task, view, false);
}

Makers find_makers(Look& look, std::span<const RelationshipView* const> fresh) {
  Makers makers = first_choices(look, fresh);
  const auto creates = std::ranges::count_if(
      look.world.tasks, [](const Task& task) { return task.info().has_value(); });
  const bool due = !fresh.empty() || std::ranges::any_of(look.world.tasks, &Task::has_ended);
  if (!due || creates == 0 || (creates == 1 && look.world.judged_creates.empty())) return makers;
  Sharing sharing(look, fresh, makers);
  sharing.improve();
  sharing.settle(makers);
  return makers;
}

}  // namespace lockstep::model
