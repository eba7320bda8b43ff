#!/bin/bash
# Builds and runs the self tests of the emulated device: selftest.sh OUTDIR CUDA_INCLUDE_DIR KERNELS_DIR [PART_OF_A_NAME]
set -euo pipefail

if [ $# -lt 3 ]; then
    echo "usage: $0 OUTDIR CUDA_INCLUDE_DIR KERNELS_DIR [PART_OF_A_NAME]" >&2
    exit 2
fi
emu=$(cd "$(dirname "$0")" && pwd)
"$emu/build.sh" "$1" "$2" "$3" 12ab "$3/include/sources.cu" "$emu"/selftest/*.cu

program=$1/selftest newest=
newest=$(find "$emu/selftest" "$1/plain/libcuda.so.1" "$emu/selftest.sh" -printf '%T@ %p\n' | sort -n | tail -n 1 | cut -d ' ' -f 2-)
if [ ! -f "$program" ] || [ "$newest" -nt "$program" ]; then
    folder=$(cd "$1/plain" && pwd)
    g++ -std=c++17 -O1 -march=x86-64-v3 -Wall -Wextra -Wno-missing-field-initializers -I"$2" "$emu"/selftest/*.cpp -o "$program" \
        "$folder/libcuda.so.1" -Wl,-rpath,"$folder"
fi
exec "$program" "$(cd "$1" && pwd)" "${4:-}"
