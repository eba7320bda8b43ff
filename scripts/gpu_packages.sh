#!/bin/sh
# Prints the packages whose tests may use a GPU, as ./kernels/join: all whose tests, directly or not, import kernels/parity,
# through which tests come to a GPU.
set -eu
cd "$(dirname "$0")/.."
"${GO:-go}" list -test -f '{{.ImportPath}} {{join .Deps " "}}' ./... |
  sed -n 's/^udml-gpu\([^ ]*\)\.test .*udml-gpu\/kernels\/parity\( .*\)*$/.\1/p' | sort
