#!/usr/bin/env bash
# Fuzzes each parser of foreign bytes: fuzz.sh HOW_MUCH, such as 2000x (inputs a parser) or 1m. Each package is built once for all of its
# targets, which saves most of the time of `go test -fuzz`. New inputs are kept in Go's cache, as go test does. Prefer a number of inputs:
# with a time, go test reports a failure when it ends in the middle of certain inputs ("context deadline exceeded").
set -euo pipefail
cd "$(dirname "$0")/.."
go=${GO:-go}
much=${1:?usage: scripts/fuzz.sh HOW_MUCH, such as 2000x or 1m}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cache=$("$go" env GOCACHE)/fuzz/udml-gpu

built=
while read -r package target; do
  if [ "$package" != "$built" ]; then
    "$go" test -c -fuzz=. -o "$work/fuzz.test" "$package"
    built=$package
  fi
  echo "$package $target"
  (cd "$package" && "$work/fuzz.test" -test.run='^$' -test.fuzz="^$target\$" -test.fuzztime="$much" -test.fuzzcachedir="$cache/$package" \
    -test.timeout=20m)
done < <(scripts/fuzz_targets.sh | sort)
