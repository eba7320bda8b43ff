#!/usr/bin/env bash
# Asks a real Kubernetes 1.35 about deploy/kubernetes: its API server takes every manifest as `kubectl apply --dry-run=server
# --validate=strict` sends it and refuses misspelled ones, and its Job controller does with the exit codes of pods what docs/cluster.md
# says. API server and controller manager are built from the modules of scripts/kubernetes into build/kubernetes/bin, which takes half an
# hour of one core and 3 GB; KUBE_BIN=DIR takes them from there, and builds what is missing. etcd comes from Debian's package, unpacked
# and not installed; kubectl and openssl have to be there. There are no nodes: pods never run, and this script writes their exit codes. Of
# custom resources only the definitions are there, not their controllers.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/daemons.sh
go=${GO:-go}
python=${PYTHON:-python3}
home=$PWD/build/kubernetes
bin=${KUBE_BIN:-$home/bin}
manifests=$PWD/deploy/kubernetes

for program in kubectl openssl; do
  command -v "$program" >/dev/null || { echo "test-kubernetes: $program is not there (Debian: kubernetes-client, openssl)"; exit 1; }
done
mkdir -p "$home" "$bin"
for one in kube-apiserver kube-controller-manager; do
  [ -x "$bin/$one" ] || {
    echo "test-kubernetes: building $bin/$one"
    (cd scripts/kubernetes && nice -n 19 "$go" build -trimpath -ldflags '-s -w' -o "$bin/$one" "./$one")
  }
done
etcd=$home/root/usr/bin/etcd
if [ ! -x "$etcd" ]; then
  mkdir -p "$home/root" "$home/packages"
  (cd "$home/packages" && { apt-get download -qq etcd-server || { apt-get update -qq && apt-get download -qq etcd-server; }; }) \
    >"$home/apt.log" 2>&1 || { cat "$home/apt.log"; exit 1; }
  dpkg -x "$home"/packages/etcd-server_*.deb "$home/root"
  rm -r "$home/packages"
fi
crds=$(GO="$go" scripts/crds.sh)

work=$(mktemp -d "$home/run.XXXXXX")
cd "$work"
daemons=()
end_all() {
  local status=$? i
  trap '' INT TERM HUP
  [ "$status" = 0 ] || tail -n 20 "$work"/*.log
  for ((i = ${#daemons[@]} - 1; i >= 0; i--)); do
    kill -TERM "${daemons[i]}" 2>/dev/null || true
    wait "${daemons[i]}" 2>/dev/null || true
  done
  cd "$home"
  rm -rf "$work"
}
trap end_all EXIT

fail() { echo "test-kubernetes: $*"; exit 1; }

start_kubernetes() {
  local ports
  read -r -a ports < <("$python" -c 'import socket
s = [socket.socket() for _ in range(3)]
for x in s: x.bind(("127.0.0.1", 0))
print(*[x.getsockname()[1] for x in s])')
  local client=http://127.0.0.1:${ports[0]} peer=http://127.0.0.1:${ports[1]} server=https://127.0.0.1:${ports[2]}
  "$etcd" --data-dir "$work/etcd" --listen-client-urls "$client" --advertise-client-urls "$client" --listen-peer-urls "$peer" \
    --initial-advertise-peer-urls "$peer" --initial-cluster "default=$peer" >etcd.log 2>&1 &
  daemons+=($!)
  openssl genrsa -out service.key 2048 2>/dev/null
  local token
  token=$(openssl rand -hex 16)
  (umask 077 && echo "$token,admin,1,system:masters" >tokens)
  "$bin/kube-apiserver" --etcd-servers "$client" --bind-address 127.0.0.1 --secure-port "${ports[2]}" --cert-dir "$work/certificates" \
    --service-account-issuer https://test --service-account-key-file service.key --service-account-signing-key-file service.key \
    --token-auth-file tokens --authorization-mode AlwaysAllow --disable-admission-plugins ServiceAccount \
    --service-cluster-ip-range 10.0.0.0/24 >apiserver.log 2>&1 &
  daemons+=($!)
  export KUBECONFIG=$work/config
  within 30 test -s certificates/apiserver.crt
  kubectl config set-cluster test --server "$server" --certificate-authority "$work/certificates/apiserver.crt" --embed-certs >/dev/null
  kubectl config set-credentials admin --token "$token" >/dev/null
  kubectl config set-context test --cluster test --user admin >/dev/null
  kubectl config use-context test >/dev/null
  within 60 kubectl get --raw /readyz
  "$bin/kube-controller-manager" --kubeconfig "$KUBECONFIG" --controllers job-controller --leader-elect=false --secure-port 0 >controllers.log 2>&1 &
  daemons+=($!)
  within 30 kubectl get namespace default
  local crd
  for crd in $crds; do kubectl apply --server-side -f "$crd" >/dev/null; done
  kubectl wait --for=condition=Established crd --all --timeout=30s >/dev/null
}

asks() { kubectl apply --dry-run=server --validate=strict -f "$1"; }

# refused MANIFEST SED: the manifest with that change is not taken.
refused() {
  local said
  sed "$2" "$manifests/$1.yaml" >changed.yaml
  ! cmp -s changed.yaml "$manifests/$1.yaml" || fail "$2 changes nothing in $1.yaml"
  if said=$(asks changed.yaml 2>&1); then fail "$1.yaml is taken after $2"; fi
  echo "refused: $1.yaml after $2: $(tail -n 1 <<<"$said" | grep -o '.\{1,100\}$')"
}

test_manifests() {
  local one
  for one in "$manifests"/*.yaml; do
    asks "$one"
    sed -E 's/^( *)# (.*) # with Kueue.*$/\1\2/' "$one" >with-kueue.yaml # as the comments say
    ! cmp -s "$one" with-kueue.yaml || fail "$one says nothing of Kueue"
    asks with-kueue.yaml >/dev/null
  done
  refused job s/podReplacementPolicy/podReplacmentPolicy/
  refused job-ranks s/completionMode/completionMod/
  refused jobset s/restartStrategy/restartStratgy/
  refused mpijob s/launcherCreationPolicy/launcherCreatonPolicy/
  refused trainjob s/numNodes/numNode/
  # Wrong values, and rules between fields.
  refused job-ranks 's/restartPolicy: Never/restartPolicy: OnFailure/'
  refused job-ranks 's/action: Count/action: Recount/'
  refused job-ranks 's/values: \[6\]/values: [0]/'
  refused jobset 's/action: FailJobSet/action: FailAll/'
  refused jobset 's/onJobFailureReasons/onJobFailureReason/'
  refused mpijob 's/mpiImplementation: OpenMPI/mpiImplementation: LAM/'
  refused trainjob 's/kind: TrainingRuntime/knd: TrainingRuntime/'
}

of_job() { kubectl get job "$1" -o "jsonpath={$2}"; }

# pod_of JOB INDEX: the pod of that rank that has not ended; nothing if there is none.
pod_of() {
  kubectl get pods -l "batch.kubernetes.io/job-name=$1,batch.kubernetes.io/job-completion-index=$2" \
    --field-selector status.phase=Pending -o 'jsonpath={.items[*].metadata.name}'
}

# ends JOB INDEX CODE [CONDITION]: the container of that rank ends with the code, and the pod has that condition.
ends() {
  local pod conditions='' container
  pod=$(pod_of "$1" "$2")
  [ -n "$pod" ] || fail "rank $2 of $1 has no pod"
  [ -z "${4:-}" ] || conditions='"conditions": [{"type": "'$4'", "status": "True", "lastTransitionTime": "2026-01-01T00:00:00Z"}],'
  container=$(kubectl get pod "$pod" -o 'jsonpath={.spec.containers[0].name}')
  kubectl patch pod "$pod" --subresource status --type merge -p '{"status": {"phase": "Failed", '"$conditions"' "containerStatuses": [{
    "name": "'"$container"'", "image": "udml-gpu", "imageID": "", "ready": false, "restartCount": 0,
    "state": {"terminated": {"exitCode": '"$3"', "reason": "Error"}}}]}}' >/dev/null
  ended=$pod
}

# replaced JOB INDEX: another pod has taken the place of the one that ended last.
replaced() {
  local pod
  pod=$(pod_of "$1" "$2")
  [ -n "$pod" ] && [ "$pod" != "$ended" ]
}

failures() { [ "$(of_job "$1" .status.failed)" = "${2#0}" ]; }

test_job() {
  local job=udml i
  kubectl create -f "$manifests/job-ranks.yaml"
  for i in 0 1 2 3; do within 30 eval "[ -n \"\$(pod_of $job $i)\" ]"; done
  i=$(kubectl get pod "$(pod_of $job 0)" -o 'jsonpath={.spec.hostname}.{.spec.subdomain}')
  grep -q "value: $i:29400" "$manifests/job-ranks.yaml" || fail "rank 0 is $i, which UDML_MASTER does not say"
  ends $job 2 75
  within 60 replaced $job 2
  failures $job 0 || fail "code 75 is counted"
  ends $job 0 137 DisruptionTarget
  within 60 replaced $job 0
  failures $job 0 || fail "an evicted pod is counted"
  ends $job 1 6
  within 60 replaced $job 1
  failures $job 1 || fail "code 6 is not counted once: $(of_job $job .status.failed)"
  ends $job 3 137
  within 120 replaced $job 3
  failures $job 2 || fail "code 137 is not counted"
  ends $job 0 2
  within 60 failed_by $job PodFailurePolicy
  echo "Indexed Job: 75 and evicted pods are replaced and not counted, 6 and 137 are counted, 2 fails the Job:"
  of_job $job '.status.conditions[?(@.type=="Failed")].message'
  echo
}

failed_by() { of_job "$1" '.status.conditions[?(@.type=="Failed")].reason' | grep -qx "$2"; }

# inner MANIFEST NAME: creates the Job that the JobSet or TrainingRuntime of that manifest has a template of, as its controller would.
inner() {
  asks_json "$manifests/$1.yaml" | "$python" -c 'import json, sys
d = json.load(sys.stdin)
d = next((x for x in d.get("items", [d]) if x["kind"] in ("JobSet", "TrainingRuntime")))
spec = d["spec"] if d["kind"] == "JobSet" else d["spec"]["template"]["spec"]
job = spec["replicatedJobs"][0]["template"]["spec"]
job.setdefault("completions", 4), job.setdefault("parallelism", 4)
print(json.dumps({"apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": sys.argv[1]}, "spec": job}))' "$2" | kubectl create -f -
}

asks_json() { kubectl apply --dry-run=server --validate=strict -o json -f "$1"; }

# test_inner MANIFEST: a Job in a JobSet fails by the reason that the JobSet's failurePolicy looks at.
test_inner() {
  local job i
  for i in 6:BackoffLimitExceeded 137:BackoffLimitExceeded 3:PodFailurePolicy; do
    job=$1-${i%:*}
    inner "$1" "$job"
    within 30 eval "[ -n \"\$(pod_of $job 1)\" ]"
    ends "$job" 1 75
    within 60 replaced "$job" 1
    ends "$job" 1 "${i%:*}"
    within 60 failed_by "$job" "${i#*:}"
    kubectl delete job "$job" --wait=false >/dev/null
  done
  echo "$1: 75 is replaced, 6 and 137 end the attempt, 3 fails the Job by its policy"
}

start_kubernetes
echo "test-kubernetes: Kubernetes $(sed -n 's/^\tk8s.io\/kubernetes //p' ../../../scripts/kubernetes/go.mod) is ready after ${SECONDS}s"
test_manifests
test_job
test_inner jobset
test_inner trainjob
echo "test-kubernetes: passed after ${SECONDS}s"
