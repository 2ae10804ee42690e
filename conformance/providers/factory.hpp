// Providers by name: "reference", "reference:<variant>", "null", "faulty:<name>",
// "cimxml://host:port/namespace", "https://host:port/namespace", "exec:./adapter".
#pragma once

#include "model/port/provider.hpp"
#include "model/vocab/error.hpp"
#include "target_impl/reference.hpp"

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace lockstep::conformance {

// Unknown name: Origin::Usage, naming it and the nearest known ones.
[[nodiscard]] Result<std::unique_ptr<Provider>> make_provider(const std::string& spec,
                                                              const ReferenceOptions& options = {});

// Where a provider is asked over a wire or pipe: every exchange from now on into a file in
// `folder`, secrets removed. Nothing for the others.
[[nodiscard]] Status keep_evidence(Provider& provider, const std::filesystem::path& folder);

// A faulty provider is the reference with one named bug, put on from outside.
struct FaultyProvider {
  std::string name;                  // "late-snapshot"
  std::string description;           // what is wrong with it, one sentence
  std::vector<std::string> clauses;  // any one of these is the right one to name
};
[[nodiscard]] const std::vector<FaultyProvider>& faulty_providers();

}  // namespace lockstep::conformance
