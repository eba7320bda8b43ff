#!/bin/sh
# Checks the manifests of deploy/kubernetes against the published schemas of Kubernetes: names, types and values of fields. The checker
# comes from PyPI, pinned, into build/manifests.
set -eu
cd "$(dirname "$0")/.."
python=${PYTHON:-python3}
venv=$PWD/build/manifests
list=scripts/manifests_requirements.txt
version=1.35.0

if ! cmp -s "$list" "$venv/requirements.txt"; then
  rm -rf "$venv"
  "$python" -m venv "$venv"
  "$venv/bin/python" -m pip install --quiet --disable-pip-version-check --only-binary :all: -r "$list"
  cp "$list" "$venv/requirements.txt"
fi
"$venv/bin/kubernetes-validate" -k "$version" --strict deploy/kubernetes/*.yaml
# The check itself must be able to fail.
sed 's/podReplacementPolicy/podReplacmentPolicy/' deploy/kubernetes/job.yaml >"$venv/wrong.yaml"
if "$venv/bin/kubernetes-validate" -k "$version" --strict "$venv/wrong.yaml" >"$venv/wrong.txt" 2>&1; then
  echo "test-manifests: a wrong field is accepted" >&2
  exit 1
fi
