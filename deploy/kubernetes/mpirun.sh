#!/bin/sh
# udml-mpirun in the image for the MPI operator: mpirun with the same arguments, which ends with the code of its ranks when Kubernetes
# stops the pod. SIGTERM makes mpirun kill its ranks within two seconds; SIGUSR2 it passes on to them, and they save and end with code 75.
mpirun "$@" &
run=$!
trap 'kill -USR2 "$run" 2>/dev/null' TERM
while :; do
  wait "$run"
  code=$?
  kill -0 "$run" 2>/dev/null || break # otherwise the signal has interrupted the wait
done
exit "$code"
