#!/usr/bin/env bash
# Prints 16 hex digits that change with any CUDA source. They are compiled into the fatbin (kernel udml_sources_HASH), and the program
# compares them with those of its embedded sources. The hash is over each file's "path\nlength\n" and bytes, paths under kernels/ in byte
# order.
set -euo pipefail
cd "$(dirname "$0")/../kernels"
export LC_ALL=C
shopt -s nullglob

printf '%s\n' */*.cu */*.cuh | sort | while read -r file; do
  printf '%s\n%d\n' "$file" "$(wc -c <"$file")"
  cat "$file"
done | sha256sum | cut -c1-16
