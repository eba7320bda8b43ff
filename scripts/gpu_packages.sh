#!/bin/sh
# Prints the packages whose tests may use a GPU, as ./kernels/join: those whose tests, directly or not, import kernels/parity,
# the only way for tests to use a GPU. The kernels' short tests come last, so that no core is idle while a long one ends.
set -eu
cd "$(dirname "$0")/.."
list=$("${GO:-go}" list -test -f '{{.ImportPath}} {{join .Deps " "}}' ./... |
  sed -n 's/^udml-gpu\([^ ]*\)\.test .*udml-gpu\/kernels\/parity\( .*\)*$/.\1/p' | sort)
echo "$list" | grep -v '^./kernels'
echo "$list" | grep '^./kernels'
