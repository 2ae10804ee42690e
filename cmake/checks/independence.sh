#!/usr/bin/env bash
# The reference target must not know the oracle: no archive of target_impl may need a symbol of
# lockstep::model or lockstep::machine. Usage: independence.sh BUILD
set -euo pipefail
build=$1
archives=$(find "$build/target_impl" -name '*.a')
[ -n "$archives" ] || { echo "independence: no archives under $build/target_impl"; exit 1; }
# The search itself must be able to find something: the oracle's own archive has such symbols.
if ! nm -C "$build"/model/core/*.a 2>/dev/null | grep -E 'lockstep::model::' >/dev/null; then
  echo "independence: the oracle's archive shows no lockstep::model symbol; the check would see nothing"
  exit 1
fi
bad=$(nm -C $archives 2>/dev/null | grep -E 'lockstep::(model|machine)::' || true)
if [ -n "$bad" ]; then
  echo "target_impl uses the oracle or the state machines:"
  echo "$bad" | head
  exit 1
fi
