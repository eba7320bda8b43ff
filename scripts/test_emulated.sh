#!/bin/sh
# The emulated GPU: the real kernels, compiled for the CPU, behind a stand-in driver.
#   test_emulated.sh build   builds it; the tests of the program then use it
#   test_emulated.sh run     runs all tests of the packages that have some for a GPU, on the plain build; then the kernels' tests
#                            twice more with small cases: under a random schedule, and under another one on the check build (races,
#                            bounds, alignment). A part can be named: run all, run order, run check
#   test_emulated.sh rest    prints the packages that `run` does not test: all of them where it cannot run
# Each pass compares the device tests that ran with those in the source (scripts/testrun). Where the emulated GPU cannot be built,
# one line says NOT RUN and why; with UDML_REQUIRE_EMULATION=1 that is an error.
set -eu
cd "$(dirname "$0")/.."
go=${GO:-go}
plain=$PWD/build/emu/plain/libcuda.so.1
check=$PWD/build/emu/check/libcuda.so.1
# Launches are held against the file of which scripts/sass computes how many blocks fit a multiprocessor.
export UDML_EMU_LAUNCHES="$PWD/kernels/launches.tsv"
limit=20m # of one package; the longest takes a minute on two quiet cores

not_run() {
  rm -rf build/emu/plain build/emu/check # made of other sources: tests must not use it
  echo "emulated GPU: NOT RUN: $1" >&2
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
  cgo/emu/build.sh build/emu "$(sed -n 's/^CUDA_INCLUDE=//p' build/toolchain/env.mk)" kernels "$(scripts/kernel_hash.sh)"
  cgo/emu/libs/build.sh build/emu/libs
}

# pass TITLE VARIANT FOLDER VARIABLE...: all tests of the packages below FOLDER that may use a GPU, under those variables.
pass() {
  title=$1 variant=$2 folder=$3
  shift 3
  echo "emulated GPU: $title"
  # shellcheck disable=SC2046 # packages are many
  env REQUIRE_CUDA=1 "$@" "$go" run ./scripts/testrun -variant "$variant" -devices "$folder" -- \
    -count=1 -timeout "$limit" $(scripts/gpu_packages.sh | grep "^$folder")
}

run() {
  [ -f "$plain" ] || not_run "it is not built"
  for part in ${1:-all order check}; do
    case $part in
      all) pass "all cases, threads in order" emulated . UDML_LIBCUDA="$plain" ;;
      order) pass "small cases, warps in random order" emulated-small ./kernels UDML_LIBCUDA="$plain" UDML_EMU_SEED=1 UDML_PARITY_SMALL=1 ;;
      check)
        pass "small cases, in another order, with checks" emulated-small ./kernels UDML_LIBCUDA="$check" UDML_EMU_SEED=2 UDML_PARITY_SMALL=1
        ;;
      *) usage ;;
    esac
  done
}

rest() {
  if [ ! -f "$plain" ]; then
    echo ./...
    exit
  fi
  "$go" list ./... | sed 's/^udml-gpu/./' | grep -vxF "$(scripts/gpu_packages.sh)"
}

usage() {
  echo "usage: scripts/test_emulated.sh build|run [all|order|check]|rest" >&2
  exit 2
}

case ${1:-} in
  build)
    with_cuda
    build
    ;;
  run)
    with_cuda
    run "${2:-}"
    ;;
  rest) rest ;;
  *) usage ;;
esac
