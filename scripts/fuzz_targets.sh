#!/usr/bin/env bash
# Lists every fuzz target as "package name", one a line.
set -euo pipefail
cd "$(dirname "$0")/.."
grep -rlE '^func Fuzz[A-Za-z0-9]+\(' --include='*_test.go' . | sort | while read -r file; do
  grep -oE '^func Fuzz[A-Za-z0-9]+' "$file" | awk -v p="$(dirname "$file")" '{print p, $2}'
done
