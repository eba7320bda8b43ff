#!/usr/bin/env bash
# Tests and measures udml-gpu on a machine with a GPU:
#   tar xzf udml-gpu-bundle.tar.gz && udml-gpu-bundle/run.sh
# Needs only a driver of CUDA 13.0 or newer; no Go, no network. Where Python has PyTorch, cuDNN and cuBLASLt are taken from its folder
# (everything runs once with them and once without) and PyTorch does the same work for comparison. Stages can be named: run.sh doctor
# tests determinism probe bench steps steps_libraries torch report; probe, bench and steps end within five minutes each.
# Results go to the folder results (UDML_BUNDLE_OUT): results.json, results.md, and all output.
# Exit code 1: a test failed.
#
# UDML_BUNDLE_MODES=own leaves the libraries out. UDML_BUNDLE_JOBS (default: the cores) is how many test programs run at a time,
# UDML_BUNDLE_LIMIT (default 20m) how long one may take.
# UDML_BUNDLE_SCALE (default 1) reduces the sizes, to check the script on the emulated device; UDML_BUNDLE_TESTS is a pattern of tests:
# only those run then, and others are not required to run.
set -uo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
out=${UDML_BUNDLE_OUT:-$PWD/results}
scale=${UDML_BUNDLE_SCALE:-1}
tests=${UDML_BUNDLE_TESTS:-}
jobs=${UDML_BUNDLE_JOBS:-$(nproc)}
limit=${UDML_BUNDLE_LIMIT:-20m}
failures=0
mkdir -p "$out"
out=$(cd "$out" && pwd)
# shellcheck source=scripts/bundle/stages.sh
. "$here/stages.sh"

say() { printf '%s\n' "$*" | tee -a "$out/summary.txt"; }

# unpack unpacks once, with the program in the bundle.
unpack() {
  [ -f "$here/payload/bin/udml-gpu" ] && return
  mkdir -p "$here/payload.part"
  LD_LIBRARY_PATH=$here/unpack "$here/unpack/xz" -dc "$here/payload.tar.xz" | tar -xf - -C "$here/payload.part" &&
    mv "$here/payload.part" "$here/payload"
}

# library PATTERN: the newest file of that name in the folders where pip puts NVIDIA's libraries, beside PyTorch.
library() {
  local torch
  torch=$(python3 -c 'import importlib.util as u; print(u.find_spec("torch").submodule_search_locations[0])' 2>/dev/null) || return 0
  find "$torch/lib" "$torch/../nvidia" -name "$1" 2>/dev/null | sort -V | tail -1
}

unpack || { echo "the bundle cannot be unpacked: $here/payload.tar.xz" >&2; exit 2; }
program=$here/payload/bin/udml-gpu
: "${UDML_LIBCUDNN:=$(library 'libcudnn.so.9')}"
: "${UDML_LIBCUBLASLT:=$(library 'libcublasLt.so.1[23]')}"
modes=(own)
if [ -n "$UDML_LIBCUDNN$UDML_LIBCUBLASLT" ]; then modes+=(libraries); fi
if [ -n "${UDML_BUNDLE_MODES:-}" ]; then read -ra modes <<<"$UDML_BUNDLE_MODES"; fi

# in_mode MODE COMMAND...: with only our own kernels, or with the libraries that were found, cuDNN for depthwise convolutions too.
in_mode() {
  local mode=$1
  shift
  if [ "$mode" = own ]; then
    env -u UDML_LIBCUDNN -u UDML_LIBCUBLASLT -u UDML_CUDNN_DEPTHWISE UDML_NO_CUDNN=1 UDML_NO_CUBLAS=1 "$@"
  else
    env ${UDML_LIBCUDNN:+"UDML_LIBCUDNN=$UDML_LIBCUDNN" UDML_CUDNN_DEPTHWISE=1} ${UDML_LIBCUBLASLT:+"UDML_LIBCUBLASLT=$UDML_LIBCUBLASLT"} "$@"
  fi
}

stages=("$@")
if [ $# = 0 ]; then stages=(doctor tests determinism probe bench steps steps_libraries torch report); fi
for stage in "${stages[@]}"; do
  if ! declare -F "stage_$stage" >/dev/null; then
    echo "there is no stage $stage: expected doctor, tests, determinism, probe, bench, steps, steps_libraries, torch or report" >&2
    exit 2
  fi
done
for stage in "${stages[@]}"; do "stage_$stage"; done
if [ "$failures" -gt 0 ]; then
  say "FAILED: $failures"
  exit 1
fi
say "all passed: ${stages[*]}"
