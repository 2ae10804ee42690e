// What the subcommands' options have in common.
#include "cli/options/subcommands.hpp"

#include <cstdio>
#include <sstream>

namespace lockstep::cli {

CLI::App* Subcommands::add(const std::string& name, const std::string& what,
                           const std::string& examples, Maker maker) {
  CLI::App* sub = program_.add_subcommand(name, what);
  sub->footer(footer_of(examples));
  makers_[name] = std::move(maker);
  return sub;
}

std::string footer_of(const std::string& examples) {
  return "Examples:\n" + examples +
         "\nExit codes: 0 as expected, 1 unexpected result, 2 inconclusive only, 64 usage, 69 "
         "provider or target\n"
         "unreachable, 70 bug of lockstep, 77 nothing ran, 130 interrupted.";
}

CLI::Validator duration_validator() {
  return CLI::Validator(
      [](std::string& text) {
        return parse_duration(text)
                   ? std::string()
                   : "expected a duration such as 500ms, 60s or 10m, found '" + text + "'";
      },
      "DURATION");
}

CLI::Validator size_validator() {
  return CLI::Validator(
      [](std::string& text) {
        const auto bytes = parse_byte_size(text);
        if (!bytes) return "expected a size such as 64KiB or 256MiB, found '" + text + "'";
        if (*bytes == 0 || *bytes % 512 != 0)
          return "expected a multiple of 512 bytes above 0, found '" + text + "'";
        constexpr std::uint64_t kLargest = 64ULL << 40;
        if (*bytes > kLargest) return "expected at most 64TiB, found '" + text + "'";
        return std::string();
      },
      "SIZE");
}

bool read_shard(const std::string& text, ConformOptions& options) {
  constexpr std::size_t kMostShards = 10'000;
  std::istringstream stream(text);
  std::size_t shard = 0;
  std::size_t shards = 0;
  char slash = 0;
  stream >> shard >> slash >> shards;
  if (!stream || slash != '/' || stream.peek() != EOF) return false;
  if (shard < 1 || shard > shards || shards > kMostShards) return false;
  options.shard = shard;
  options.shards = shards;
  return true;
}

}  // namespace lockstep::cli
