#!/bin/sh
# udml-mpirun in the image for the MPI operator: mpirun with the same arguments, which ends with the code of its ranks when Kubernetes
# stops the pod. SIGTERM makes mpirun kill its ranks within two seconds; SIGUSR2 it passes on to them, and they save and end with code 75.
mpirun "$@" &
run=$!
told=
trap 'told=1; kill -USR2 "$run" 2>/dev/null' TERM
while :; do
  wait "$run"
  code=$?
  kill -0 "$run" 2>/dev/null || break # otherwise the signal has interrupted the wait
done
# A signal that comes before the ranks have started makes mpirun end with 0, as if the run were finished. One that is finished says so
# again when it is started again.
[ -z "$told" ] || [ "$code" != 0 ] || code=75
exit "$code"
