#!/bin/bash
# Builds the emulated device: build.sh OUTDIR CUDA_INCLUDE_DIR KERNELS_DIR [SOURCES_HASH [KERNEL_FILE...]]
#
# Makes OUTDIR/plain and OUTDIR/check, each with libcuda.so.1 (the stand-in driver) and libudml_kernels.so (the kernels,
# all of KERNELS_DIR/*/*.cu unless files are named, with the scheduler). Files that are up to date are kept.
set -euo pipefail

if [ $# -lt 3 ]; then
    echo "usage: $0 OUTDIR CUDA_INCLUDE_DIR KERNELS_DIR [SOURCES_HASH [KERNEL_FILE...]]" >&2
    exit 2
fi
emu=$(cd "$(dirname "$0")" && pwd)
mkdir -p "$1"
out=$(cd "$1" && pwd)
cuda=$2
kernels=$(cd "$3" && pwd)
hash=${4:-}
shift $(($# < 4 ? $# : 4))
if [ ! -f "$cuda/cuda.h" ]; then
    echo "$0: no cuda.h in $cuda" >&2
    exit 3
fi
sources=("$@")
if [ ${#sources[@]} -eq 0 ]; then
    shopt -s nullglob
    sources=("$kernels"/*/*.cu)
fi
runtime=(barrier collective copy matrix mbarrier named pool registry report scheduler shared warpgroup wgmma)
driver=("$emu"/driver*.cpp "$emu/arena.cpp")

# A frame must fit a fiber's stack; -ffp-contract is what nvcc does; the thread-local model is one that a library opened
# at run time may use; no variable of a kernel has an initialiser to run.
common="-std=c++17 -fPIC -fvisibility=hidden -march=x86-64-v3 -ftls-model=local-dynamic -fno-extern-tls-init"
common+=" -Wall -Wextra -Wno-unknown-pragmas -Wno-tsan"
kernel_flags="-x c++ -ffp-contract=fast -Wno-unused-parameter -Werror=frame-larger-than=8192 -I$kernels/include"
check_flags="-O1 -g1 -DUDML_CHECK -fsanitize=thread,alignment,bounds --param=tsan-instrument-func-entry-exit=0"

# keep_if_same FILE TEXT: writes the file only if its text differs, so that its age says when the text changed.
keep_if_same() {
    if [ ! -f "$1" ] || [ "$(cat "$1")" != "$2" ]; then printf '%s\n' "$2" >"$1"; fi
}

# stale OBJECT SOURCE...: true when the object is missing, or older than a source, a header or the flags.
stale() {
    local object=$1 file
    shift
    [ -f "$object" ] || return 0
    for file in "$@" "$headers" "$out/objects/flags"; do
        if [ "$file" -nt "$object" ]; then return 0; fi
    done
    return 1
}

# compile OBJECT SOURCE FLAGS: one line of the list of work, run by xargs.
compile() {
    local object=$1 source=$2
    shift 2
    # shellcheck disable=SC2068
    if ! g++ $@ -c "$source" -o "$object.part.o"; then
        echo "$source: does not compile for the emulated device" >&2
        return 1
    fi
    mv "$object.part.o" "$object"
}
export -f compile

# want OBJECT SOURCE FLAGS: adds the object to the list of work if it is stale.
work=()
want() {
    if stale "$1" "$2"; then work+=("$1" "$2" "$3"); fi
}

# link LIBRARY OBJECT...: replaces the library in one step, because programs may have it open.
link() {
    local library=$1 object
    shift
    for object in "$@"; do
        if [ ! -f "$library" ] || [ "$object" -nt "$library" ] || [ "$out/objects/list" -nt "$library" ]; then
            g++ -shared -Wl,-z,defs -Wl,-soname,"$(basename "$library")" -o "$library.part" "$@" -ldl -lpthread
            mv "$library.part" "$library"
            return
        fi
    done
}

# object KIND SOURCE: where its object lies; the room is part of the name, because two rooms may have a file of one name.
object() {
    local room
    room=$(basename "$(dirname "$2")")
    printf '%s/objects/%s/%s.%s.o' "$out" "$1" "$room" "$(basename "$2")"
}

mkdir -p "$out"/objects/{driver,plain,check} "$out/plain" "$out/check"
exec 9>"$out/objects/lock"
flock 9 # one build of a folder at a time

newest=$(find "$kernels" "$emu" \( -name '*.cuh' -o -name '*.h' \) -printf '%T@ %p\n' | sort -n | tail -n 1)
headers=${newest#* }
keep_if_same "$out/objects/flags" "$(g++ --version | head -n 1) $common $kernel_flags $check_flags $cuda $hash"
keep_if_same "$out/objects/list" "${sources[*]}"

driver_objects=() plain_objects=() check_objects=()
for source in "${driver[@]}"; do
    object=$(object driver "$source")
    driver_objects+=("$object")
    want "$object" "$source" "-std=c++17 -O2 -fPIC -Wall -Wextra -I$cuda"
done
for name in "${runtime[@]}" context check_access check_clock check_hooks check_state; do
    source=$emu/$name.cpp
    if [ "$name" = context ]; then source=$emu/context.S; fi
    object=$(object check "$source")
    check_objects+=("$object")
    want "$object" "$source" "$common -O2 -DUDML_CHECK"
    case $name in check_*) continue ;; esac
    object=$(object plain "$source")
    plain_objects+=("$object")
    want "$object" "$source" "$common -O2"
done
for source in "${sources[@]}"; do
    define=
    if [ -n "$hash" ] && [ "$(basename "$source")" = sources.cu ]; then define=-DUDML_SOURCES=$hash; fi
    object=$(object plain "$source")
    plain_objects+=("$object")
    want "$object" "$source" "$common $kernel_flags -O2 $define"
    object=$(object check "$source")
    check_objects+=("$object")
    want "$object" "$source" "$common $kernel_flags $check_flags $define"
done

if [ ${#work[@]} -gt 0 ]; then
    # shellcheck disable=SC2016
    printf '%s\0' "${work[@]}" | xargs -0 -n 3 -P "$(nproc)" bash -c 'compile "$@"' compile || exit 1
fi
link "$out/plain/libcuda.so.1" "${driver_objects[@]}"
link "$out/check/libcuda.so.1" "${driver_objects[@]}"
link "$out/plain/libudml_kernels.so" "${plain_objects[@]}"
link "$out/check/libudml_kernels.so" "${check_objects[@]}"
