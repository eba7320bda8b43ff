#!/bin/bash
# Builds the stand-ins for NVIDIA's libraries on the emulated device: build.sh OUTDIR makes OUTDIR/libcudnn.so.9,
# OUTDIR/libcublasLt.so.12 and OUTDIR/libnccl.so.2, which UDML_LIBCUDNN, UDML_LIBCUBLASLT and UDML_LIBNCCL name. Files that are up to date
# are kept.
set -euo pipefail

if [ $# -ne 1 ]; then
    echo "usage: $0 OUTDIR" >&2
    exit 2
fi
here=$(cd "$(dirname "$0")" && pwd)
mkdir -p "$1"

# build SOURCE LIBRARY: replaces the library in one step, because programs may have it open.
build() {
    local library=$out/$2
    local file newer=1
    for file in "$1" stand_in.h nccl.h build.sh; do
        if [ ! "$library" -nt "$here/$file" ]; then newer=; fi
    done
    if [ -n "$newer" ]; then return; fi
    g++ -std=c++17 -O2 -fPIC -shared -fvisibility=hidden -Wall -Wextra -Wl,-z,defs -Wl,-soname,"$2" -o "$library.part" "$here/$1" -ldl
    mv "$library.part" "$library"
}

out=$(cd "$1" && pwd)
exec 9>"$out/lock"
flock 9 # one build of a folder at a time
build cudnn.cpp libcudnn.so.9
build cublaslt.cpp libcublasLt.so.12
build nccl.cpp libnccl.so.2
