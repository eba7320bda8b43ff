#!/usr/bin/env bash
# Runs deploy/slurm/train.sbatch and, with two tasks, train-ranks.sbatch on a real Slurm: a training is told to stop as at its time limit,
# then preempted by a job of a higher partition, and has to end with the bytes of one process that nobody disturbed. What train-ranks.sbatch
# does with other codes is shown with a stand-in for the program, which ends with them. Slurm comes from Debian's packages, unpacked into build/slurm
# and not installed; it runs on free ports of this machine, without systemd and without control groups, and nothing of it is left.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/daemons.sh
go=${GO:-go}
python=${PYTHON:-python3}
# The packages, and libraries of theirs that are often missing.
packages='slurmctld slurmd slurm-client slurm-wlm-basic-plugins munge libmunge2 libhwloc15 libjson-c5 libnuma1 libyaml-0-2 libdbus-1-3 liblz4-1'
home=$PWD/build/slurm
root=$home/root
script=$PWD/deploy/slurm/train.sbatch
ranks_script=$PWD/deploy/slurm/train-ranks.sbatch

unpack() {
  rm -rf "$root" "$home/packages" "$home/packages.txt"
  mkdir -p "$root" "$home/packages"
  # shellcheck disable=SC2086 # a list
  (cd "$home/packages" && { apt-get download -qq $packages || { apt-get update -qq && apt-get download -qq $packages; }; } 2>"$home/apt.log") ||
    { cat "$home/apt.log"; exit 1; }
  for deb in "$home"/packages/*.deb; do dpkg -x "$deb" "$root"; done
  rm -r "$home/packages"
  echo "$packages" >"$home/packages.txt"
}

mkdir -p "$home"
[ "$(cat "$home/packages.txt" 2>/dev/null)" = "$packages" ] || unpack
"$go" build -o "$home/bin/udml-gpu" ./cmd/udml-gpu

libs=$root/usr/lib/$(dpkg-architecture -qDEB_HOST_MULTIARCH 2>/dev/null || gcc -print-multiarch)
export LD_LIBRARY_PATH=$libs:$libs/slurm-wlm PATH=$home/bin:$root/usr/bin:$root/usr/sbin:$PATH
work=$(mktemp -d "$home/run.XXXXXX")
export SLURM_CONF=$work/slurm.conf
cd "$work"

# inside lists the processes that work in this run's folder, besides this shell.
inside() {
  local p
  for p in /proc/[0-9]*; do
    p=${p#/proc/}
    case $(readlink "/proc/$p/cwd" 2>/dev/null) in
      "$work"*) [ "$p" = $$ ] || [ "$p" = "$BASHPID" ] || echo "$p" ;;
    esac
  done
}

# end_all ends all that was started: first jobs, so that slurmd collects their processes, then the daemons, then whatever is left.
daemons=()
end_all() {
  local status=$? i left
  trap '' INT TERM HUP
  [ "$status" = 0 ] || tail -n 40 "$work"/*.out "$work"/*.log 2>/dev/null || true
  if [ "${#daemons[@]}" -gt 1 ] && timeout 5 scancel --full --signal=KILL --user="$(id -un)" 2>/dev/null; then
    for i in {1..25}; do
      [ -n "$(timeout 5 squeue --noheader 2>/dev/null)" ] || break
      sleep 0.2
    done
  fi
  for i in "${daemons[@]}"; do kill -TERM "$i" 2>/dev/null || true; done
  for i in {1..25}; do
    left=$(inside)
    [ -n "$left" ] || break
    # shellcheck disable=SC2086 # a list
    [ "$i" -lt 20 ] || kill -KILL $left 2>/dev/null || true
    sleep 0.2
  done
  for i in "${daemons[@]}"; do kill -KILL "$i" 2>/dev/null || true; done
  wait
  cd "$home"
  rm -rf "$work"
}
trap end_all EXIT

start_slurm() {
  local ports
  ports=$("$python" -c 'import socket
s = [socket.socket() for _ in range(2)]
for x in s: x.bind(("127.0.0.1", 0))
print(*[x.getsockname()[1] for x in s])')
  mkdir munge state spool
  (umask 077 && head -c 1024 /dev/urandom >munge/key)
  # cred_expire is also how long a requeued job has to wait: 120 seconds by default, 5 at least.
  cat >slurm.conf <<CONF
ClusterName=test
SlurmctldHost=localhost(127.0.0.1)
SlurmctldPort=${ports% *}
SlurmdPort=${ports#* }
SlurmUser=$(id -un)
SlurmdUser=$(id -un)
AuthType=auth/munge
AuthInfo=socket=$work/munge/socket,cred_expire=5
CryptoType=crypto/munge
CredType=cred/munge
MpiDefault=none
PluginDir=$libs/slurm-wlm
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SwitchType=switch/none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
SchedulerType=sched/backfill
SchedulerParameters=bf_interval=1,sched_interval=1,sched_min_interval=0
SlurmdParameters=config_overrides
PreemptType=preempt/partition_prio
PreemptMode=REQUEUE
StateSaveLocation=$work/state
SlurmdSpoolDir=$work/spool
SlurmctldPidFile=$work/slurmctld.pid
SlurmdPidFile=$work/slurmd.pid
ReturnToService=2
KillWait=20
NodeName=localhost NodeAddr=127.0.0.1 CPUs=2 State=UNKNOWN
PartitionName=low Nodes=localhost Default=YES PriorityTier=1 PreemptMode=requeue State=UP
PartitionName=high Nodes=localhost PriorityTier=10 PreemptMode=off State=UP
CONF
  munged --foreground --force --socket="$work/munge/socket" --key-file="$work/munge/key" --pid-file="$work/munge/pid" \
    --seed-file="$work/munge/seed" >munged.log 2>&1 &
  daemons+=($!)
  within 10 munge -S "$work/munge/socket" -n
  slurmctld-wlm -D >slurmctld.log 2>&1 &
  daemons+=($!)
  slurmd-wlm -D -N localhost -d "$root/usr/sbin/slurmstepd-wlm" >slurmd.log 2>&1 &
  daemons+=($!)
  within 20 eval 'sinfo --noheader --format=%t | grep -qx idle'
}

holds() { [ "$(grep -c "$2" "$1")" -ge "${3:-1}" ]; }

# wait_for RUN SECONDS EVENT COUNT: until the run's events.jsonl has so many events of that kind.
wait_for() { within "$2" holds "$1/events.jsonl" "\"event\":\"$3\"" "$4"; }

# submit_ranks NAME FLAG...: two tasks that end as the stand-in's plan in NAME/plan says, a line an attempt: the codes of ranks 0 and 1,
# or "wait", which ends with 75 on SIGTERM or SIGUSR2.
submit_ranks() {
  local name=$1
  shift
  (
    export PATH=$work/stand-in:$PATH
    sbatch --parsable --partition=low --ntasks=2 --ntasks-per-node=2 --cpus-per-task=1 --gpus-per-task=0 --time=10 \
      --output="$work/$name/out" "$@" "$ranks_script" --data x --out "$work/$name"
  )
}

# stand_in makes the program that train-ranks.sbatch starts.
stand_in() {
  mkdir stand-in
  cat >stand-in/udml-gpu <<'SH'
#!/bin/bash
# Called as: udml-gpu train --data x --out DIR --resume-if-any
[ "$1 $2 $4 $6" = "train --data --out --resume-if-any" ] || exit 2
cd "$5" || exit 2
plan=$(sed -n "$((${SLURM_RESTART_COUNT:-0} + 1))p" plan)
echo "attempt ${SLURM_RESTART_COUNT:-0} rank $SLURM_PROCID of $SLURM_STEP_NUM_TASKS" >>"started-$SLURM_PROCID"
read -r -a codes <<<"$plan"
code=${codes[$SLURM_PROCID]}
[ "$code" = wait ] || { sleep "0.$((5 * SLURM_PROCID))"; exit "$code"; }
trap 'sleep 0.2; exit 75' TERM USR2
for _ in {1..600}; do sleep 0.1; done
SH
  chmod +x stand-in/udml-gpu
}

# attempts NAME: how often both ranks of that job have begun.
attempts() {
  cmp -s <(cut -d' ' -f1,2 "$1/started-0") <(cut -d' ' -f1,2 "$1/started-1") || { echo "ranks began differently often"; return 1; }
  wc -l <"$1/started-0"
}

test_ranks() {
  local one
  stand_in
  mkdir ranks-{through,final,bounded,preempted}
  # Another rank is gone, killed, saved: each time again, until all is done.
  printf '%s\n' '6 6' '6 137' '75 75' '0 0' >ranks-through/plan
  job=$(submit_ranks ranks-through)
  within 90 job_says JobState=COMPLETED
  [ "$(attempts ranks-through)" = 4 ]
  job_says Restarts=3
  grep -qx 'attempt 3 rank 1 of 2' ranks-through/started-1
  # A final code is not tried again.
  echo '3 3' >ranks-final/plan
  job=$(MPI=none submit_ranks ranks-final)
  within 60 job_says JobState=FAILED
  [ "$(attempts ranks-final)" = 1 ]
  job_says ExitCode=3:0
  # Nor more often than MAX_RESTARTS.
  printf '%s\n' '75 75' '75 75' '75 75' >ranks-bounded/plan
  job=$(MAX_RESTARTS=1 submit_ranks ranks-bounded)
  within 60 job_says JobState=FAILED
  [ "$(attempts ranks-bounded)" = 2 ]
  grep -q 'not requeued: this was restart 1' ranks-bounded/out
  # The signal before the time limit reaches all ranks, and preemption too.
  printf '%s\n' 'wait wait' 'wait wait' '0 0' >ranks-preempted/plan
  job=$(submit_ranks ranks-preempted)
  within 60 test -e ranks-preempted/started-1
  sleep 1
  scancel --signal=TERM "$job"
  within 60 holds ranks-preempted/started-1 attempt 2
  sleep 1
  sbatch --parsable --partition=high --exclusive --output="$work/high2.out" --wrap 'sleep 1' >/dev/null
  within 60 job_says JobState=COMPLETED
  [ "$(attempts ranks-preempted)" = 3 ]
  job_says Restarts=2
  grep -q 'code 75, the highest' ranks-preempted/out
  for one in ranks-*/out; do grep -H 'ended with' "$one"; done | sed 's/train-ranks.sbatch: //'
  echo "test-slurm: two tasks were requeued after codes 75, 6 and 137, not after 3, after ${SECONDS}s"
}

job_says() { scontrol show job "$job" | grep -q "$1"; }

export GOMAXPROCS=2 # so that training takes some seconds on a large machine too
settings=(--demo --demo-classes 12 --backbone conv4 --channels 1 --invert --batch 120 --clusters 16 --epochs 20 --eval-every 0
  --checkpoint-every 100 --labels none --device cpu --shards 2)

start_slurm
echo "test-slurm: Slurm $(sinfo --version | cut -d' ' -f2) runs after ${SECONDS}s"
test_ranks
# submit NAME submits a training into the folder of that name.
submit() {
  sbatch --parsable --partition=low --cpus-per-task=2 --gres=none --time=10 --output="$work/$1.out" "$script" "${settings[@]}" --out "$work/$1"
}

# disturb RUN: the job that trains it is stopped, preempted, and has to end well.
disturb() {
  wait_for "$1" 120 evaluation 1
  # As at the time limit: the program alone gets the signal, and the script puts the job back into the queue.
  scancel --signal=TERM "$job"
  wait_for "$1" 120 resume 1
  echo "test-slurm: $1 was stopped, requeued by the script and continued after ${SECONDS}s"
  sbatch --parsable --partition=high --exclusive --output="$work/$1-high.out" --wrap 'echo high runs' >/dev/null
  wait_for "$1" 60 stop 2
  within 60 grep -q 'high runs' "$1-high.out"
  wait_for "$1" 120 resume 2
  echo "test-slurm: $1 was preempted, requeued by Slurm and continued after ${SECONDS}s"
  wait_for "$1" 300 finish 1
  within 20 job_says JobState=COMPLETED
  job_says Restarts=2
  [ "$(grep -c '"event":"stop".*is saved' "$1/events.jsonl")" = 2 ] || { echo "test-slurm: $1 was not stopped twice and saved"; exit 1; }
}
job=$(submit run)
disturb run
train=$job
job=$(sbatch --parsable --partition=low --ntasks=2 --ntasks-per-node=2 --cpus-per-task=1 --gpus-per-task=0 --time=10 \
  --output="$work/ranks.out" "$ranks_script" "${settings[@]}" --out "$work/ranks")
disturb ranks
grep -q '2 ranks, started by srun, over TCP' ranks.out

# test_pmix trains with srun --mpi=pmix and MPI. Slurm's plugin looks for the PMIx library where Debian installs it, not where it is unpacked.
test_pmix() {
  local at
  at=/usr/lib/$(basename "$libs")/pmix2/lib/libpmix.so
  if [ ! -e "$at" ] || ! "$python" -c 'import ctypes; ctypes.CDLL("libmpi.so.40")' 2>/dev/null; then
    echo "test-slurm: --mpi=pmix: NOT RUN: it needs Debian's libpmix-dev and libopenmpi3 to be installed"
    [ "${UDML_STRICT_SKIPS:-}" != 1 ] || exit 1
    return
  fi
  job=$(MPI=pmix sbatch --parsable --partition=low --ntasks=2 --ntasks-per-node=2 --cpus-per-task=1 --gpus-per-task=0 --time=10 \
    --output="$work/pmix.out" "$ranks_script" "${settings[@]}" --out "$work/pmix")
  within 120 job_says JobState=COMPLETED
  grep -o '2 ranks, started by srun, over Open MPI [^:]*' pmix.out
  same="$same pmix"
}

udml-gpu train "${settings[@]}" --out "$work/whole" >whole.txt 2>&1 &
whole=$!

# A job that its user cancels saves too, and does not come back.
job=$(submit gone)
within 120 grep -q '"event":"evaluation"' gone/events.jsonl
scancel "$job"
within 60 job_says JobState=CANCELLED
within 60 grep -q '"event":"stop".*is saved' gone/events.jsonl
within 60 eval '! squeue --noheader | grep -q .'
job_says Restarts=0

wait "$whole" # unlike a command in the foreground it lets a signal end this script
same='run ranks'
test_pmix
for one in $same; do
  cmp "$one/checkpoints/last/model.safetensors" whole/checkpoints/last/model.safetensors
  cmp "$one/metrics.jsonl" whole/metrics.jsonl
done
grep -o 'stopped by a signal; .* is saved' run.out
echo "test-slurm: job $train, and one of two ranks, ended with the bytes of an undisturbed run; job $job stayed cancelled; after ${SECONDS}s"
