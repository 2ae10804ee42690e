#include "target_impl/replication/catalogue/record_bytes.hpp"

#include "model/vocab/names.hpp"
#include "target_impl/replication/catalogue/fields.hpp"

#include <array>
#include <optional>
#include <set>

namespace lockstep::replication {
namespace {

template <class E>
[[nodiscard]] bool is_known(E value) {
  return name_of(value).has_value();
}
[[nodiscard]] bool is_known(Purpose value) { return value <= Purpose::Epoch; }
[[nodiscard]] bool is_known(BreakCause value) { return value <= BreakCause::Copy; }
[[nodiscard]] bool is_known(Overlay value) { return value <= Overlay::Invalid; }

class Encoder {
 public:
  explicit Encoder(RecordBytes& out) : out_(out) {}

  template <class T>
  void operator()(const char* /*field*/, const T& value) {
    put(value);
  }

 private:
  void put_number(std::uint64_t number, std::size_t bytes) {
    for (std::size_t i = 0; i != bytes; ++i) {
      out_.push_back(static_cast<std::byte>(number >> (8 * i) & 0xFF));
    }
  }
  template <std::integral T>
  void put(T number) {
    put_number(static_cast<std::uint64_t>(number), sizeof number);
  }
  template <class E>
  requires std::is_enum_v<E>
  void put(E value) { put(number_of(value)); }
  void put(const std::string& text) {
    put_number(text.size(), 4);
    const auto bytes = std::as_bytes(std::span(text));
    out_.insert(out_.end(), bytes.begin(), bytes.end());
  }
  template <class Kind>
  void put(const Ref<Kind>& ref) {
    put(ref.path);
  }
  template <class T>
  void put(const std::optional<T>& value) {
    put(value.has_value());
    if (value) put(*value);
  }
  template <class List>
  void put_list(const List& list) {
    put_number(list.size(), 4);
    for (const auto& one : list) put(one);
  }
  template <class T>
  void put(const std::vector<T>& list) {
    put_list(list);
  }
  template <class T>
  void put(const std::set<T>& list) {
    put_list(list);
  }
  void put(const Token& token) {
    for (const std::uint8_t byte : token) put(byte);
  }
  void put(const Settings& settings) { visit_fields(*this, settings); }
  void put(const TroubleSet& set) { visit_fields(*this, set); }

  RecordBytes& out_;
};

// After the first trouble nothing more is read: every value is what it was.
class Decoder {
 public:
  explicit Decoder(std::span<const std::byte> bytes) : rest_(bytes) {}

  template <class T>
  void operator()(const char* field, T& value) {
    field_ = field;
    take(value);
  }

  // Whole, and nothing behind it.
  [[nodiscard]] Status end() {
    if (!trouble_ && !rest_.empty()) {
      trouble_ = "expected the end of the record, found " + std::to_string(rest_.size()) + " bytes";
    }
    if (trouble_) return config_error(*trouble_);
    return ok();
  }

 private:
  void refuse(const std::string& expected, const std::string& found) {
    if (!trouble_) trouble_ = std::string(field_) + ": expected " + expected + ", found " + found;
    rest_ = {};
  }
  [[nodiscard]] std::uint64_t number(std::size_t bytes) {
    if (trouble_) return 0;
    if (rest_.size() < bytes) {
      refuse(std::to_string(bytes) + " bytes", std::to_string(rest_.size()));
      return 0;
    }
    std::uint64_t value = 0;
    for (std::size_t i = 0; i != bytes; ++i) {
      value |= std::to_integer<std::uint64_t>(rest_[i]) << (8 * i);
    }
    rest_ = rest_.subspan(bytes);
    return value;
  }
  [[nodiscard]] std::size_t length(std::size_t most) {
    const std::uint64_t value = number(4);
    if (value <= most) return static_cast<std::size_t>(value);
    refuse("a length of at most " + std::to_string(most), std::to_string(value));
    return 0;
  }

  template <std::integral T>
  void take(T& value) {
    value = static_cast<T>(number(sizeof value));
  }
  void take(bool& value) {
    const std::uint64_t found = number(1);
    if (found > 1) refuse("0 or 1", std::to_string(found));
    value = found == 1;
  }
  template <class E>
  requires std::is_enum_v<E>
  void take(E& value) {
    const auto found = static_cast<E>(number(sizeof value));
    if (trouble_) return;
    if (is_known(found)) {
      value = found;
    } else {
      refuse("a value that is defined", std::to_string(number_of(found)));
    }
  }
  void take(std::string& text) {
    const std::size_t bytes = length(kLongestText);
    if (rest_.size() < bytes) {
      return refuse(std::to_string(bytes) + " bytes", std::to_string(rest_.size()));
    }
    text.clear();
    for (const std::byte byte : rest_.first(bytes)) text += std::to_integer<char>(byte);
    rest_ = rest_.subspan(bytes);
  }
  template <class Kind>
  void take(Ref<Kind>& ref) {
    take(ref.path);
  }
  template <class T>
  void take(std::optional<T>& value) {
    bool present = false;
    take(present);
    value.reset();
    if (present && !trouble_) take(value.emplace());
  }
  template <class T>
  void take(std::vector<T>& list) {
    const std::size_t count = length(kLongestList);
    list.clear();
    for (std::size_t i = 0; i != count && !trouble_; ++i) take(list.emplace_back());
  }
  template <class T>
  void take(std::set<T>& list) {
    std::vector<T> found;
    take(found);
    list = {found.begin(), found.end()};
    const bool ascending = std::vector<T>(list.begin(), list.end()) == found;
    if (!ascending && !trouble_) refuse("an ascending list", "another order");
  }
  void take(Token& token) {
    for (std::uint8_t& byte : token) take(byte);
  }
  void take(Settings& settings) { visit_fields(*this, settings); }
  void take(TroubleSet& set) { visit_fields(*this, set); }

  std::span<const std::byte> rest_;
  const char* field_ = "kind";
  std::optional<std::string> trouble_;
};

}  // namespace

template <class Record>
RecordBytes encode(const Record& record) {
  RecordBytes bytes;
  Encoder encoder(bytes);
  encoder("kind", static_cast<std::uint8_t>(kKind<Record>));
  visit_fields(encoder, record);
  return bytes;
}

template <class Record>
Result<Record> decode(std::span<const std::byte> bytes) {
  Decoder decoder(bytes);
  std::uint8_t kind = 0;
  decoder("kind", kind);
  if (kind != static_cast<std::uint8_t>(kKind<Record>)) {
    return config_error(std::string("kind: expected '") + kKind<Record> + "', found " +
                        (bytes.empty() ? "nothing" : std::to_string(kind)));
  }
  Record record;
  visit_fields(decoder, record);
  LOCKSTEP_TRY(decoder.end());
  return record;
}

template RecordBytes encode(const ServiceRecord&);
template RecordBytes encode(const CopyRecord&);
template RecordBytes encode(const PeerRecord&);
template RecordBytes encode(const ElementRecord&);
template RecordBytes encode(const GroupRecord&);
template RecordBytes encode(const PairRecord&);
template RecordBytes encode(const GroupPairRecord&);
template RecordBytes encode(const JobRecord&);
template Result<ServiceRecord> decode(std::span<const std::byte>);
template Result<CopyRecord> decode(std::span<const std::byte>);
template Result<PeerRecord> decode(std::span<const std::byte>);
template Result<ElementRecord> decode(std::span<const std::byte>);
template Result<GroupRecord> decode(std::span<const std::byte>);
template Result<PairRecord> decode(std::span<const std::byte>);
template Result<GroupPairRecord> decode(std::span<const std::byte>);
template Result<JobRecord> decode(std::span<const std::byte>);

}  // namespace lockstep::replication
