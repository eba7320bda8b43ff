#!/usr/bin/env bash
# Packs build/udml-gpu-bundle.tar.gz: everything that a machine with a driver needs to test and measure the CUDA backend, without Go and
# without a network (see scripts/bundle/run.sh). Its glibc must be no older than this machine's.
# UDML_BUNDLE_PACKAGES is a pattern of the packages whose tests are packed (all), UDML_BUNDLE_BYTES how large the bundle may be.
# The test binaries are nearly the same program many times: xz with a window over all of them packs them to a tenth, gzip does not.
set -euo pipefail
cd "$(dirname "$0")/.."

OUT=build/udml-gpu-bundle.tar.gz
LIMIT=${UDML_BUNDLE_BYTES:-64000000} # the largest file that can be carried over
WINDOW=1GiB                          # of xz: about all binaries together
go=${GO:-go}

command -v xz >/dev/null || { echo "bundle: xz is missing; install it (Debian: xz-utils)" >&2; exit 3; }
[ -f kernels/fatbin/kernels.fatbin ] || { echo "bundle: there are no compiled kernels; make them with: make kernels" >&2; exit 3; }
[ "$(cut -c1-16 build/kernels/stamp)" = "$(scripts/kernel_hash.sh)" ] ||
  { echo "bundle: kernels/fatbin/kernels.fatbin was compiled from other sources; make it again with: make kernels" >&2; exit 3; }
flags=$(UDML_CUDA=1 scripts/cuda_flags.sh)
eval "$flags"

work=$(mktemp -d build/bundle.XXXXXX)
trap 'rm -rf "$work"' EXIT
root=$work/udml-gpu-bundle
payload=$work/payload
mkdir -p "$root/unpack" "$payload/bin"

# pack_tests: each test binary lies in the folder of its package, below a go.mod, because tests find their files from there. The list of
# device tests, and the program that compares a run with it, are included.
pack_tests() {
  local folder
  "$go" run ./scripts/testrun -list | grep -E "${UDML_BUNDLE_PACKAGES:-.}" >"$payload/device-tests.txt"
  CGO_ENABLED=0 "$go" build -trimpath -ldflags "-s -w" -o "$payload/bin/testrun" ./scripts/testrun
  CGO_ENABLED=0 "$go" build -trimpath -ldflags "-s -w" -o "$payload/bin/test2json" cmd/test2json
  while read -r folder; do
    mkdir -p "$payload/$folder"
    "$go" test -c -trimpath -ldflags "-s -w" -o "$payload/$folder/gpu.test" "./$folder"
    if [ -d "$folder/testdata" ]; then cp -R "$folder/testdata" "$payload/$folder/"; fi
  done < <(sed 's/^udml-gpu\/\([^ ]*\) .*/\1/' "$payload/device-tests.txt" | sort -u)
  cp -R testdata go.mod "$payload/"
}

# own_xz: the program that unpacks is included with its library, for machines without it.
own_xz() {
  cp "$(command -v xz)" "$root/unpack/xz"
  ldd "$root/unpack/xz" | awk '/liblzma/ { print $3 }' | xargs -r -I{} cp {} "$root/unpack/"
}

# peers: flash-kmeans, a package of Python alone, which is compared with where the machine has PyTorch and Triton.
peers() {
  "${PYTHON:-python3}" -m pip download --quiet --disable-pip-version-check --no-deps --only-binary :all: --require-hashes \
    --dest "$work/wheels" -r scripts/bundle/requirements.txt
  "${PYTHON:-python3}" -m zipfile -e "$work"/wheels/flash_kmeans-*.whl "$root/peers"
}

pack_tests
peers
"$go" build -trimpath -ldflags "-s -w" -o "$payload/bin/udml-gpu" ./cmd/udml-gpu
own_xz
cp scripts/bundle/run.sh scripts/bundle/stages.sh scripts/bundle/report.py scripts/bench_torch.py scripts/bench_torch_step.py \
  scripts/bench_torch_nets.py "$root/"
printf '%s, kernels of sources %s\n' "$(git describe --always --dirty 2>/dev/null || echo "no git")" \
  "$(scripts/kernel_hash.sh)" >"$root/version.txt"
tar --sort=name --owner=0 --group=0 --mtime=@0 -C "$payload" -cf - . |
  xz --threads=1 --lzma2=preset=6,dict="$WINDOW" >"$root/payload.tar.xz"
# The content is already compressed.
tar --owner=0 --group=0 --mtime=@0 -C "$work" -cf - udml-gpu-bundle | gzip -1 >"$work/bundle.tar.gz"

bytes=$(wc -c <"$work/bundle.tar.gz")
if [ "$bytes" -gt "$LIMIT" ]; then
  echo "bundle: $bytes bytes, more than the $LIMIT that it may have; the largest parts:" >&2
  du -a "$payload" | sort -rn | sed -n 1,12p >&2
  exit 1
fi
mv "$work/bundle.tar.gz" "$OUT"
echo "bundle: $OUT, $bytes bytes, $(find "$payload" -name gpu.test | wc -l) test programs"
