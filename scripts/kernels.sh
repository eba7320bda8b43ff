#!/usr/bin/env bash
# Compiles every kernels/*/*.cu to kernels/fatbin/kernels.fatbin: machine code for sm_80 and sm_90a, and PTX of compute_80 for newer GPUs.
# Prints registers, shared memory, spills and stack frame of each kernel, and fails on a stack frame, where spilled registers and arrays in
# local memory lie, in one that is not marked KERNEL_STACK_ALLOWED(name).
# kernels.sh [NVCC]; by default the compiler that scripts/toolchain.sh found or fetched.
set -euo pipefail
cd "$(dirname "$0")/.."

nvcc=${1:-$(sed -n 's/^NVCC=//p' build/toolchain/env.mk 2>/dev/null || true)}
[ -n "$nvcc" ] || { echo "kernels: there is no compiler yet; scripts/toolchain.sh fetches it" >&2; exit 3; }
[ -x "$nvcc" ] || { echo "kernels: $nvcc is missing or not a program" >&2; exit 3; }
export LC_ALL=C
shopt -s nullglob

WORK=build/kernels
FATBIN=kernels/fatbin/kernels.fatbin
FLAGS=(-std=c++17 -O3 -I kernels/include --fatbin
  -gencode "arch=compute_80,code=sm_80" -gencode "arch=compute_90a,code=sm_90a" -gencode "arch=compute_80,code=compute_80")

# sources END: the files kernels/*/*END, one a line.
sources() {
  local files=(kernels/*/*"$1")
  [ ${#files[@]} -eq 0 ] || printf '%s\n' "${files[@]}"
}

# one_unit prints a file that includes every .cu: one compilation gives one module, several times faster than file by file, because CUDA's
# headers are read once. Each .cu gets its own namespace, so that two may use the same name for a constant or a device function; their
# includes therefore come first, outside of it. The namespace of a .cu then differs from that of its room's header, so a using directive
# is added.
one_unit() {
  local file names seen
  names=$(namespaces)
  seen=$(sed -n 's/..*/namespace & { using namespace ::&; }/p' <<<"$names")
  headers
  sed -n 's/..*/namespace & {}/p' <<<"$names"
  while read -r file; do
    printf 'namespace %s {\n%s\n#include "../../%s"\n}\n' "$(name_of "$file")" "$seen" "$file"
  done < <(sources .cu)
}

# namespaces: the namespaces in the headers.
namespaces() {
  sources .cuh | xargs -r sed -nE 's/^namespace +([A-Za-z0-9_:]+) *\{.*/\1/p' | sort -u
}

# headers: the files included by the .cu files, each once, in the order of the first include.
headers() {
  local file line name
  while read -r file; do
    while read -r line; do
      name=${line//[\"<>]/}
      if [[ $line == \<* ]]; then
        printf '#include %s\n' "$line"
      elif [ -f "${file%/*}/$name" ]; then
        printf '#include "%s"\n' "$(realpath --relative-to="$WORK" "${file%/*}/$name")"
      else
        printf '#include "%s"\n' "$(realpath --relative-to="$WORK" "kernels/include/$name")"
      fi
    done < <(sed -nE 's/^ *# *include +(["<][^">]+[">]).*/\1/p' "$file")
  done < <(sources .cu) | awk '!/\.cu"/ && !seen[$0]++'
}

name_of() {
  local name=${1#kernels/}
  name=${name%.cu}
  printf 'file_%s' "${name//[^A-Za-z0-9]/_}"
}

# resources LOG: "kernel architecture registers shared spilled stack" a line, from the output of ptxas.
resources() {
  awk '
    function before(word,   n) { n = $0; sub(" " word ".*", "", n); sub(".*[ ,]", "", n); return n + 0 }
    /Compiling entry function/ { split($0, quoted, "\047"); kernel = quoted[2]; arch = quoted[4]; spilled = 0; stack = 0; shared = 0 }
    /bytes spill stores/ {
      spilled += before("bytes spill stores") + before("bytes spill loads")
      stack += before("bytes stack frame")
    }
    /Used [0-9]+ registers/ {
      if (/bytes smem/) shared = before("bytes smem")
      print kernel, arch, before("registers"), shared, spilled, stack
    }' "$1" | sort
}

# unmarked RESOURCES: the kernels that have a stack frame without a mark.
unmarked() {
  awk '$6 > 0 { print $1 }' "$1" | sort -u | while read -r kernel; do
    sources .cu | xargs -r grep -qE "KERNEL_STACK_ALLOWED\( *$kernel *\)" || printf '%s\n' "$kernel"
  done
}

# said_by_compiler: its log without the figures that resources reads.
said_by_compiler() { awk '!/^ptxas info|^    [0-9]+ bytes stack|^$/' "$WORK/log"; }

hash=$(scripts/kernel_hash.sh)
key="$hash $("$nvcc" --version | tail -1) ${FLAGS[*]} $(sha256sum <scripts/kernels.sh)"
if [ -f "$FATBIN" ] && [ -f "$WORK/stamp" ] && [ "$(<"$WORK/stamp")" = "$key" ]; then
  echo "kernels: $FATBIN is up to date (sources $hash; resources in $WORK/resources.txt)"
  exit
fi
[ -n "$(sources .cu)" ] || { echo "kernels: there is no .cu file under kernels/" >&2; exit 1; }

mkdir -p "$WORK" "$(dirname "$FATBIN")"
one_unit >"$WORK/all.cu"
compiled=$WORK/kernels.fatbin.$$
trap 'rm -f "$compiled"' EXIT
if ! "$nvcc" "${FLAGS[@]}" -DUDML_SOURCES="$hash" --threads 2 --split-compile 2 -Xptxas -v "$WORK/all.cu" -o "$compiled" \
  >"$WORK/log" 2>&1; then
  said_by_compiler | sed -n 1,40p >&2
  echo "kernels: the compiler failed and nothing was replaced; all it said is in $WORK/log" >&2
  exit 1
fi
said_by_compiler >&2

resources "$WORK/log" >"$WORK/resources"
(echo "kernel architecture registers shared spilled stack"; cat "$WORK/resources") |
  awk '{ printf "%-44s %-12s %9s %9s %9s %9s\n", $1, $2, $3, $4, $5, $6 }' | tee "$WORK/resources.txt"
framed=$(unmarked "$WORK/resources")
if [ -n "$framed" ]; then
  echo "kernels: these keep values in local memory and are not marked KERNEL_STACK_ALLOWED: ${framed//$'\n'/, }" >&2
  exit 1
fi
mv "$compiled" "$FATBIN"
# The major version of the toolkit is that of the oldest driver that can load its output; the program reads it from this file.
"$nvcc" --version | sed -nE 's/.*release ([0-9]+\.[0-9]+).*/\1/p' >kernels/fatbin/toolkit
printf '%s\n' "$key" >"$WORK/stamp"
echo "kernels: $FATBIN, $(wc -c <"$FATBIN") bytes, sources $hash"
