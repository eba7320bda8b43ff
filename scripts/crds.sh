#!/usr/bin/env bash
# Prints the files with the definitions of custom resources that scripts/manifests_crds.txt lists. The modules come from the Go module
# proxy, exactly as their sums say, into Go's module cache.
set -euo pipefail
cd "$(dirname "$0")/.."
go=${GO:-go}
while read -r module version sum files; do
  [ "$module" != "#" ] || continue
  about=$("$go" mod download -json "$module@$version")
  field() { sed -n "s/^\t\"$1\": \"\(.*\)\",\{0,1\}\$/\1/p" <<<"$about"; }
  [ "$(field Sum)" = "$sum" ] || { echo "crds: $module $version is not the one of scripts/manifests_crds.txt: $(field Sum)" >&2; exit 1; }
  for file in $files; do printf '%s/%s\n' "$(field Dir)" "$file"; done
done <scripts/manifests_crds.txt
