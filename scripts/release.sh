#!/usr/bin/env bash
# Packs a release into build/release: for linux on amd64 and arm64 a static program (no C library, runs anywhere, pure Go) and one with cgo
# (opens OpenBLAS and the image libraries of the machine; on amd64 it holds the CUDA backend and, where make kernels can compile them, its
# kernels); each with its licences, man pages and completion scripts (share), and a CycloneDX list of its components; and SHA256SUMS over all.
#   release.sh build   the packages, of the files that are committed
#   release.sh check   builds twice more, in two clones in other folders with empty build caches, and compares every byte
# The version is that of the tag on HEAD, otherwise <next>-dev+<commit>. Needs git, Go, and for arm64 with cgo aarch64-linux-gnu-gcc
# (Debian: gcc-aarch64-linux-gnu). Without a C compiler its package is left out with a message; with UDML_RELEASE_ALL=1 that is an error.
set -euo pipefail
cd "$(dirname "$0")/.."
go=${GO:-go}
GOTOOLCHAIN=$(sed -n 's/^toolchain //p' go.mod) # whatever Go is installed here
export GOTOOLCHAIN
out=build/release
kernels=kernels/fatbin/kernels.fatbin # not in git; the build embeds it

# C compiler, operating system and processor of each package with cgo.
cross=aarch64-linux-gnu-gcc

left_out() {
  echo "release: $1" >&2
  [ "${UDML_RELEASE_ALL:-}" != 1 ] || exit 1
}

# flags_for VARIANT: the environment of its build, as lines for eval. Returns 1 where it cannot be built here.
flags_for() {
  case $1 in
    *-static) echo "export GOARCH=${1%-static} CGO_ENABLED=0 GOFLAGS=" ;;
    arm64) command -v "$cross" >/dev/null || return 1; echo "export GOARCH=arm64 CGO_ENABLED=1 CC=$cross GOFLAGS=" ;;
    amd64)
      command -v gcc >/dev/null || return 1
      echo "export GOARCH=amd64 CGO_ENABLED=1 CC=gcc GOFLAGS="
      GO=$go GOFLAGS='' scripts/cuda_flags.sh
      ;;
  esac
}

# compile VARIANT FILE
compile() {
  # -buildid= and -trimpath: the file depends on no folder and no build cache. -B none: nor on the linker's hash of its input.
  "$go" build -trimpath -buildvcs=true -ldflags "-s -w -buildid= -B none" -o "$2" ./cmd/udml-gpu
}

# package VARIANT
package() {
  local variant=$1 name folder flags
  flags=$(flags_for "$variant") || { left_out "linux-$variant is left out: its C compiler is missing"; return 0; }
  name=udml-gpu-$version-linux-$variant
  folder=$work/$name
  mkdir -p "$folder"
  (
    eval "$flags"
    export GOOS=linux
    compile "$variant" "$folder/udml-gpu"
    [ -n "${UDML_RELEASE_NO_SBOM:-}" ] || sbom "$work/$name.cdx.json"
  )
  cp LICENSE NOTICE README.md CHANGELOG.md "$folder/"
  cp "$work/LICENSES.txt" "$folder/"
  cp -R "$work/share" "$folder/"
  tar --sort=name --owner=0 --group=0 --numeric-owner --mtime="@$time" --format=gnu -C "$work" -cf - "$name" |
    gzip -9n >"$work/$name.tar.gz"
  rm -rf "$folder"
}

# sbom FILE: modules, versions and licences. Without a serial number and a time, so that it is reproducible.
sbom() {
  local dir
  dir=$PWD
  env -u GOOS -u GOARCH -u CGO_ENABLED -u GOFLAGS -u CC "$go" build -modfile=scripts/tools.mod -o "$work/cyclonedx" \
    github.com/CycloneDX/cyclonedx-gomod/cmd/cyclonedx-gomod
  "$work/cyclonedx" app -json -licenses -std -noserial -notimestamp -main cmd/udml-gpu -output "$1" "$dir"
}

# build: everything into $out.
build() {
  [ -z "$(git status --porcelain)" ] ||
    { echo "release: there are changes that are not committed; a release is made of a commit" >&2; exit 3; }
  work=$(mktemp -d)
  trap 'rm -rf "$work"' EXIT
  time=$(git log -1 --format=%ct)
  (export CGO_ENABLED=0 GOFLAGS=; unset GOARCH GOOS; compile host "$work/host")
  version=$("$work/host" --version | awk '{ print $3 }')
  "$work/host" licenses >"$work/LICENSES.txt"
  scripts/share.sh "$work/host" "$work"
  for variant in amd64-static arm64-static amd64 arm64; do package "$variant"; done
  rm -rf "$out"
  mkdir -p "$out"
  mv "$work"/*.tar.gz "$out/"
  [ -n "${UDML_RELEASE_NO_SBOM:-}" ] || mv "$work"/*.cdx.json "$out/"
  (cd "$out" && sha256sum -- * >SHA256SUMS && cat SHA256SUMS)
}

# check: two builds that share only the commit, the CUDA toolchain and the kernels compiled with it must give the same files.
check() {
  local one commit
  commit=$(git rev-parse HEAD) # HEAD may move while this runs
  base=$(mktemp -d)            # not local: the trap needs it
  trap 'rm -rf "$base"' EXIT
  for one in first second-in-a-longer-path; do
    git clone -q . "$base/$one"
    git -C "$base/$one" checkout -q --detach "$commit"
    [ ! -d build/toolchain ] || { mkdir -p "$base/$one/build"; cp -R build/toolchain "$base/$one/build/"; }
    [ ! -f "$kernels" ] || cp "$kernels" "$base/$one/$kernels"
    (cd "$base/$one" && GOCACHE="$base/cache-$one" UDML_RELEASE_NO_SBOM=1 scripts/release.sh build) >"$base/$one.sums"
    rm -rf "$base/cache-$one"
  done
  diff "$base"/*.sums || { echo "release: the same commit built in two folders gives different files" >&2; exit 1; }
  echo "release: two builds of this commit, in two folders with empty build caches, are the same byte for byte"
}

case ${1:-} in
  build) build ;;
  check) check ;;
  *)
    sed -n '2,9s/^# \{0,1\}//p' "$0" >&2
    exit 2
    ;;
esac
