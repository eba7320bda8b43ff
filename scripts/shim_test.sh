#!/usr/bin/env bash
# shim_test.sh CUDA_INCLUDE: links a C program with the shim and checks its results without a driver, with drivers that fail, and with one
# that works.
set -euo pipefail

[ $# = 1 ] || { echo "usage: scripts/shim_test.sh CUDA_INCLUDE" >&2; exit 2; }
include=$1
root=$(cd "$(dirname "$0")/.." && pwd)
source=$root/cgo/cuda/shim/testdata
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failures=0

shim=$("$root/scripts/shim.sh" "$work" "$include")
# -rdynamic, as Go may link: even then the shim's entry points must stay hidden.
gcc -I"$include" -rdynamic "$source/probe.c" -L"$shim" -lcuda -ldl -o "$work/probe"
gcc -I"$include" -shared -fPIC "$source/driver.c" -o "$work/libcuda.so.1"
gcc -I"$include" -shared -fPIC -DWITHOUT_INIT "$source/driver.c" -o "$work/without_init.so"
unset UDML_LIBCUDA FAKE_INIT LD_LIBRARY_PATH

# check NAME ENVIRONMENT... : the expected output of the probe, each line a pattern, comes from standard input.
check() {
  local name=$1 got line
  shift
  if ! got=$(env "$@" "$work/probe"); then
    echo "FAIL $name: the program ended with an error"
    failures=$((failures + 1))
    return
  fi
  while IFS= read -r line; do
    # shellcheck disable=SC2053
    if [[ ${got%%$'\n'*} != $line ]]; then
      echo "FAIL $name: '${got%%$'\n'*}', expected '$line'"
      failures=$((failures + 1))
    fi
    got=${got#*$'\n'}
  done
  echo "checked: $name"
}

# check_no_gpu NAME PROBLEM FILE ENVIRONMENT...: the program runs and finds no device.
check_no_gpu() {
  local name=$1 problem=$2 file=$3
  shift 3
  printf '%s\n' 'init 0' 'version 0 0' 'devices 0 0' 'launch 100' 'alloc 100' "problem $problem" "file $file" | check "$name" "$@"
}

check_no_gpu "no such file" "/none/libcuda.so could not be opened: */none/libcuda.so: cannot open*" "" UDML_LIBCUDA=/none/libcuda.so
check_no_gpu "a file that is not a library" "$source/probe.c could not be opened: *invalid ELF header" "" UDML_LIBCUDA="$source/probe.c"
check_no_gpu "a library without cuInit" "the CUDA driver library has no cuInit: *" "" UDML_LIBCUDA="$work/without_init.so"
check_no_gpu "cuInit returns 100" "cuInit returned 100 (CUDA_ERROR_NO_DEVICE: no CUDA-capable device is detected)" "$work/libcuda.so.1" \
  UDML_LIBCUDA="$work/libcuda.so.1" FAKE_INIT=100
check_no_gpu "cuInit returns a code without words" "cuInit returned 999" "$work/libcuda.so.1" \
  UDML_LIBCUDA="$work/libcuda.so.1" FAKE_INIT=999

# 1066: the sum of the launch's arguments, plus 1000. 500: this driver has no cuMemAlloc_v2.
working=$(printf '%s\n' 'init 0' 'version 0 13000' 'devices 0 1' 'launch 1066' 'alloc 500' 'problem ' "file $work/libcuda.so.1")
check "a driver that works" UDML_LIBCUDA="$work/libcuda.so.1" <<<"$working"
check "libcuda.so.1 by its name" LD_LIBRARY_PATH="$work" <<<"$working"
check "an empty UDML_LIBCUDA is the same as none" UDML_LIBCUDA= LD_LIBRARY_PATH="$work" <<<"$working"

exported=$(nm -D "$work/probe" | awk '/ [TW] cu[A-Z]/ { n++ } END { print n + 0 }')
if [ "$exported" != 0 ]; then
  echo "FAIL the program exports the shim's entry points, which libraries opened later would take for the driver's"
  failures=$((failures + 1))
fi

[ "$failures" = 0 ] && echo "shim: all checks passed"
exit "$((failures > 0))"
