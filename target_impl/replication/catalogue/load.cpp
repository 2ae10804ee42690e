// Opening.
#include "target_impl/replication/catalogue/catalogue.hpp"
#include "target_impl/replication/catalogue/check.hpp"
#include "target_impl/replication/catalogue/names.hpp"

#include <charconv>
#include <string_view>
#include <utility>

namespace lockstep::replication {
namespace {

constexpr const char* kRestore = "; restore the directory from a copy";

std::optional<Id> number_in(std::string_view text) {
  Id number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  const bool whole = error == std::errc{} && end == text.data() + text.size();
  const bool plain = whole && number != 0 && std::to_string(number) == text;
  return plain ? std::optional(number) : std::nullopt;
}

std::string text_of(const RecordBytes& bytes) {
  std::string text;
  for (const std::byte byte : bytes) {
    const char letter = std::to_integer<char>(byte);
    text += letter >= ' ' && letter <= '~' ? letter : '?';
  }
  return text;
}

class Loading {
 public:
  Loading(store::DurableStore& store, std::string directory, SavedWorld& found)
      : store_(store), directory_(std::move(directory)), found_(found) {}

  [[nodiscard]] Status run(const std::map<std::string, RecordBytes>& values) {
    LOCKSTEP_TRY(check_format(values));
    for (const auto& [key, bytes] : values) {
      LOCKSTEP_TRY(take(key, bytes));
    }
    if (!values.contains(names::kService)) return damaged(names::kService, "a record, found none");
    for (auto& [id, element] : found_.elements) {
      LOCKSTEP_TRY(find_volume(element));
    }
    for (auto& [id, pair] : found_.pairs) {
      LOCKSTEP_TRY(find_images(pair));
    }
    if (const auto checked = check(found_); !checked) {
      return config_error(directory_ + ": " + checked.error().message + kRestore);
    }
    return ok();
  }

 private:
  [[nodiscard]] Error damaged(const std::string& name, const std::string& trouble) const {
    return config_error(directory_ + ": \"" + name + "\": expected " + trouble + kRestore);
  }

  [[nodiscard]] Status check_format(const std::map<std::string, RecordBytes>& values) const {
    const std::string expected = "lockstep-replication " + std::to_string(kCatalogueFormat);
    const auto found = values.find(names::kFormat);
    if (found == values.end()) return damaged(names::kFormat, "\"" + expected + "\", found none");
    const std::string text = text_of(found->second);
    if (text == expected) return ok();
    return config_error(directory_ + ": expected a catalogue of format \"" + expected +
                        "\", found \"" + text.substr(0, 40) +
                        "\"; use the version of lockstep that wrote it, or another directory");
  }

  template <class Record>
  [[nodiscard]] Status take_one(const std::string& key, std::string_view number,
                                const RecordBytes& bytes, std::map<Id, Record>& records) {
    auto decoded = decode<Record>(bytes);
    if (!decoded) {
      return config_error(directory_ + ": \"" + key + "\": " + decoded.error().message + kRestore);
    }
    Record& record = decoded.value();
    if (number_in(number) != record.id) {
      return damaged(key, "its own number, found " + std::to_string(record.id));
    }
    records.emplace(record.id, std::move(record));
    return ok();
  }

  [[nodiscard]] Status take(const std::string& key, const RecordBytes& bytes) {
    const auto after = [&key](const std::string& prefix) -> std::optional<std::string_view> {
      if (!key.starts_with(prefix)) return std::nullopt;
      return std::string_view(key).substr(prefix.size());
    };
    if (key == names::kFormat) return ok();
    if (key == names::kService) {
      auto decoded = decode<ServiceRecord>(bytes);
      if (!decoded) return damaged(key, "a record: " + decoded.error().message);
      found_.service = std::move(decoded).value();
      return ok();
    }
    if (const auto id = after(names::kElements)) return take_one(key, *id, bytes, found_.elements);
    if (const auto id = after(names::kGroups)) return take_one(key, *id, bytes, found_.groups);
    if (const auto id = after(names::kPairs)) return take_one(key, *id, bytes, found_.pairs);
    if (const auto id = after(names::kGroupPairs)) {
      return take_one(key, *id, bytes, found_.group_pairs);
    }
    if (const auto id = after(names::kJobs)) return take_one(key, *id, bytes, found_.jobs);
    if (const auto id = after(names::kCopies)) return take_one(key, *id, bytes, found_.copies);
    if (const auto name = after(names::kPeers)) {
      auto decoded = decode<PeerRecord>(bytes);
      if (!decoded) return damaged(key, "a record: " + decoded.error().message);
      if (decoded.value().name != *name) return damaged(key, "its own name, found another");
      found_.peers.emplace(*name, std::move(decoded).value());
      return ok();
    }
    return damaged(key, "a kind of record that is known, found another");
  }

  [[nodiscard]] Status find_volume(ElementRecord& element) const {
    const std::string name = names::volume_of_element(element.id);
    element.volume = store_.find_volume(name);
    if (element.volume == nullptr) return damaged(name, "a volume, found none");
    return ok();
  }

  [[nodiscard]] Status find_image(const std::string& name, store::Image& image) const {
    const auto found = store_.find_image(name);
    if (!found) return damaged(name, "an image, found none");
    image = *found;
    return ok();
  }

  [[nodiscard]] Status find_images(PairRecord& pair) const {
    LOCKSTEP_TRY(find_image(names::common_source(pair.id), pair.common.source));
    LOCKSTEP_TRY(find_image(names::common_target(pair.id), pair.common.target));
    pair.point_in_time = store_.find_image(names::point_in_time(pair.id));
    pair.entered = store_.find_image(names::entered(pair.id));
    return ok();
  }

  store::DurableStore& store_;
  const std::string directory_;
  SavedWorld& found_;
};

}  // namespace

Result<std::unique_ptr<Catalogue>> Catalogue::open(store::DurableStore& store,
                                                   const std::string& directory,
                                                   SavedWorld& found) {
  std::unique_ptr<Catalogue> catalogue(new Catalogue(store));
  Contents& saved = catalogue->saved_;
  for (const std::string& key : store.keys(names::kPrefix)) {
    saved.values.emplace(key, store.get(key).value_or(RecordBytes{}));
  }
  const std::size_t volumes = store.volumes().size();
  if (saved.values.empty()) {
    if (volumes == 0 && store.images().empty()) return catalogue;
    return config_error(directory +
                        ": expected a store of the replication service, found one that `lockstep "
                        "target --store` without --cimxml has made, with " +
                        std::to_string(volumes) + " volumes; name another directory");
  }
  LOCKSTEP_TRY(Loading(store, directory, found).run(saved.values));
  for (const store::VolumeEntry& entry : store.volumes()) {
    saved.volumes.emplace(entry.name, store.find_volume(entry.name));
  }
  for (const std::string& name : store.images()) {
    saved.images.emplace(name, *store.find_image(name));
  }
  catalogue->ids_below_ = found.service.ids_below;
  return catalogue;
}

}  // namespace lockstep::replication
