#!/usr/bin/env bash
# Finds functions that the program can never reach, in the build selected by go's settings, and fails for each that
# scripts/deadcode_allowed.txt does not name. A line there that matches nothing is an error too.
set -euo pipefail
cd "$(dirname "$0")/.."
go=${GO:-go}
allowed=scripts/deadcode_allowed.txt

found=$("$go" tool -modfile=scripts/tools.mod deadcode -test=false ./cmd/udml-gpu |
  sed -nE 's/^([^:]+):[0-9:]+ unreachable func: (.*)$/\1 \2/p' | sort -u)
patterns=$(sed -nE 's/^([^# ][^ ]*) ([^ ]+) .*/^\1 \2$/p' "$allowed")
fail=0
while read -r one; do
  [ -n "$one" ] || continue
  if ! grep -qEf <(printf '%s\n' "$patterns") <<<"$one"; then
    echo "deadcode: nothing in the program reaches $one: use it, remove it, or give the reason in $allowed" >&2
    fail=1
  fi
done <<<"$found"
while read -r pattern; do
  if ! grep -qE "$pattern" <<<"$found"; then
    echo "deadcode: $allowed allows $pattern, which fits nothing any more" >&2
    fail=1
  fi
done <<<"$patterns"
[ "$fail" = 0 ] && echo "deadcode: every function is reached, or allowed with its reason"
exit "$fail"
