#!/bin/sh
# The emulated GPU: the very kernels, compiled for the CPU, behind a stand-in driver.
#   test_emulated.sh build   builds it; the tests of the program then use it
#   test_emulated.sh run     runs the tests of the CUDA backend on it, in three passes: all of them on the plain build; and the kernels'
#                            small cases under a random schedule, and under another one on the check build (races, bounds, alignment)
# Where it cannot be built, one line says NOT RUN and why; with UDML_REQUIRE_EMULATION=1 that is an error.
set -eu
cd "$(dirname "$0")/.."
go=${GO:-go}
plain=$PWD/build/emu/plain/libcuda.so.1
check=$PWD/build/emu/check/libcuda.so.1

not_run() {
  rm -rf build/emu/plain build/emu/check # of other sources: tests must not take it
  echo "emulated GPU: NOT RUN: $1"
  [ "${UDML_REQUIRE_EMULATION:-}" != 1 ] || exit 1
  exit 0
}

# with_cuda sets what go needs to build the CUDA backend.
with_cuda() {
  said=$(mktemp)
  flags=$(GO="$go" scripts/cuda_flags.sh 2>"$said")
  reason=$(head -1 "$said")
  rm -f "$said"
  eval "$flags"
  case "${GOFLAGS:-}" in *cuda*) ;; *) not_run "$reason" ;; esac
}

build() {
  command -v g++ >/dev/null || not_run "g++ is missing, which compiles the kernels for the CPU"
  kernels/emu/build.sh build/emu "$(sed -n 's/^CUDA_INCLUDE=//p' build/toolchain/env.mk)" "$(scripts/kernel_hash.sh)"
  kernels/emu/libs/build.sh build/emu/libs
}

# pass TITLE PACKAGES VARIABLE...: the tests for a GPU of those packages, under those variables.
pass() {
  echo "emulated GPU: $1"
  packages=$2
  shift 2
  # shellcheck disable=SC2086 # packages are many
  env REQUIRE_CUDA=1 "$@" "$go" test -count=1 -run 'Parity|GPU|Goldens' $packages
}

with_cuda
case ${1:-} in
  build) build ;;
  run)
    [ -f "$plain" ] || not_run "it is not built"
    all=$(scripts/gpu_packages.sh | grep -v /cmd/) # whose scripts ran on it with the rest
    kernels=$(echo "$all" | grep /kernels)
    pass "all cases, threads in order" "$all" UDML_LIBCUDA="$plain"
    pass "small cases, warps in random order" "$kernels" UDML_LIBCUDA="$plain" UDML_EMU_SEED=1 UDML_PARITY_SMALL=1
    pass "small cases, in another order, with checks" "$kernels" UDML_LIBCUDA="$check" UDML_EMU_SEED=2 UDML_PARITY_SMALL=1
    ;;
  *)
    echo "usage: scripts/test_emulated.sh build|run" >&2
    exit 2
    ;;
esac
