// The thread that commits.
#include "target_impl/store/durable/door.hpp"
#include "target_impl/store/durable/inside.hpp"

#include <cerrno>
#include <chrono>
#include <vector>

namespace lockstep::store {

using detail::Capture;
using detail::Captured;
using detail::Door;

namespace {

[[nodiscard]] detail::MapRecord record_of(BlockCount blocks, BlockSize block_size) {
  detail::MapRecord record;
  record.blocks = blocks.value;
  record.block_bytes = block_size.bytes;
  return record;
}

}  // namespace

// One instant of everything. What is gone is taken first: whatever went later may be part of it.
Capture DurableStore::Inside::capture_all() {
  Capture capture;
  const std::lock_guard held(holding);
  const std::lock_guard lock(mutex);
  capture.gone = file->take_gone();
  capture.maps.reserve(volumes.size() + images.size());
  std::vector<Volume*> frozen_volumes;
  frozen_volumes.reserve(volumes.size());
  for (const auto& [name, entry] : volumes) {
    frozen_volumes.push_back(entry.thing.get());
  }
  Volume::with_frozen(frozen_volumes, [&](Volume::Frozen&) {
    for (const auto& [name, entry] : volumes) {
      capture.maps.push_back({detail::named_key('V', name),
                              record_of(entry.thing->blocks(), entry.thing->block_size()),
                              Door::share_map(*entry.thing), entry.published, entry.generation});
    }
  });
  for (const auto& [name, entry] : images) {
    capture.maps.push_back(
        {detail::named_key('I', name), record_of(entry.thing.blocks(), entry.thing.block_size()),
         Door::root_of(entry.thing)->map().share(), entry.published, entry.generation});
  }
  for (const std::string& name : changed_values) {
    const std::string key = detail::named_key('K', name);
    detail::encode_value(values.at(name), key,
                         capture.values.emplace_back(key, detail::Buffer{}).second);
  }
  capture.erased.assign(erased.begin(), erased.end());
  changed_values.clear();
  erased.clear();
  return capture;
}

void DurableStore::Inside::keep_published(const Capture& capture) {
  const std::lock_guard lock(mutex);
  const auto keep = [](auto& entries, const Captured& captured) {
    const auto found = entries.find(std::string_view(captured.key).substr(1));
    if (found != entries.end() && found->second.generation == captured.generation) {
      found->second.published = captured.record;
    }
  };
  for (const Captured& captured : capture.maps) {
    captured.key.front() == 'V' ? keep(volumes, captured) : keep(images, captured);
  }
}

void DurableStore::Inside::keep_unpublished(Capture capture) {
  file->keep_gone(std::move(capture.gone));
  const std::lock_guard lock(mutex);
  // Since then names may have come back, and values gone.
  erased.insert(capture.erased.begin(), capture.erased.end());
  for (const auto& [key, value] : capture.values) {
    const std::string name = key.substr(1);
    if (values.contains(name)) {
      changed_values.insert(name);
    }
  }
}

int DurableStore::Inside::commit_once() {
  file->begin_commit();
  Capture capture = capture_all();
  detail::Committer::Counts counts;
  const int code = committer->commit(capture, counts);
  if (code == 0) {
    if (counts.published) {
      keep_published(capture);
      ++published_commits;
      if (published) {
        published(!capture.values.empty() || !capture.erased.empty());
      }
    }
    extents_written += counts.extents;
    nodes_written += counts.nodes;
  } else {
    ++failed_commits;
    keep_unpublished(std::move(capture));
  }
  file->end_commit();
  return code;
}

void DurableStore::Inside::run() {
  const std::chrono::milliseconds interval(options.commit_interval_ms);
  while (const auto number = queue->next(interval)) {
    const int code = commit_once();
    CommitOutcome outcome = CommitOutcome::Durable;
    if (code != 0) {
      outcome = code == ENOSPC || code == EDQUOT ? CommitOutcome::NoSpace : CommitOutcome::Failed;
    }
    queue->end(*number, outcome);
  }
}

void DurableStore::Inside::stop() {
  if (thread.joinable()) {
    queue->stop();
    thread.join();
    queue->close();
  }
}

}  // namespace lockstep::store
