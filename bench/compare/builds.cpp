#include "bench/compare/builds.hpp"

#include "bench/process/child.hpp"

#include <chrono>
#include <filesystem>
#include <fstream>
#include <vector>

namespace lockstep::bench::compare {
namespace {

constexpr std::chrono::minutes kBuildLimit{60};
constexpr std::size_t kMostOutputBytes = 4096;  // of a command whose output is a path

Status run_step(const std::string& what, const std::vector<std::string>& arguments,
                const std::string& log, const Child::Variables& more = {}) {
  LOCKSTEP_TRY(Child child, Child::start(arguments, log, more));
  if (const int code = child.wait(kBuildLimit); code != 0) {
    return config_error(what + ": expected exit code 0 of " + arguments[0] + ", found " +
                        (code < 0 ? "no end in time" : std::to_string(code)) +
                        "; its output is in " + log);
  }
  return ok();
}

Result<std::string> first_line_of(const std::string& what,
                                  const std::vector<std::string>& arguments,
                                  const std::string& log) {
  LOCKSTEP_TRY(run_step(what, arguments, log));
  std::string text(kMostOutputBytes, '\0');
  std::ifstream file(log, std::ios::binary);
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(file.gcount()));
  return text.substr(0, text.find('\n'));
}

Result<std::string> build_release(const std::string& sources, const std::string& log) {
  const std::string build = sources + "/build/release";
  // What both sides have in common is compiled once, wherever each of them lies.
  const Child::Variables shared{{"CCACHE_BASEDIR", sources}, {"CCACHE_NOHASHDIR", "1"}};
  LOCKSTEP_TRY(run_step("configuring " + sources,
                        {"cmake", "-S", sources, "--preset", "release", "-B", build}, log, shared));
  LOCKSTEP_TRY(run_step("building " + sources, {"cmake", "--build", build, "--target", "lockstep"},
                        log, shared));
  return build + "/cli/lockstep";
}

// A checkout of another revision, which the clone forgets with the object.
class Checkout {
 public:
  [[nodiscard]] static Result<Checkout> make(const std::string& clone, const std::string& revision,
                                             const std::string& folder, const std::string& log) {
    LOCKSTEP_TRY(run_step(
        "checking out " + revision,
        {"git", "-C", clone, "worktree", "add", "--detach", "--force", folder, revision}, log));
    return Checkout(clone, folder, log);
  }
  Checkout(Checkout&& other) noexcept
      : clone_(std::move(other.clone_)),
        folder_(std::exchange(other.folder_, {})),
        log_(std::move(other.log_)) {}
  Checkout& operator=(Checkout&&) = delete;
  // The program stays; only the clone's note of it goes.
  ~Checkout() {
    if (folder_.empty()) return;
    std::error_code ignored;
    std::filesystem::remove(folder_ + "/.git", ignored);
    static_cast<void>(
        run_step("forgetting " + folder_, {"git", "-C", clone_, "worktree", "prune"}, log_));
  }

 private:
  Checkout(std::string clone, std::string folder, std::string log)
      : clone_(std::move(clone)), folder_(std::move(folder)), log_(std::move(log)) {}
  std::string clone_;
  std::string folder_;
  std::string log_;
};

}  // namespace

Result<Builds> build_both(const BuildOptions& options) {
  const std::string folder = std::filesystem::absolute(options.folder).string();
  const std::string log = folder + "/build.log";
  LOCKSTEP_TRY(const auto clone,
               first_line_of("finding the clone around " + options.sources,
                             {"git", "-C", options.sources, "rev-parse", "--show-toplevel"},
                             folder + "/clone.txt"));
  // "--": a revision that looks like an option is not one.
  LOCKSTEP_TRY(const auto commit,
               first_line_of("finding revision " + options.revision,
                             {"git", "-C", clone, "rev-parse", "--verify", "--end-of-options",
                              options.revision + "^{commit}"},
                             folder + "/commit.txt"));
  Builds builds;
  const std::string base_sources = folder + "/base-sources";
  LOCKSTEP_TRY(const auto checkout, Checkout::make(clone, commit, base_sources, log));
  if (options.progress) options.progress("building " + options.revision + " (" + commit + ")");
  LOCKSTEP_TRY(builds.base_program, build_release(base_sources, log));
  if (options.progress) options.progress("building " + clone);
  LOCKSTEP_TRY(builds.new_program, build_release(clone, log));
  return builds;
}

}  // namespace lockstep::bench::compare
