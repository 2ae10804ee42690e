#include "model/wire/object_path.hpp"

#include <algorithm>
#include <utility>

namespace lockstep::wire {
namespace {

// References within references: an association between associations is already unusual.
constexpr int kDeepestNesting = 8;

char lower(char letter) noexcept {
  return letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter - 'A' + 'a') : letter;
}

std::string quoted(std::string_view text) {
  std::string out = "\"";
  for (const char letter : text) {
    if (letter == '"' || letter == '\\') out += '\\';
    out += letter;
  }
  return out + '"';
}

bool is_name_letter(char letter) noexcept {
  return (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z') ||
         (letter >= '0' && letter <= '9') || letter == '_' ||
         static_cast<unsigned char>(letter) >= 0x80;
}

bool is_name(std::string_view text) noexcept {
  const bool starts_well = !text.empty() && !(text.front() >= '0' && text.front() <= '9');
  return starts_well && std::all_of(text.begin(), text.end(), is_name_letter);
}

bool is_namespace(std::string_view text) noexcept {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char letter) {
    return is_name_letter(letter) || letter == '/' || letter == '-' || letter == '.';
  });
}

class Parser {
 public:
  Parser(std::string_view text, int depth) : text_(text), depth_(depth) {}

  Result<ObjectPath> path() {
    ObjectPath path;
    const std::size_t quote = text_.find('"');
    const std::size_t colon = text_.find(':');
    const std::size_t equals = text_.find('=');
    const std::size_t limit = std::min({quote, equals, text_.size()});
    if (colon < limit) {
      path.name_space = std::string(text_.substr(0, colon));
      while (!path.name_space.empty() && path.name_space.front() == '/')
        path.name_space.erase(0, 1);
      if (!is_namespace(path.name_space)) return wrong("a namespace before ':'");
      at_ = colon + 1;
    }
    const std::size_t class_end = text_.find('.', at_);
    path.class_name = std::string(text_.substr(at_, class_end - at_));
    if (!is_name(path.class_name)) return wrong("a class name");
    if (class_end == std::string_view::npos) return path;
    at_ = class_end + 1;
    for (;;) {
      LOCKSTEP_TRY(auto binding, key());
      path.keys.push_back(std::move(binding));
      if (at_ == text_.size()) return path;
      if (text_[at_] != ',') return wrong("',' between two keys");
      ++at_;
    }
  }

 private:
  Result<KeyBinding> key() {
    KeyBinding binding;
    const std::size_t equals = text_.find('=', at_);
    if (equals == std::string_view::npos) return wrong("a key with '='");
    binding.name = std::string(text_.substr(at_, equals - at_));
    if (!is_name(binding.name)) return wrong("the name of a key");
    at_ = equals + 1;
    if (at_ < text_.size() && text_[at_] == '"') return quoted_key(std::move(binding));
    const std::size_t end = std::min(text_.find(',', at_), text_.size());
    binding.text = std::string(text_.substr(at_, end - at_));
    const bool boolean = same_name(binding.text, "true") || same_name(binding.text, "false");
    binding.type = boolean ? KeyType::Boolean : KeyType::Numeric;
    const bool numeric =
        binding.text.find_first_of("+-0123456789") == 0 &&
        binding.text.find_first_not_of("+-.0123456789abcdefABCDEFxX") == std::string::npos;
    if (!boolean && !numeric) return wrong("a quoted text, a number or a truth value");
    at_ = end;
    return binding;
  }

  Result<KeyBinding> quoted_key(KeyBinding binding) {
    std::string value;
    for (++at_; at_ < text_.size() && text_[at_] != '"'; ++at_) {
      if (text_[at_] == '\\' && at_ + 1 < text_.size()) ++at_;
      value += text_[at_];
    }
    if (at_ == text_.size()) return wrong("a closing quote");
    ++at_;
    // A text that is itself an object path with keys is a reference; no other type of key can hold
    // one.
    if (depth_ < kDeepestNesting && value.find("=\"") != std::string::npos) {
      auto inner = Parser(value, depth_ + 1).path();
      if (inner && inner.value().names_instance()) {
        binding.type = KeyType::Reference;
        binding.reference.push_back(std::move(inner).value());
        return binding;
      }
    }
    binding.text = std::move(value);
    return binding;
  }

  [[nodiscard]] Error wrong(const std::string& expected) const {
    return usage_error("object path \"" + std::string(text_.substr(0, 200)) + "\": expected " +
                       expected + " at character " + std::to_string(at_ + 1));
  }

  std::string_view text_;
  int depth_;
  std::size_t at_ = 0;
};

}  // namespace

const KeyBinding* ObjectPath::key(std::string_view name) const noexcept {
  for (const KeyBinding& binding : keys) {
    if (same_name(binding.name, name)) return &binding;
  }
  return nullptr;
}

KeyBinding string_key(std::string name, std::string text) {
  return {std::move(name), KeyType::String, std::move(text), {}};
}

KeyBinding reference_key(std::string name, ObjectPath path) {
  KeyBinding binding;
  binding.name = std::move(name);
  binding.type = KeyType::Reference;
  binding.reference.push_back(std::move(path));
  return binding;
}

bool same_name(std::string_view a, std::string_view b) noexcept {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](char x, char y) { return lower(x) == lower(y); });
}

std::string lower_case(std::string_view text) {
  std::string out(text);
  for (char& letter : out) letter = lower(letter);
  return out;
}

std::string identity_of(const ObjectPath& path, std::string_view default_namespace) {
  std::vector<std::string> keys;
  for (const KeyBinding& binding : path.keys) {
    std::string key = lower_case(binding.name) + "=";
    switch (binding.type) {
      case KeyType::Reference:
        key += quoted(binding.reference.empty()
                          ? std::string()
                          : identity_of(binding.reference.front(), path.name_space.empty()
                                                                       ? default_namespace
                                                                       : path.name_space));
        break;
      case KeyType::Boolean:
        key += quoted(lower_case(binding.text));
        break;
      default:
        key += quoted(binding.text);
    }
    keys.push_back(std::move(key));
  }
  std::sort(keys.begin(), keys.end());
  std::string text =
      lower_case(path.name_space.empty() ? default_namespace : std::string_view(path.name_space)) +
      ":" + lower_case(path.class_name);
  char separator = '.';
  for (const std::string& key : keys) {
    text += separator + key;
    separator = ',';
  }
  return text;
}

std::string to_text(const ObjectPath& path) {
  std::string text = path.name_space.empty() ? "" : path.name_space + ":";
  text += path.class_name;
  char separator = '.';
  for (const KeyBinding& binding : path.keys) {
    text += separator + binding.name + "=";
    separator = ',';
    if (binding.type == KeyType::Reference) {
      text += quoted(binding.reference.empty() ? "" : to_text(binding.reference.front()));
    } else {
      text += binding.type == KeyType::String ? quoted(binding.text) : binding.text;
    }
  }
  return text;
}

Result<ObjectPath> parse_object_path(std::string_view text) { return Parser(text, 0).path(); }

}  // namespace lockstep::wire
