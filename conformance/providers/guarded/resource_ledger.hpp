// resources.jsonl: what a run makes on a provider, written before it is made and struck when it is
// gone, so that a killed run can be cleaned up after.
//
// What a call is going to make and what it made reaches the disk before anything else happens; that
// something is gone may be lost, and then is found out again. Lines are JSON objects with a member
// "op": run, before, intend, answered, made, gone.
#pragma once

#include "model/custody/custody.hpp"
#include "model/vocab/error.hpp"

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

namespace lockstep::conformance {

inline constexpr const char* kResourceLedgerName = "resources.jsonl";

struct ResourceHeader {
  std::string run_id;
  std::string name_prefix;  // of every volume that the run names
  std::string provider_spec;
  std::string organisation;
  std::string product;
  friend bool operator==(const ResourceHeader&, const ResourceHeader&) = default;
};

// What a file says is still there.
struct ResourceState {
  ResourceHeader header;
  ObjectSet before;                                 // was there when the run began
  ObjectSet made;                                   // made and not struck
  std::map<ElementRef, std::string> names;          // of the elements among them, where known
  std::map<std::uint64_t, std::string> unanswered;  // calls whose outcome was never learnt
  std::uint64_t last_call = 0;                      // its number
};

// Thread-safe. Not writable: Origin::Config, naming the file; then nothing may be made.
class ResourceLedger {
 public:
  // A new file in `folder`, which exists.
  [[nodiscard]] static Result<std::unique_ptr<ResourceLedger>> create(
      const std::filesystem::path& folder, const ResourceHeader& header, const ObjectSet& before);
  // Goes on with the file in `folder`; half a line at its end is cut off.
  [[nodiscard]] static Result<std::unique_ptr<ResourceLedger>> reopen(
      const std::filesystem::path& folder);
  ~ResourceLedger();
  ResourceLedger(const ResourceLedger&) = delete;
  ResourceLedger& operator=(const ResourceLedger&) = delete;

  // Before a call that may make something. `name`: of the volume; may be empty. Returns the number
  // of the call.
  [[nodiscard]] Result<std::uint64_t> intend(const std::string& call, const std::string& name);
  // After its answer, and after what it made has been written.
  [[nodiscard]] Status answered(std::uint64_t number);
  [[nodiscard]] Status made(const ObjectSet& objects,
                            const std::map<ElementRef, std::string>& names);
  [[nodiscard]] Status gone(const ObjectSet& objects);

 private:
  ResourceLedger(std::filesystem::path file, int descriptor, std::uint64_t next_number);
  [[nodiscard]] Status append(const std::string& lines, bool to_disk = true);

  std::filesystem::path file_;
  int descriptor_;
  std::uint64_t next_number_;
  std::mutex mutex_;
};

// `path`: the run's folder, or the file. Half a line at the end is dropped; any other line that
// cannot be read is an error naming its number: guessing could take away somebody else's volume.
[[nodiscard]] Result<ResourceState> read_resources(const std::filesystem::path& path);
// The same from memory; `name` is for messages.
[[nodiscard]] Result<ResourceState> parse_resources(std::string_view text, const std::string& name);

}  // namespace lockstep::conformance
