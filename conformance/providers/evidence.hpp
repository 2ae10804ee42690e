// Every exchange with an outside provider, as text, with the secrets removed.
#pragma once

#include <cstddef>
#include <filesystem>
#include <fstream>
#include <map>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

namespace lockstep::conformance {

// Thread-safe.
class Evidence {
 public:
  // Texts that must never be shown; empty ones are ignored.
  explicit Evidence(std::vector<std::string> secrets);
  [[nodiscard]] std::string without_secrets(std::string text) const;
  void add(const std::string& text);
  // A message of a call: in full the first time, later as "as in call N" (polls repeat themselves
  // thousands of times). `id_text` is what always differs: the call's id as the messages have it.
  void add_exchange(const std::string& call_id, const std::string& id_text, const std::string& head,
                    const std::string& request, const std::string& answer_head,
                    const std::string& answer);
  // From now on into that file, beginning with what was kept so far. False: it cannot be written.
  [[nodiscard]] bool write_to(const std::filesystem::path& file);
  // The last exchanges, as far as they are held in memory.
  [[nodiscard]] std::string recent() const;

 private:
  [[nodiscard]] std::string once(const std::string& call_id, const std::string& id_text,
                                 const std::string& body);
  const std::vector<std::string> secrets_;
  mutable std::mutex mutex_;
  std::string held_;
  std::map<std::pair<std::size_t, std::size_t>, std::string> seen_;  // hash and size; call id
  std::ofstream file_;
};

// The values of environment variables that are called after a secret: …PASSWORD…, …SECRET…,
// …TOKEN…, …CREDENTIAL…, …KEY…. Very short ones are left out.
[[nodiscard]] std::vector<std::string> secrets_of_environment();

}  // namespace lockstep::conformance
