// The subcommands. Each carries its options out and returns an exit code (exit_codes.hpp).
#pragma once

#include "cli/options.hpp"

namespace lockstep::cli {

[[nodiscard]] int run(const ConformOptions& options);
[[nodiscard]] int run(const CheckOptions& options);
[[nodiscard]] int run(const BenchOptions& options);
[[nodiscard]] int run(const BenchPeersOptions& options);
[[nodiscard]] int run(const GateOptions& options);
[[nodiscard]] int run(const TargetOptions& options);
[[nodiscard]] int run(const ReportOptions& options);
[[nodiscard]] int run(const CompareOptions& options);
[[nodiscard]] int run(const ReplayOptions& options);
[[nodiscard]] int run(const ListOptions& options);
[[nodiscard]] int run(const MergeOptions& options);
[[nodiscard]] int run(const SweepOptions& options);
[[nodiscard]] int run(const RecoverOptions& options);
[[nodiscard]] int run(const BaselineOptions& options);
[[nodiscard]] int run(const ExplainOptions& options);
[[nodiscard]] int run(const DoctorOptions& options);
[[nodiscard]] int run(const KillMatrixOptions& options);
[[nodiscard]] int run(const AdapterOptions& options);

}  // namespace lockstep::cli
