// A TOML table as the reader of the configuration sees it: keys are asked for by name, with what
// they may be; every answer is noted for --print-config, and the first mistake is kept.
#pragma once

#include "target_impl/daemon/configuration/configuration.hpp"

#include <toml++/toml.h>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace lockstep::target {

// What one reading collects.
struct Reading {
  std::string file;
  std::vector<EffectiveLine> effective;
  std::optional<std::string> mistake;  // the first
  // What the command line put in has no place in the file.
  [[nodiscard]] std::string place_of(const toml::source_region& region) const;
  void refuse(const toml::source_region& region, const std::string& path,
              const std::string& expected, const std::string& found);
};

template <class Number>
struct Range {
  Number least;
  Number most;
};

class Table {
 public:
  // `path`: as in "target[0].lun[1]", empty for the whole file. Both references must outlive it.
  Table(Reading& reading, const toml::table& table, std::string path)
      : reading_(&reading), table_(&table), path_(std::move(path)) {}

  // Each leaves `value` alone when the key is not there.
  void text(std::string_view key, std::string& value);
  void text(std::string_view key, std::optional<std::string>& value);
  void texts(std::string_view key, std::vector<std::string>& values);
  void boolean(std::string_view key, bool& value);
  void size(std::string_view key, std::uint64_t& bytes, Range<std::uint64_t> range);
  // "off" stands for 0 when `may_be_off`.
  void duration(std::string_view key, std::chrono::milliseconds& value,
                Range<std::chrono::milliseconds> range, bool may_be_off = false);
  template <class Number>
  void number(std::string_view key, Number& value, Range<Number> range) {
    if (const auto found = whole_number(key, range.least, range.most)) {
      value = static_cast<Number>(*found);
    }
    note(key, std::to_string(value));
  }
  template <class Number>
  void number(std::string_view key, std::optional<Number>& value, Range<Number> range) {
    if (const auto found = whole_number(key, range.least, range.most)) {
      value = static_cast<Number>(*found);
    }
    note(key, value ? std::optional(std::to_string(*value)) : std::nullopt);
  }
  void numbers(std::string_view key, std::vector<std::uint16_t>& values,
               Range<std::uint16_t> range);
  // The tables of an array of tables, or none.
  [[nodiscard]] std::vector<Table> tables(std::string_view key);
  // A table; an empty one when the key is not there.
  [[nodiscard]] Table table(std::string_view key);

  // The key must be there, which finish() checks. `expected`: "an iSCSI name"; `example`: how it is
  // written.
  void require(std::string_view key, const std::string& expected, const std::string& example);
  // Of a key that must not be used: what to do instead.
  void forbid(std::string_view key, const std::string& expected, const std::string& found);
  // Notes that the key is not there, and what that means.
  void unset(std::string_view key, const std::string& meaning);
  // Once all keys have been asked for, and before the tables below are read: complains of keys that
  // nobody asked for, then of required ones that are missing.
  void finish();

  void heading(const std::string& text);
  [[nodiscard]] bool has(std::string_view key) const { return table_->contains(key); }
  [[nodiscard]] const std::string& path() const noexcept { return path_; }
  // A mistake in the value of `key`, or in the table itself when the key is not there. `at`: which
  // element of an array.
  void refuse(std::string_view key, const std::string& expected, const std::string& found,
              std::optional<std::size_t> at = std::nullopt);

 private:
  [[nodiscard]] const toml::node* ask(std::string_view key);
  [[nodiscard]] std::string path_of(std::string_view key) const;
  [[nodiscard]] std::optional<std::int64_t> whole_number(std::string_view key, std::int64_t least,
                                                         std::int64_t most);
  void refuse_type(std::string_view key, const toml::node& node, const std::string& expected);
  // nullopt: the key is not set and has no default.
  void note(std::string_view key, const std::optional<std::string>& value);

  Reading* reading_;
  const toml::table* table_;
  std::string path_;
  std::vector<std::string> known_;
  struct Missing {
    std::string key;
    std::string expected;
    std::string example;
  };
  std::vector<Missing> missing_;
};

// As TOML writes it, with quotes and escapes.
[[nodiscard]] std::string quoted(std::string_view text);

}  // namespace lockstep::target
