#!/bin/sh
# Makes a Qdrant collection and fills it: sh upload.sh http://localhost:6333 photos
# Points are replaced by their id, so that it can be run again. The variable QDRANT_API_KEY has the key, where the server wants one.
set -eu
cd "$(dirname "$0")"
at="$1/collections/$2"

put() {
  printf 'header = "api-key: %s"\n' "${QDRANT_API_KEY:-}" |
    curl --fail-with-body -sS -K - -X PUT -H 'Content-Type: application/json' --data-binary "@$2" "$1"
  echo
}

curl -s -o /dev/null --fail -H "api-key: ${QDRANT_API_KEY:-}" "$at" || put "$at" collection.json
for f in points-*.json; do
  [ -f "$f" ] || continue
  put "$at/points?wait=true" "$f"
done
