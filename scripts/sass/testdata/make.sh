#!/usr/bin/env bash
# Compiles kernels.cu and stores what the tests of scripts/sass read: PTX, resources and disassembly for sm_80 and sm_90a, the latter
# without the instructions' bits. After make sass has fetched the tools.
set -euo pipefail
cd "$(dirname "$0")/../../.."
here=scripts/sass/testdata
nvcc=$(sed -n 's/^NVCC=//p' build/toolchain/env.mk)
bin=$(sed -n 's/^SASS_BIN=//p' build/toolchain/env.mk)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export NVDISASM_PATH=$PWD/$bin
for code in sm_80 sm_90a; do
  "$nvcc" -std=c++17 -O3 -cubin -arch "$code" "$here/kernels.cu" -o "$work/$code.cubin"
  "$bin/cuobjdump" -sass "$work/$code.cubin" |
    sed -E 's/0x[0-9a-f]{16} \*\/$/0x0000000000000000 *\//; s/ {20,}(\/\* 0x0)/ \1/' >"$here/$code.sass"
  "$bin/cuobjdump" -res-usage "$work/$code.cubin" >"$here/$code.resources"
done
"$nvcc" -std=c++17 -O3 -ptx -arch sm_80 "$here/kernels.cu" -o "$work/kernels.ptx"
grep -E '^\.(visible|maxn|minn|req)' "$work/kernels.ptx" >"$here/kernels.ptx"
