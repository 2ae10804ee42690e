#!/usr/bin/env bash
# Installs the packages of packages.txt whose first column is among the arguments, where they are missing.
# Usage: install_packages.sh build [test]
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

missing=()
while read -r tier package; do
  case " $* " in *" $tier "*) ;; *) continue ;; esac
  dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'install ok installed' || missing+=("$package")
done < <(grep -v '^#' "$here/packages.txt")
[ ${#missing[@]} -eq 0 ] && exit 0

if [ "$(id -u)" -eq 0 ]; then
  as_root=()
elif command -v sudo >/dev/null; then
  as_root=(sudo)
else
  echo "lockstep: these packages are missing and only root can install them: ${missing[*]}" >&2
  exit 69
fi
echo "lockstep: installing ${missing[*]}" >&2
export DEBIAN_FRONTEND=noninteractive
log=$(mktemp)
if ! { "${as_root[@]}" apt-get update -q && "${as_root[@]}" apt-get install -y -q --no-install-recommends "${missing[@]}"; } >"$log" 2>&1; then
  cat "$log" >&2
  echo "lockstep: apt-get could not install ${missing[*]}; its output is above" >&2
  exit 69
fi
rm -f "$log"
