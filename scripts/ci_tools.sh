#!/usr/bin/env bash
# Installs what .ci/run needs besides Go, if missing: Debian packages, and ruff from PyPI. Must run as root to install packages.
set -euo pipefail
PATH=$PATH:/usr/sbin:/sbin # the place of ldconfig, which is not in every user's PATH

# A file or program that shows whether a package is installed, and the package.
WANTED='
libopenblas.so.0   libopenblas0-pthread
libturbojpeg.so.0  libturbojpeg0
libtiff.so.6       libtiff6
libheif.so.1       libheif1
g++                g++
shellcheck         shellcheck
pip3               python3-pip
ensurepip.whl      python3-venv
xz                 xz-utils
chromium           chromium
DejaVuSans.ttf     fonts-dejavu-core
libmpi.so.40       libopenmpi3
libpmix.so         libpmix-dev
'
RUFF=0.17.6

has() {
  case $1 in
    libpmix.so) [ -n "$(find /usr/lib -path '*/pmix2/lib/libpmix.so' 2>/dev/null)" ] ;; # for srun --mpi=pmix
    lib*) ldconfig -p | grep -F "$1 " >/dev/null ;;
    ensurepip.whl) python3 -c 'import ensurepip' 2>/dev/null ;; # for python3 -m venv
    *.ttf) [ -n "$(find /usr/share/fonts -name "$1" 2>/dev/null)" ] ;;
    *) command -v "$1" >/dev/null ;;
  esac
}

missing=()
while read -r shows package; do
  [ -z "$shows" ] || has "$shows" || missing+=("$package")
done <<<"$WANTED"
if [ "${#missing[@]}" -gt 0 ]; then
  echo "ci-tools: installing ${missing[*]}"
  apt-get update -qq
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
fi
command -v ruff >/dev/null || python3 -m ruff --version >/dev/null 2>&1 ||
  python3 -m pip install --quiet --root-user-action=ignore "ruff==$RUFF" ||
  python3 -m pip install --quiet --break-system-packages "ruff==$RUFF"
echo "ci-tools: all there"
