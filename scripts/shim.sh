#!/usr/bin/env bash
# shim.sh OUTDIR CUDA_INCLUDE: makes OUTDIR/shim-HASH/libcuda.a and prints that folder. cgo links it in place of libcuda: each function
# declared in cuda.h becomes a jump through a table, which cgo/cuda/shim/shim.c fills when the program starts.
# The path contains a hash of the inputs because Go does not notice a changed static archive, but does notice a changed linker flag.
set -euo pipefail

[ $# = 2 ] || { echo "usage: scripts/shim.sh OUTDIR CUDA_INCLUDE" >&2; exit 2; }
out=$1
include=$2
source=$(dirname "$0")/../cgo/cuda/shim/shim.c
cc=${CC:-gcc}
ar=${AR:-ar}
[ -f "$include/cuda.h" ] || { echo "shim: there is no cuda.h in $include" >&2; exit 3; }
command -v "${cc%% *}" >/dev/null || { echo "shim: the C compiler ${cc%% *} is missing" >&2; exit 3; }

# $cc may contain options, like Go's CC.
# shellcheck disable=SC2086
hash=$({ cat "$0" "$source" "$include/cuda.h"; $cc -dumpmachine -dumpfullversion; } | sha256sum | cut -c1-16)
dir=$out/shim-$hash
if [ ! -f "$dir/libcuda.a" ]; then
  mkdir -p "$out"
  new=$(mktemp -d "$out/.shim.XXXXXX")
  trap 'rm -rf "$new"' EXIT

  # The preprocessor turns names into those exported by the library (cuMemAlloc into cuMemAlloc_v2).
  # shellcheck disable=SC2086
  $cc -E -P "$include/cuda.h" | tr '\n' ' ' | grep -oE 'CUresult +cu[A-Z][A-Za-z0-9_]* *\(' |
    sed -E 's/^CUresult +//; s/ *\($//' | LC_ALL=C sort -u >"$new/names"

  awk 'BEGIN { print "#define UDML_CUDA_ENTRIES(X) \\" } { print "\tX(" $1 ") \\" } END { print "" }' "$new/names" >"$new/entries.h"

  # endbr64 starts each target of an indirect branch where the processor checks them; otherwise it does nothing.
  awk 'BEGIN { print "\t.text" }
    {
      printf "\t.globl %s\n\t.hidden %s\n\t.type %s, @function\n%s:\n", $1, $1, $1, $1
      printf "\tendbr64\n\tjmp *udml_cuda_slot+%d(%%rip)\n\t.size %s, . - %s\n", 8 * (NR - 1), $1, $1
    }
    END { print "\t.section .note.GNU-stack, \"\", @progbits" }' "$new/names" >"$new/jumps.s"

  # One object file, so that anything that needs an entry point gets the table and its constructor too.
  # shellcheck disable=SC2086
  $cc -std=gnu11 -O2 -fPIC -Wall -Wextra -I"$new" -c "$source" -o "$new/table.o"
  # shellcheck disable=SC2086
  $cc -c "$new/jumps.s" -o "$new/jumps.o"
  # shellcheck disable=SC2086
  $cc -r -nostdlib "$new/table.o" "$new/jumps.o" -o "$new/shim.o"
  $ar rcsD "$new/libcuda.a" "$new/shim.o"
  rm "$new"/*.o
  mv -T "$new" "$dir" 2>/dev/null || [ -f "$dir/libcuda.a" ] # a concurrent run was first
fi
(cd "$dir" && pwd)
