#!/bin/sh
# Opens what `export` writes with the programs that it is for, pinned, from PyPI, in build/export, which is made once for each list:
# onnx and onnxruntime (290 MB); with the argument hub also PyTorch, timm, transformers and sentence-transformers (2.5 GB: without the 5 GB of
# CUDA's libraries that PyPI's PyTorch asks for, see without_cuda.py). Without it the folders are checked by the names and shapes of timm.
set -eu
cd "$(dirname "$0")/.."
go=${GO:-go}
python=${PYTHON:-python3}
lists=scripts/export_checks
venv=$PWD/build/export
list=$lists/requirements.txt
bare= # the list of what is installed without what it asks for
checks="onnx runs folders"
if [ "${1:-}" = hub ]; then
  venv=$PWD/build/export-hub
  list=$lists/requirements_hub.txt
  bare=$lists/requirements_torch.txt
  checks="hub again torch"
  room=$(df -Pk . | awk 'NR == 2 { print $4 }')
  if [ ! -d "$venv" ] && [ "$room" -lt 5000000 ]; then # KiB; 2.5 GB stay, 1 GB more while PyTorch is unpacked
    echo "test-export-hub: NOT RUN: it needs 5 GB of disk, $((room / 1000000)) GB are free"
    exit 0
  fi
fi

install() { "$venv/bin/python" -m pip install --quiet --disable-pip-version-check --no-cache-dir --only-binary :all: "$@"; }

if ! cat "$lists/requirements.txt" "$list" ${bare:+"$bare"} | cmp -s - "$venv/requirements.txt"; then
  rm -rf "$venv"
  "$python" -m venv "$venv"
  install -r "$list"
  if [ -n "$bare" ]; then
    install --no-deps -r "$bare"
    "$venv/bin/python" "$lists/without_cuda.py"
  fi
  cat "$lists/requirements.txt" "$list" ${bare:+"$bare"} > "$venv/requirements.txt"
fi
"$go" build -o "$venv/udml-gpu" ./cmd/udml-gpu
# shellcheck disable=SC2086 # a list of words
HF_HUB_OFFLINE=1 TQDM_DISABLE=1 PYTHONDONTWRITEBYTECODE=1 "$venv/bin/python" scripts/test_export.py "$venv/udml-gpu" $checks
