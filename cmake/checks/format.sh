#!/usr/bin/env bash
# Fails when a source file is not formatted as .clang-format says. Usage: format.sh ROOT
set -euo pipefail
cd "$1"
git ls-files -co --exclude-standard -- '*.cpp' '*.hpp' '*.ipp' | xargs -r clang-format --dry-run -Werror
