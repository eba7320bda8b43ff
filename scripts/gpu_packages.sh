#!/bin/sh
# Prints the packages that have tests for a GPU, as ./kernels/join: tests with Parity, GPU or Goldens in the name, which run on the GPU, real or emulated.
set -eu
cd "$(dirname "$0")/.."
{
  grep -rlE --include='*_test.go' '^func Test[A-Za-z0-9]*(Parity|GPU|Goldens)' . | xargs -n 1 dirname
  echo ./cmd/udml-gpu # its script gpu.txtar
} | sort -u
