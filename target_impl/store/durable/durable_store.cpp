// The catalogue of a durable store.
#include "target_impl/store/durable_store.hpp"

#include "target_impl/store/durable/door.hpp"
#include "target_impl/store/durable/inside.hpp"

#include <algorithm>

namespace lockstep::store {

namespace {

[[nodiscard]] Status check_name(std::string_view what, std::string_view name) {
  if (name.empty() || name.size() > detail::kMaxNameBytes) {
    return usage_error(std::string(what) + " name: expected 1 to 255 bytes, found " +
                       std::to_string(name.size()));
  }
  return ok();
}

}  // namespace

bool is_same_map(const Image& left, const Image& right) noexcept {
  if (left.blocks() != right.blocks() || left.block_size() != right.block_size()) {
    return false;
  }
  const detail::Root* one = detail::Door::root_of(left);
  const detail::Root* other = detail::Door::root_of(right);
  if (one == other || one == nullptr || other == nullptr) {
    return one == other;
  }
  return one->map().top() == other->map().top() && one->map().levels() == other->map().levels();
}

DurableStore::DurableStore(std::unique_ptr<Inside> inside) : inside_(std::move(inside)) {}

DurableStore::~DurableStore() { inside_->stop(); }

const std::shared_ptr<Pool>& DurableStore::pool() const noexcept { return inside_->pool; }

const std::shared_ptr<Commits>& DurableStore::commits() const noexcept { return inside_->commits; }

Result<std::shared_ptr<Volume>> DurableStore::create_volume(std::string_view name,
                                                            BlockCount blocks,
                                                            BlockSize block_size) {
  LOCKSTEP_TRY(check_name("volume", name));
  const std::string subject = "volume \"" + std::string(name) + "\": ";
  if (block_size.bytes != 512 && block_size.bytes != 4096) {
    return usage_error(subject + "expected blocks of 512 or 4096 bytes, found " +
                       std::to_string(block_size.bytes));
  }
  if (blocks.value == 0 || blocks.value > (std::uint64_t{1} << 62) / block_size.bytes) {
    return usage_error(subject + "expected 1 byte to 2^62 bytes, found " +
                       std::to_string(blocks.value) + " blocks");
  }
  auto volume = std::make_shared<Volume>(blocks, block_size, inside_->pool);
  const std::lock_guard lock(inside_->mutex);
  if (inside_->volumes.contains(name)) {
    return usage_error(subject + "expected a name that is free, found a volume of that name");
  }
  inside_->volumes.emplace(
      name, Inside::Entry<std::shared_ptr<Volume>>{volume, ++inside_->last_generation, {}});
  return volume;
}

std::shared_ptr<Volume> DurableStore::find_volume(std::string_view name) const {
  const std::lock_guard lock(inside_->mutex);
  const auto found = inside_->volumes.find(name);
  return found == inside_->volumes.end() ? nullptr : found->second.thing;
}

Status DurableStore::keep_volume(std::string_view name, const std::shared_ptr<Volume>& volume) {
  LOCKSTEP_TRY(check_name("volume", name));
  const std::string subject = "volume \"" + std::string(name) + "\": ";
  if (volume->pool()->file() != inside_->file.get()) {
    return usage_error(subject + "expected a volume of this store's pool, found one of another");
  }
  const std::lock_guard lock(inside_->mutex);
  const auto found = inside_->volumes.find(name);
  if (found != inside_->volumes.end()) {
    if (found->second.thing == volume) {
      return ok();
    }
    return usage_error(subject + "expected a name that is free, found a volume of that name");
  }
  inside_->volumes.emplace(
      name, Inside::Entry<std::shared_ptr<Volume>>{volume, ++inside_->last_generation, {}});
  return ok();
}

bool DurableStore::remove_volume(std::string_view name) {
  std::shared_ptr<Volume> removed;  // its content goes after the lock
  const std::lock_guard lock(inside_->mutex);
  const auto found = inside_->volumes.find(name);
  if (found == inside_->volumes.end()) {
    return false;
  }
  removed = std::move(found->second.thing);
  inside_->volumes.erase(found);
  inside_->erased.insert(detail::named_key('V', name));
  return true;
}

std::vector<VolumeEntry> DurableStore::volumes() const {
  const std::lock_guard lock(inside_->mutex);
  std::vector<VolumeEntry> entries;
  entries.reserve(inside_->volumes.size());
  for (const auto& [name, entry] : inside_->volumes) {
    entries.push_back({name, entry.thing->blocks(), entry.thing->block_size()});
  }
  return entries;
}

Status DurableStore::keep_image(std::string_view name, const Image& image) {
  LOCKSTEP_TRY(check_name("image", name));
  const detail::Root* root = detail::Door::root_of(image);
  if (root == nullptr || root->pool()->file() != inside_->file.get()) {
    return usage_error("image \"" + std::string(name) +
                       "\": expected a snapshot of a volume of this store, found another; assign "
                       "it to a volume of this store first");
  }
  Image replaced;
  const std::lock_guard lock(inside_->mutex);
  auto& entry = inside_->images[std::string(name)];
  replaced = std::exchange(entry.thing, image);
  entry.generation = ++inside_->last_generation;
  entry.published.reset();
  return ok();
}

std::optional<Image> DurableStore::find_image(std::string_view name) const {
  const std::lock_guard lock(inside_->mutex);
  const auto found = inside_->images.find(name);
  return found == inside_->images.end() ? std::nullopt : std::optional(found->second.thing);
}

bool DurableStore::remove_image(std::string_view name) {
  Image removed;
  const std::lock_guard lock(inside_->mutex);
  const auto found = inside_->images.find(name);
  if (found == inside_->images.end()) {
    return false;
  }
  removed = std::move(found->second.thing);
  inside_->images.erase(found);
  inside_->erased.insert(detail::named_key('I', name));
  return true;
}

std::vector<std::string> DurableStore::images() const {
  const std::lock_guard lock(inside_->mutex);
  std::vector<std::string> names;
  names.reserve(inside_->images.size());
  for (const auto& [name, entry] : inside_->images) {
    names.push_back(name);
  }
  return names;
}

Status DurableStore::put(std::string_view key, std::span<const std::byte> value) {
  LOCKSTEP_TRY(check_name("key", key));
  if (value.size() > detail::kMaxValueBytes) {
    return usage_error("value of \"" + std::string(key) + "\": expected at most " +
                       std::to_string(detail::kMaxValueBytes) + " bytes, found " +
                       std::to_string(value.size()));
  }
  const std::lock_guard lock(inside_->mutex);
  inside_->values[std::string(key)].assign(value.begin(), value.end());
  inside_->changed_values.emplace(key);
  return ok();
}

std::optional<std::vector<std::byte>> DurableStore::get(std::string_view key) const {
  const std::lock_guard lock(inside_->mutex);
  const auto found = inside_->values.find(key);
  return found == inside_->values.end() ? std::nullopt : std::optional(found->second);
}

bool DurableStore::erase(std::string_view key) {
  const std::lock_guard lock(inside_->mutex);
  const auto found = inside_->values.find(key);
  if (found == inside_->values.end()) {
    return false;
  }
  inside_->values.erase(found);
  inside_->changed_values.erase(std::string(key));
  inside_->erased.insert(detail::named_key('K', key));
  return true;
}

std::vector<std::string> DurableStore::keys(std::string_view prefix) const {
  const std::lock_guard lock(inside_->mutex);
  std::vector<std::string> found;
  for (auto at = inside_->values.lower_bound(prefix);
       at != inside_->values.end() &&
       std::string_view(at->first).substr(0, prefix.size()) == prefix;
       ++at) {
    found.push_back(at->first);
  }
  return found;
}

std::unique_lock<std::mutex> DurableStore::hold_commits() {
  return std::unique_lock(inside_->holding);
}

CommitOutcome DurableStore::commit() { return inside_->commits->wait(inside_->commits->request()); }

DurableStatistics DurableStore::statistics() const {
  DurableStatistics statistics;
  statistics.commits = inside_->published_commits;
  statistics.failed_commits = inside_->failed_commits;
  statistics.extents_written = inside_->extents_written;
  statistics.nodes_written = inside_->nodes_written;
  statistics.dirty_bytes = inside_->file->dirty() * kExtentBytes;
  statistics.cached_bytes = inside_->file->cached_extents() * kExtentBytes;
  statistics.file_bytes = inside_->file->used_slots() * kExtentBytes;
  statistics.unreadable_reads = inside_->file->unreadable_reads();
  return statistics;
}

}  // namespace lockstep::store
