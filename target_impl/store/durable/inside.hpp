// The private half of a DurableStore, shared by the files that implement it.
#pragma once

#include "target_impl/store/durable/commit_queue.hpp"
#include "target_impl/store/durable/committer.hpp"
#include "target_impl/store/durable/directory.hpp"
#include "target_impl/store/durable/extent_file.hpp"
#include "target_impl/store/durable/metadata.hpp"
#include "target_impl/store/durable_store.hpp"

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <utility>

namespace lockstep::store {

struct DurableStore::Inside {
  // What tests change about a store: the disk under it, and that they are told of commits. The
  // wrapped storage takes the place of the one it is given.
  using WrapStorage =
      std::function<std::unique_ptr<detail::Storage>(std::unique_ptr<detail::Storage>)>;
  // Told on the store's thread of each commit that was published, before anybody who waits for it:
  // whether it held a change of values.
  using Published = std::function<void(bool values_changed)>;
  [[nodiscard]] static Result<std::unique_ptr<DurableStore>> open(const std::string& path,
                                                                  const DurableOptions& options,
                                                                  const WrapStorage& wrap,
                                                                  Published published = {});

  Inside(detail::Directory taken, const DurableOptions& wanted)
      : directory(std::move(taken)),
        options(wanted),
        queue(std::make_shared<detail::CommitQueue>()),
        commits(queue) {}

  template <class Thing>
  struct Entry {
    Thing thing;
    std::uint64_t generation = 0;
    std::optional<detail::MapRecord> published;
  };

  // open.cpp
  [[nodiscard]] Status create_files(detail::StoreRecord& record);
  [[nodiscard]] Status load(detail::StoreRecord& record, std::unique_ptr<detail::Storage> storage,
                            std::uint64_t file_bytes);
  void start();
  // commit.cpp
  void run();
  [[nodiscard]] detail::Capture capture_all();
  void keep_published(const detail::Capture& capture);
  void keep_unpublished(detail::Capture capture);
  [[nodiscard]] int commit_once();
  void stop();

  detail::Directory directory;
  const DurableOptions options;
  const std::shared_ptr<detail::CommitQueue> queue;
  const std::shared_ptr<Commits> commits;
  std::unique_ptr<detail::Metadata> metadata;
  std::shared_ptr<detail::ExtentFile> file;
  std::shared_ptr<Pool> pool;
  std::optional<detail::Committer> committer;
  Published published;

  std::mutex holding;        // while a commit takes its instant; taken before `mutex`
  mutable std::mutex mutex;  // of the catalogue; taken before any volume's lock
  std::uint64_t last_generation = 0;
  std::map<std::string, Entry<std::shared_ptr<Volume>>, std::less<>> volumes;
  std::map<std::string, Entry<Image>, std::less<>> images;
  std::map<std::string, detail::Buffer, std::less<>> values;
  std::set<std::string> changed_values;  // names
  std::set<std::string> erased;          // keys in LMDB

  std::atomic<std::uint64_t> published_commits{0};
  std::atomic<std::uint64_t> failed_commits{0};
  std::atomic<std::uint64_t> extents_written{0};
  std::atomic<std::uint64_t> nodes_written{0};
  std::thread thread;
};

}  // namespace lockstep::store
