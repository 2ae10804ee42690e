// lockstep target: the reference target, for any initiator.
#include "cli/commands.hpp"
#include "cli/console.hpp"
#include "cli/exit_codes.hpp"
#include "cli/interrupt.hpp"
#include "cli/reference_luns.hpp"
#include "target_impl/reference.hpp"

#include <fmt/format.h>

#include <chrono>
#include <thread>

namespace lockstep::cli {
namespace {

constexpr std::uint32_t kBlockBytes = 512;
constexpr std::chrono::milliseconds kPollInterval{50};

Status print_luns(ReferenceProvider& reference, const std::vector<std::uint64_t>& sizes) {
  for (std::size_t i = 0; i < sizes.size(); ++i) {
    CreateVolumeRequest request;
    request.element_name = fmt::format("lun {}", i + 1);
    request.blocks = BlockCount{sizes[i] / kBlockBytes};
    LOCKSTEP_TRY(const auto answer, reference.invoke(request));
    if (!answer.completed() || !answer.target_element) {
      return config_error(
          fmt::format("--lun: a LUN of {} bytes was refused with {}; choose a smaller one",
                      sizes[i], code_text(answer)));
    }
    LOCKSTEP_TRY(const auto url, url_of(reference, *answer.target_element));
    print(fmt::format("{}  {} bytes", url, sizes[i]));
  }
  return ok();
}

}  // namespace

int run(const TargetOptions& options) {
  ReferenceOptions reference_options;
  reference_options.address = options.address;
  reference_options.port = options.port;
  reference_options.pool_bytes = 1ULL << 30;
  for (const std::uint64_t bytes : options.lun_bytes) reference_options.pool_bytes += 2 * bytes;
  auto reference = make_reference(reference_options);
  if (!reference) return fail(reference.error());
  watch_for_interrupt();
  if (const auto printed = print_luns(*reference.value(), options.lun_bytes); !printed)
    return fail(printed.error());
  print("serving; stop with Ctrl-C");

  const auto started = std::chrono::steady_clock::now();
  while (!interrupted()) {
    if (options.stop_after && std::chrono::steady_clock::now() - started >= *options.stop_after)
      break;
    std::this_thread::sleep_for(kPollInterval);
  }
  reference.value().reset();
  print("stopped");
  return kAsExpected;
}

}  // namespace lockstep::cli
