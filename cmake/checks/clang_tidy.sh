#!/usr/bin/env bash
# clang-tidy over every source file of the project. Usage: clang_tidy.sh ROOT BUILD
set -euo pipefail
root=$1 build=$2
cd "$root"
git ls-files -co --exclude-standard -- '*.cpp' | grep -v '/test/' |
  xargs -r -P 2 -n 4 clang-tidy -p "$build" --quiet 2>/dev/null
