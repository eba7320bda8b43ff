#!/bin/sh
# Opens what `export` writes with the programs that it is for, pinned, from PyPI, in build/export, which is made once for each list:
# onnx and onnxruntime (290 MB); with the argument hub also PyTorch, timm, transformers and sentence-transformers (8 GB, of which
# most are CUDA's libraries, which PyPI's PyTorch brings). Without it the folders are checked by the names and shapes that timm has.
set -eu
cd "$(dirname "$0")/.."
go=${GO:-go}
python=${PYTHON:-python3}
lists=scripts/export_checks
venv=$PWD/build/export
list=$lists/requirements.txt
checks="onnx runs folders"
if [ "${1:-}" = hub ]; then
  venv=$PWD/build/export-hub
  list=$lists/requirements_hub.txt
  checks="hub again"
fi

if ! cat "$lists/requirements.txt" "$list" | cmp -s - "$venv/requirements.txt"; then
  rm -rf "$venv"
  "$python" -m venv "$venv"
  "$venv/bin/python" -m pip install --quiet --disable-pip-version-check --only-binary :all: -r "$list"
  cat "$lists/requirements.txt" "$list" > "$venv/requirements.txt"
fi
"$go" build -o "$venv/udml-gpu" ./cmd/udml-gpu
# shellcheck disable=SC2086 # a list of words
HF_HUB_OFFLINE=1 TQDM_DISABLE=1 PYTHONDONTWRITEBYTECODE=1 "$venv/bin/python" scripts/test_export.py "$venv/udml-gpu" $checks
