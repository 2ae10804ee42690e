// The target's configuration file. What it says in effect reads back as the same. Secrets are in
// the environment: LOCKSTEP_FUZZ_SECRET and LOCKSTEP_FUZZ_OTHER.
#include "target_impl/daemon/configuration/configuration.hpp"
#include "target_impl/fuzz/input.hpp"

#include <cstdlib>
#include <string>
#include <sys/mman.h>
#include <unistd.h>

namespace {

using namespace lockstep;
using fuzz::expect;

// A file that nobody else sees.
class MemoryFile {
 public:
  explicit MemoryFile(std::string_view text) : descriptor_(memfd_create("configuration", 0)) {
    expect(write(descriptor_, text.data(), text.size()) == static_cast<ssize_t>(text.size()),
           "a file in memory takes the input");
  }
  ~MemoryFile() { close(descriptor_); }
  MemoryFile(const MemoryFile&) = delete;
  MemoryFile& operator=(const MemoryFile&) = delete;
  [[nodiscard]] std::string path() const { return "/proc/self/fd/" + std::to_string(descriptor_); }

 private:
  int descriptor_;
};

[[maybe_unused]] const bool kSecretsAreSet =
    setenv("LOCKSTEP_FUZZ_SECRET", "0123456789abcdef", 1) == 0 &&
    setenv("LOCKSTEP_FUZZ_OTHER", "fedcba9876543210", 1) == 0;

std::string texts_of(const target::ReadConfiguration& read) {
  std::string text;
  for (const target::EffectiveLine& line : read.effective) text += line.text + '\n';
  return text;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t bytes) {
  const MemoryFile file(fuzz::as_text({data, bytes}));
  const auto read = target::read_configuration(file.path());
  if (!read) {
    expect(read.error().origin == Origin::Config, "a bad configuration is the file's fault");
    return 0;
  }
  const std::string effective = texts_of(read.value());
  const MemoryFile printed(effective);
  const auto again = target::read_configuration(printed.path());
  expect(again.has_value(), "an effective configuration can be read");
  expect(texts_of(again.value()) == effective, "an effective configuration stays as it is");
  return 0;
}
