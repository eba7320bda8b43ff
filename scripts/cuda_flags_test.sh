#!/usr/bin/env bash
# Tests scripts/cuda_flags.sh with a stand-in for the toolchain: concurrent runs are not taken for failures, and a failure is reported and
# not repeated within the hour.
set -euo pipefail
cd "$(dirname "$0")/.."
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
mkdir -p "$dir/scripts" "$dir/build/toolchain"
cp scripts/cuda_flags.sh "$dir/scripts"

# script NAME TEXT: a stand-in.
script() {
  printf '#!/bin/sh\n%s\n' "$2" >"$dir/scripts/$1"
  chmod +x "$dir/scripts/$1"
}
# shellcheck disable=SC2016
script go 'case $2 in GOOS) echo linux ;; GOARCH) echo amd64 ;; CGO_ENABLED) echo 1 ;; CC) echo gcc ;; *) echo linux/amd64 ;; esac'
script shim.sh 'echo /shim'
script kernel_hash.sh 'echo 0'
flags() { GO="$dir/scripts/go" UDML_CUDA="${wanted:-}" GOFLAGS='' "$dir/scripts/cuda_flags.sh"; } # whatever UDML_CUDA is here
failed=0
fail() {
  echo "cuda_flags_test: $1" >&2
  failed=1
}

script toolchain.sh 'sleep 0.2; printf "NVCC=nvcc\nCUDA_INCLUDE=/include\n" >build/toolchain/env.mk.$$
mv build/toolchain/env.mk.$$ build/toolchain/env.mk'
for i in 1 2 3 4 5 6 7 8; do
  (
    sleep "0.$i"
    flags >"$dir/out.$i" 2>&1
  ) &
done
wait
for i in 1 2 3 4 5 6 7 8; do
  grep -q -- "GOFLAGS='-tags=cuda'" "$dir/out.$i" || fail "run $i beside others says: $(cat "$dir/out.$i")"
done

# says TEXT COMPLAINT: what flags prints must hold the text.
says() {
  local out
  out=$(flags 2>&1)
  [[ $out == *"$1"* ]] || fail "$2: $out"
}
script toolchain.sh 'echo "no network" >&2; exit 3'
says $'without the CUDA backend: no network\n' "a failure is not told"
says "no network (make toolchain tries again)" "a failure is repeated at once"
if wanted=1 flags >/dev/null 2>&1; then fail "UDML_CUDA=1 accepts a failure"; fi
script toolchain.sh 'true'
wanted=1 flags >/dev/null 2>&1 || fail "UDML_CUDA=1 does not try again"
says "GOFLAGS='-tags=cuda'" "a failure is remembered after a success"
[ "$failed" = 0 ] && echo "cuda_flags: runs at the same time do not disturb each other"
exit "$failed"
