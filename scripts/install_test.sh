#!/bin/sh
# Checks what `make install` installs: the program, its licences, man pages and completion scripts, each where it is looked for.
set -eu
cd "$(dirname "$0")/.."
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
make --no-print-directory install DESTDIR="$dir" PREFIX=/opt/udml >/dev/null
at=$dir/opt/udml

wrong() { echo "install_test: $1" >&2; exit 1; }

for f in bin/udml-gpu share/doc/udml-gpu/NOTICE share/man/man1/udml-gpu.1 share/man/man1/udml-gpu-data-scan.1 \
  share/bash-completion/completions/udml-gpu share/zsh/site-functions/_udml-gpu share/fish/vendor_completions.d/udml-gpu.fish; do
  [ -s "$at/$f" ] || wrong "$f is missing"
done
[ "$(find "$dir" -type f | grep -vc "^$at/")" = 0 ] || wrong "there are files outside of PREFIX"
[ "$(head -1 "$at/share/zsh/site-functions/_udml-gpu")" = "#compdef udml-gpu" ] || wrong "zsh does not load its script"
bash -n "$at/share/bash-completion/completions/udml-gpu"
! command -v zsh >/dev/null || zsh -n "$at/share/zsh/site-functions/_udml-gpu"
! command -v fish >/dev/null || fish --no-execute "$at/share/fish/vendor_completions.d/udml-gpu.fish"
if command -v man >/dev/null; then
  for page in "$at"/share/man/man1/*.1; do
    said=$(man --warnings -l "$page" 2>&1 >"$dir/page") || wrong "man cannot show $page: $said"
    [ -z "$said" ] || wrong "man shows $page with faults: $said"
    grep -q NAME "$dir/page" || wrong "man does not show the text of $page"
  done
fi
echo "install_test: $(find "$at" -type f | wc -l) files are where they belong"
