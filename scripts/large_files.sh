#!/usr/bin/env bash
# Fails where git keeps a file of more than 4 MiB, as a program that was built in the root and added by accident: it stays in the history.
set -euo pipefail
cd "$(dirname "$0")/.."

LIMIT=4194304 # bytes; the largest that is meant to be there has half of it
found=$(git ls-files -z | xargs -0 -r stat --format '%s %n' | awk -v limit="$LIMIT" '$1 > limit')
if [ -n "$found" ]; then
  printf 'large_files: git keeps a file of more than %d bytes; remove it from the index (git rm --cached) and name it in .gitignore:\n%s\n' \
    "$LIMIT" "$found" >&2
  exit 1
fi
