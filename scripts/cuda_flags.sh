#!/bin/sh
# Prints how to build the CUDA backend, for `eval`: the variables that make `go build` include it, and UDML_NVCC, the kernels' compiler,
# empty when there is none. Where the backend cannot be built, it sets only UDML_NVCC and prints why on standard error; the build then
# goes on without. UDML_CUDA=0 leaves the backend out, UDML_CUDA=1 makes its absence an error. Plain sh, because this runs on machines
# that have nothing but Go.
set -eu
cd "$(dirname "$0")/.."
env=build/toolchain/env.mk
failed=build/toolchain/headers-failed

without() {
  echo "cuda: building without the CUDA backend: $1" >&2
  [ "${UDML_CUDA:-}" != 1 ] || exit 1
  echo "export UDML_NVCC="
  exit 0
}

# get_headers: a failed attempt is repeated only after an hour, so that builds without a network stay quick.
get_headers() {
  if [ "${UDML_CUDA:-}" != 1 ] && [ -n "$(find "$failed" -mmin -60 2>/dev/null)" ]; then
    without "$(tail -1 "$failed") (make toolchain tries again)"
  fi
  mkdir -p build/toolchain
  # $failed exists only after a failure: another run at the same time must not take this one's for such.
  said=$(mktemp build/toolchain/said.XXXXXX)
  if ! scripts/toolchain.sh headers >/dev/null 2>"$said"; then
    mv "$said" "$failed"
    without "$(tail -1 "$failed")"
  fi
  rm -f "$said" "$failed"
}

# say_kernels: a binary with the backend but without matching kernels works only on the CPU.
say_kernels() {
  if [ ! -f kernels/fatbin/kernels.fatbin ]; then
    echo "cuda: no compiled kernels are there to embed; make kernels fetches the compiler (108 MB) and makes them" >&2
  elif [ "$(cut -c1-16 build/kernels/stamp 2>/dev/null)" != "$(scripts/kernel_hash.sh)" ]; then
    echo "cuda: kernels/fatbin/kernels.fatbin was compiled from other sources and will be refused; make it again with: make kernels" >&2
  fi
}

# quoted NAME VALUE: an assignment for eval, with any value.
quoted() { printf "export %s='%s'\n" "$1" "$(printf %s "$2" | sed "s/'/'\\\\''/g")"; }

# with_tag: GOFLAGS with the tag cuda added to its tags; of two -tags options Go uses only the last.
with_tag() {
  case " ${GOFLAGS:-} " in
    *" -tags="*) printf %s "$GOFLAGS" | sed 's/\(^\| \)-tags=\([^ ]*\)/\1-tags=\2,cuda/' ;;
    *) printf %s "${GOFLAGS:+$GOFLAGS }-tags=cuda" ;;
  esac
}

go=${GO:-go}
[ "${UDML_CUDA:-}" != 0 ] || without "UDML_CUDA is 0"
[ "$($go env GOOS)/$($go env GOARCH)" = linux/amd64 ] ||
  without "it is made for linux/amd64 and this build is for $($go env GOOS)/$($go env GOARCH)"
[ "$($go env CGO_ENABLED)" = 1 ] || without "cgo is off (CGO_ENABLED=0, or no C compiler)"
command -v bash >/dev/null || without "bash is missing, which its scripts need"
get_headers
include=$(sed -n 's/^CUDA_INCLUDE=//p' "$env")
nvcc=$(sed -n 's/^NVCC=//p' "$env")
case $include in /*) ;; *) include=$PWD/$include ;; esac
shim=$(CC=$($go env CC) scripts/shim.sh build "$include") || without "the loader of the CUDA driver does not compile"
[ -n "$nvcc" ] || say_kernels

# Setting a CGO variable replaces Go's default for it, which is -O2 -g.
quoted GOFLAGS "$(with_tag)"
quoted CGO_CFLAGS "${CGO_CFLAGS--O2 -g} '-I$include'"
quoted CGO_LDFLAGS "${CGO_LDFLAGS--O2 -g} '-L$shim' -lcuda -ldl"
quoted UDML_NVCC "$nvcc"
