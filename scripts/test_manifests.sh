#!/usr/bin/env bash
# Checks the manifests of deploy/kubernetes: kinds of Kubernetes against its published schemas, custom resources against the definitions in
# the Go modules of scripts/manifests_crds.txt, each field misspelled too; and the script that stands before mpirun. Schemas come from PyPI,
# pinned, into build/manifests. scripts/test_kubernetes.sh asks a real API server.
set -euo pipefail
cd "$(dirname "$0")/.."
go=${GO:-go}
python=${PYTHON:-python3}
venv=$PWD/build/manifests
list=scripts/manifests_requirements.txt

if ! cmp -s "$list" "$venv/requirements.txt"; then
  rm -rf "$venv"
  "$python" -m venv "$venv"
  "$venv/bin/python" -m pip install --quiet --disable-pip-version-check --only-binary :all: -r "$list"
  cp "$list" "$venv/requirements.txt"
fi
crds=$(GO="$go" scripts/crds.sh)
# shellcheck disable=SC2206 # a list
check=("$venv/bin/python" scripts/check_manifests.py --kubernetes 1.35.0 --crd $crds)
"${check[@]}" --mutate -- deploy/kubernetes/*.yaml
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# What manifests have to agree on is noticed too where they do not.
for change in job-ranks:completions:/s/4/3/ jobset:values:/s/75/76/ trainjob:GracePeriod/s/120/30/ mpijob:replicas:/s/4/5/; do
  sed "/${change#*:}" "deploy/kubernetes/${change%%:*}.yaml" >"$work/${change%%:*}.yaml"
  if "${check[@]}" -- deploy/kubernetes/job.yaml "$work/${change%%:*}.yaml" >/dev/null 2>&1; then
    echo "test-manifests: $change is accepted" >&2
    exit 1
  fi
done

# The script before mpirun: arguments and codes pass through, and SIGTERM becomes SIGUSR2, however often it comes.
mkdir "$work/bin"
cat >"$work/bin/mpirun" <<'SH'
#!/bin/bash
trap 'sleep 0.3; echo "saved $*"; exit 75' USR2
trap 'echo "killed"; exit 1' TERM
[ "$1" != fail ] || exit 3
echo ready >"$READY"
for _ in {1..600}; do sleep 0.1; done
SH
chmod +x "$work/bin/mpirun"
export PATH=$work/bin:$PATH READY=$work/ready
code=0
deploy/kubernetes/mpirun.sh fail || code=$?
[ "$code" = 3 ] || { echo "test-manifests: mpirun.sh ended with $code, want 3" >&2; exit 1; }
deploy/kubernetes/mpirun.sh -np 4 'a b' >"$work/out" &
run=$!
for _ in {1..100}; do
  [ ! -e "$READY" ] || break
  sleep 0.1
done
kill -TERM "$run"
kill -TERM "$run"
code=0
wait "$run" || code=$?
if [ "$code" != 75 ] || [ "$(cat "$work/out")" != "saved -np 4 a b" ]; then
  echo "test-manifests: mpirun.sh ended with $code after SIGTERM, want 75, and mpirun said: $(cat "$work/out")" >&2
  exit 1
fi
echo "mpirun.sh: SIGTERM saves and gives code 75"
